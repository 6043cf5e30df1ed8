//! Answers that differ too much from the others of their layer, such as those of an agent that lies.
//!
//! # Source
//! Clustering and filtering the proposals against deceptive agents (arXiv:2503.05856); here by shared words, so that no further
//! model is needed. A lie in the words of the others is not found.

use crate::similarity::agreements;

/// A text is an outlier when it agrees with the others less than this share of what the median text does.
const SHARE_OF_MEDIAN: f64 = 0.5;

/// Below this many texts nobody can say which one is the odd one out.
const FEWEST: usize = 3;

/// The places of the outliers of `texts`: never half of them or more, and never so many that fewer than `keep` are left.
pub(crate) fn outliers(texts: &[&str], keep: usize) -> Vec<usize> {
    if texts.len() < FEWEST {
        return Vec::new();
    }
    let agreements = agreements(texts);
    let mut sorted = agreements.clone();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let mut odd: Vec<usize> = (0..texts.len())
        .filter(|place| agreements.get(*place).is_some_and(|agrees| *agrees < median * SHARE_OF_MEDIAN))
        .collect();
    let most = ((texts.len() - 1) / 2).min(texts.len().saturating_sub(keep));
    odd.sort_by(|one, other| {
        let of = |place: &usize| agreements.get(*place).copied().unwrap_or(0.0);
        of(one).total_cmp(&of(other))
    });
    odd.truncate(most);
    odd.sort_unstable();
    odd
}

#[cfg(test)]
#[path = "outlier_tests.rs"]
mod tests;
