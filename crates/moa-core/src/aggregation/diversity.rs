//! The answers that differ most from each other, without those that nobody agrees with.

use super::candidate::{Candidate, Standings};
use super::choosing::Ranked;
use crate::outlier::outliers;
use crate::similarity::WordProfile;

/// Ranks the candidates so that the first k of them say as much different as possible: it begins with the one that stands best, and always
/// takes next the one whose words are least like those of all that were taken. Answers that were cut short, and those that differ too much
/// from all others, come last, because different is not good by itself.
pub(super) fn diversity(candidates: &[Candidate<'_>], standings: &Standings<'_>) -> Ranked {
    let texts: Vec<&str> = candidates.iter().map(|candidate| candidate.text).collect();
    let profiles: Vec<WordProfile> = texts.iter().map(|text| WordProfile::of(text)).collect();
    let odd = outliers(&texts, 1);
    let is_good = |place: usize| {
        candidates.get(place).is_some_and(|candidate| candidate.is_whole) && !odd.contains(&place)
    };
    let alike = |one: usize, other: usize| match (profiles.get(one), profiles.get(other)) {
        (Some(one), Some(other)) => one.similarity(other),
        _ => 0.0,
    };
    let (mut order, mut likeness) = (Vec::new(), vec![0.0_f64; candidates.len()]);
    let (mut left, mut bad): (Vec<usize>, Vec<usize>) =
        (0..candidates.len()).partition(|place| is_good(*place));
    while let Some(next) = next(&left, &likeness, standings) {
        left.retain(|place| *place != next);
        order.push(next);
        for place in &left {
            if let Some(most) = likeness.get_mut(*place) {
                *most = most.max(alike(*place, next));
            }
        }
    }
    bad.sort_by(|one, other| standings.compare(*one, *other));
    let aside = bad.len();
    order.extend(bad);
    let mut reason = "these differ most from each other".to_owned();
    if aside > 0 {
        reason = format!(
            "{reason}; {aside} of {} were cut short or differ too much from all others",
            candidates.len()
        );
    }
    // More is better: how much of a text is in none that was taken before it.
    let seen = likeness.iter().map(|likeness| (None, Some(1.0 - likeness))).collect();
    Ranked { order, reason, tie: false, seen }
}

/// The place that is least like what was taken; of equal ones the one that stands best.
fn next(left: &[usize], likeness: &[f64], standings: &Standings<'_>) -> Option<usize> {
    let of = |place: usize| likeness.get(place).map_or(0.0, |likeness| (likeness * 1e9).round());
    left.iter()
        .copied()
        .min_by(|one, other| of(*one).total_cmp(&of(*other)).then_with(|| standings.compare(*one, *other)))
}
