//! Which proposal stands in for an aggregator that failed.

use crate::similarity::agreements;

/// The place of the best of `proposals`, of which it is said whether they are whole: a whole one before one that was cut short, then the one that agrees most with the others,
/// then the first. The same for the same proposals, whoever finished first.
pub(crate) fn best(proposals: &[(bool, &str)]) -> Option<usize> {
    let texts: Vec<&str> = proposals.iter().map(|(_, text)| *text).collect();
    let agreements = agreements(&texts);
    let rank = |place: &usize| {
        let whole = proposals.get(*place).is_some_and(|(is_whole, _)| *is_whole);
        (whole, agreements.get(*place).copied().unwrap_or(0.0))
    };
    // Of equal ones `max_by` would take the last.
    (0..proposals.len()).rev().max_by(|one, other| {
        let ((one_whole, one_agrees), (other_whole, other_agrees)) = (rank(one), rank(other));
        one_whole.cmp(&other_whole).then(one_agrees.total_cmp(&other_agrees))
    })
}

#[cfg(test)]
#[path = "ranking_tests.rs"]
mod tests;
