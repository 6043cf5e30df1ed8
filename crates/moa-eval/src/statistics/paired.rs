//! Two systems on the same items.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Bootstrap, Estimate, McNemar, mcnemar};
use crate::EvalError;

/// What a system got for one attempt at an item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemScore {
    /// The item. Several attempts at one item form a group.
    pub item: String,
    /// The score; nothing where the answer or the judgment was invalid.
    pub score: Option<f64>,
}

/// How the second system does beside the first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Paired {
    /// Items on which the second system has the higher mean score.
    pub wins: usize,
    /// Items with equal mean scores.
    pub ties: usize,
    /// Items on which the first system has the higher mean score.
    pub losses: usize,
    /// Items that both attempted and where one of them has no valid score. They count nowhere else.
    pub invalid: usize,
    /// Items that only one of them attempted. They count nowhere else.
    pub unpaired: usize,
    /// The mean difference of the items' scores, second minus first.
    pub difference: Estimate,
    /// Mc Nemar's test, where every score is 0 or 1 and each item was attempted once.
    pub mcnemar: Option<McNemar>,
}

/// Compares two systems item by item.
///
/// An invalid answer is no wrong one here: whoever wants it to be gives it the score 0.
///
/// # Errors
///
/// Where no item has valid scores of both, or the bootstrap's options make no sense.
pub fn compare(
    first: &[ItemScore],
    second: &[ItemScore],
    bootstrap: &Bootstrap,
) -> Result<Paired, EvalError> {
    let (first, second) = (by_item(first), by_item(second));
    let both: Vec<(&Attempts, &Attempts)> =
        first.iter().filter_map(|(item, attempts)| Some((attempts, second.get(item)?))).collect();
    let unpaired = first.len() + second.len() - 2 * both.len();
    let valid: Vec<(f64, f64)> =
        both.iter().filter_map(|(first, second)| Some((first.mean()?, second.mean()?))).collect();
    let differences: Vec<f64> = valid.iter().map(|(first, second)| second - first).collect();
    let is_binary = both.iter().all(|(first, second)| first.is_binary() && second.is_binary());
    let count = |wanted: fn(&f64) -> bool| differences.iter().filter(|difference| wanted(difference)).count();
    let (wins, losses) = (count(|difference| *difference > 0.0), count(|difference| *difference < 0.0));
    Ok(Paired {
        wins,
        ties: valid.len() - wins - losses,
        losses,
        invalid: both.len() - valid.len(),
        unpaired,
        difference: bootstrap.mean(differences.chunks(1))?,
        mcnemar: is_binary.then(|| mcnemar(losses, wins)),
    })
}

/// The attempts of one system at one item.
#[derive(Default)]
struct Attempts {
    valid: Vec<f64>,
    invalid: usize,
}

impl Attempts {
    /// The mean score; nothing where any attempt is invalid.
    fn mean(&self) -> Option<f64> {
        (self.invalid == 0 && !self.valid.is_empty()).then(|| crate::count::mean(&self.valid))
    }

    fn is_binary(&self) -> bool {
        self.valid.len() + self.invalid == 1 && self.valid.iter().all(|score| [0.0, 1.0].contains(score))
    }
}

fn by_item(scores: &[ItemScore]) -> BTreeMap<&str, Attempts> {
    let mut items: BTreeMap<&str, Attempts> = BTreeMap::new();
    for score in scores {
        let attempts = items.entry(&score.item).or_default();
        match score.score {
            Some(value) => attempts.valid.push(value),
            None => attempts.invalid += 1,
        }
    }
    items
}
