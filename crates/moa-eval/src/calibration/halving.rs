//! Successive halving: many candidates on a few items, half as many on twice the items, until the few that are left have seen all.
//!
//! # Source
//! Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", arXiv:1502.07943.

use std::cmp::Ordering;

/// Fewer items than this tell no candidates apart.
const FEWEST_ITEMS: usize = 8;

/// How many items each round has, out of so many: twice as many each time, all of them in the last one.
#[must_use]
pub fn rounds(items: usize) -> Vec<usize> {
    let mut rounds = vec![items];
    while let Some(half) = rounds.last().map(|last| last.div_ceil(2)).filter(|half| *half >= FEWEST_ITEMS) {
        rounds.push(half);
    }
    rounds.reverse();
    rounds
}

/// The better half of the candidates, but no fewer than `fewest`, in the order of how they did: more right answers first, of equals
/// whatever `cheaper` puts first.
pub fn survivors(
    candidates: &[(usize, usize)],
    fewest: usize,
    cheaper: impl Fn(usize, usize) -> Ordering,
) -> Vec<usize> {
    let mut ranked = candidates.to_vec();
    ranked.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| cheaper(one.0, other.0)));
    ranked.truncate(ranked.len().div_ceil(2).max(fewest));
    ranked.into_iter().map(|(candidate, _)| candidate).collect()
}

/// What trying so many candidates in these rounds takes, in runs of one candidate on one item; later rounds keep what earlier ones asked.
#[must_use]
pub fn runs(candidates: usize, rounds: &[usize], fewest: usize) -> usize {
    let (mut left, mut before, mut runs) = (candidates, 0, 0);
    for items in rounds {
        runs += left * items.saturating_sub(before);
        before = *items;
        left = left.div_ceil(2).max(fewest).min(left);
    }
    runs
}

#[cfg(test)]
#[path = "halving_tests.rs"]
mod tests;
