//! The order in which a model puts the answers, from what it was asked and what it replied.

use serde::{Deserialize, Serialize};

use super::agreement::number;
use super::candidate::Standings;
use super::choosing::{Ranked, Reply};

/// The most answers that are compared with each other: the number of pairs grows with the square.
pub(crate) const MOST_RANKED: usize = 12;

/// How answers are ranked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RankMethod {
    /// All at once, in the agents' order and in the opposite one: two calls.
    #[default]
    Listwise,
    /// Each pair by itself and both ways round; whoever wins both ways is better, anything else is a draw: n (n - 1) calls.
    Pairwise,
}

/// A question about the answers: the places of those that were shown, in the order of their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) places: Vec<usize>,
}

impl RankMethod {
    /// What is to be asked about `count` answers.
    pub(crate) fn questions(self, count: usize) -> Vec<Shown> {
        match self {
            Self::Listwise => both_ways(count),
            Self::Pairwise => {
                let places =
                    |one: usize| (0..count).filter(move |other| *other != one).map(move |o| (one, o));
                (0..count).flat_map(places).map(|(one, other)| Shown { places: vec![one, other] }).collect()
            }
        }
    }

    /// Ranks `count` answers by the replies; a question without a usable reply says nothing.
    pub(super) fn ranked(self, count: usize, replies: &[Reply], standings: &Standings<'_>) -> Ranked {
        let (scores, readable) = match self {
            Self::Listwise => listwise(count, replies),
            Self::Pairwise => pairwise(count, replies),
        };
        ranked(&scores, readable, replies.len(), standings)
    }
}

/// All answers in the agents' order, and in the opposite one.
pub(crate) fn both_ways(count: usize) -> Vec<Shown> {
    vec![Shown { places: (0..count).collect() }, Shown { places: (0..count).rev().collect() }]
}

/// Points by place in each reply: the first of n gets n - 1, the last none; who is not named shares what is left.
fn listwise(count: usize, replies: &[Reply]) -> (Vec<f64>, usize) {
    let mut scores = vec![0.0; count];
    let named = |(shown, reply): &Reply| -> Vec<usize> {
        reply.as_deref().map(|reply| order_in(reply, shown.places.len())).unwrap_or_default()
    };
    let named: Vec<Vec<usize>> = replies.iter().map(named).collect();
    let readable = named.iter().filter(|named| !named.is_empty()).count();
    if is_of_places(replies, &named) {
        return (scores, readable);
    }
    for ((shown, _), named) in replies.iter().zip(&named) {
        if named.is_empty() {
            continue;
        }
        let left = number(shown.places.len().saturating_sub(named.len()).saturating_sub(1)) / 2.0;
        for (place_shown, place) in shown.places.iter().enumerate() {
            let points = match named.iter().position(|named| *named == place_shown) {
                Some(rank) => number(shown.places.len() - 1 - rank),
                None => left,
            };
            if let Some(score) = scores.get_mut(*place) {
                *score += points;
            }
        }
    }
    (scores, readable)
}

/// Whether a judge that was asked in two orders has named the same numbers in both although another answer had the first of them: it went by
/// the places, and whoever stands at such a place would gain by it. The middle one of an odd number has the same number in both orders, and
/// may have been meant.
pub(super) fn is_of_places(replies: &[Reply], named: &[Vec<usize>]) -> bool {
    let ([(one, _), (other, _)], [first, second]) = (replies, named) else { return false };
    let best = |shown: &Shown| first.first().and_then(|number| shown.places.get(*number).copied());
    first == second && best(one) != best(other)
}

/// A point for each opponent that is beaten both ways, half a point for a draw.
fn pairwise(count: usize, replies: &[Reply]) -> (Vec<f64>, usize) {
    let verdict = |one: usize, other: usize| {
        let asked = replies.iter().find(|(shown, _)| shown.places == [one, other]);
        let reply = asked.and_then(|(_, reply)| reply.as_deref())?;
        match number_in(reply, 0..=2)? {
            1 => Some(Some(one)),
            2 => Some(Some(other)),
            _ => Some(None),
        }
    };
    let mut scores = vec![0.0; count];
    let mut readable = 0;
    for one in 0..count {
        for other in one + 1..count {
            let (there, back) = (verdict(one, other), verdict(other, one));
            readable += usize::from(there.is_some()) + usize::from(back.is_some());
            let winner = there.flatten().filter(|winner| back.flatten() == Some(*winner));
            for place in [one, other] {
                if let Some(score) = scores.get_mut(place) {
                    *score += match winner {
                        Some(winner) if winner == place => 1.0,
                        Some(_) => 0.0,
                        None => 0.5,
                    };
                }
            }
        }
    }
    (scores, readable)
}

/// The ranking by points.
pub(super) fn ranked(scores: &[f64], readable: usize, asked: usize, standings: &Standings<'_>) -> Ranked {
    let score = |place: usize| scores.get(place).copied().unwrap_or(0.0);
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|one, other| {
        score(*other).total_cmp(&score(*one)).then_with(|| standings.compare(*one, *other))
    });
    let best = order.first().copied().map_or(0.0, score);
    let equals = scores.iter().filter(|score| score.total_cmp(&best).is_eq()).count();
    let understood = if readable == asked {
        String::new()
    } else {
        format!("; {readable} of {asked} replies could be read")
    };
    let reason = match (readable, equals) {
        (0, _) => "no reply of the judge could be read; this one agrees most with the others by its words"
            .to_owned(),
        (_, 1) => format!("the judge gives it {best} points{understood}"),
        _ => format!("the judge gives {equals} answers {best} points each{understood}"),
    };
    let seen = scores.iter().map(|score| (None, (readable > 0).then_some(*score))).collect();
    Ranked { order, reason, tie: readable == 0 || equals > 1, seen }
}

/// The places that a reply names, best first, each once: of its last line with `>`, or of all of it.
fn order_in(reply: &str, count: usize) -> Vec<usize> {
    let line = reply.lines().rev().find(|line| line.contains('>') && numbers_in(line).next().is_some());
    let mut named = Vec::new();
    for number in numbers_in(line.unwrap_or(reply)) {
        let place = number.checked_sub(1).filter(|place| *place < count);
        named.extend(place.filter(|place| !named.contains(place)));
    }
    named
}

/// The number within `range` that a reply comes to: the one that it begins with, or else its last one.
pub(crate) fn number_in(reply: &str, range: std::ops::RangeInclusive<usize>) -> Option<usize> {
    let is_frame = |c: char| !c.is_alphanumeric();
    let begins = reply.trim_start_matches(is_frame).starts_with(|c: char| c.is_ascii_digit());
    let mut within = numbers_in(reply).filter(|number| range.contains(number));
    if begins { within.next() } else { within.last() }
}

/// The whole numbers of a text that are not part of a word.
fn numbers_in(text: &str) -> impl Iterator<Item = usize> {
    text.split(|c: char| !c.is_alphanumeric()).filter_map(|word| word.parse().ok())
}
