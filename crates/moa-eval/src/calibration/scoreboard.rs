//! What every candidate made of every item that it was asked.

use std::collections::BTreeMap;

use moa_core::Certainty;
use serde::Serialize;

use super::candidate::Candidate;
use super::expense::Expense;
use crate::statistics::{Bootstrap, Estimate, Interval, ItemScore, compare, wilson};
use crate::{EvalError, count};

/// The level of confidence of the interval of a share.
pub(super) const CONFIDENCE: f64 = 0.95;

/// What came of an item.
#[derive(Debug, Clone)]
pub(super) struct Scored {
    pub(super) is_right: bool,
    pub(super) is_cut_off: bool,
    pub(super) expense: Expense,
    pub(super) certainty: Option<Certainty>,
    pub(super) agreement: Option<f64>,
    pub(super) stopped_early: bool,
}

/// A share of right answers, with what a reader needs to believe it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// Right answers; what holds nothing that could be marked is not right.
    pub right: usize,
    /// Items.
    pub n: usize,
    /// The share.
    pub accuracy: f64,
    /// Wilson's interval, with 95 % confidence.
    pub interval: Interval,
}

impl Share {
    /// Nothing of no items.
    #[must_use]
    pub fn of(right: usize, n: usize) -> Option<Self> {
        let interval = wilson(right, n, CONFIDENCE).ok()?;
        Some(Self { right, n, accuracy: count::as_f64(right) / count::as_f64(n), interval })
    }
}

/// Candidates, and what came of the items that they were asked.
#[derive(Debug, Default)]
pub(super) struct Scoreboard {
    pub(super) rows: Vec<Row>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) candidate: Candidate,
    /// By the places of the items.
    pub(super) scored: BTreeMap<usize, Scored>,
}

impl Scoreboard {
    /// Adds candidates; gives their places. One that is there already keeps its place.
    pub(super) fn add(&mut self, candidates: impl IntoIterator<Item = Candidate>) -> Vec<usize> {
        let mut places = Vec::new();
        for candidate in candidates {
            let known = self.rows.iter().position(|row| row.candidate.name == candidate.name);
            places.push(known.unwrap_or_else(|| {
                self.rows.push(Row { candidate, scored: BTreeMap::new() });
                self.rows.len() - 1
            }));
        }
        places
    }

    pub(super) fn row(&self, place: usize) -> Option<&Row> {
        self.rows.get(place)
    }

    pub(super) fn keep(&mut self, place: usize, item: usize, scored: Scored) {
        if let Some(row) = self.rows.get_mut(place) {
            row.scored.insert(item, scored);
        }
    }

    pub(super) fn has(&self, place: usize, item: usize) -> bool {
        self.row(place).is_some_and(|row| row.scored.contains_key(&item))
    }

    pub(super) fn has_all(&self, place: usize, items: &[usize]) -> bool {
        items.iter().all(|item| self.has(place, *item))
    }

    pub(super) fn is_right(&self, place: usize, item: usize) -> Option<bool> {
        Some(self.row(place)?.scored.get(&item)?.is_right)
    }

    /// Right answers among those items that the candidate was asked.
    pub(super) fn right(&self, place: usize, items: &[usize]) -> usize {
        items.iter().filter(|item| self.is_right(place, **item) == Some(true)).count()
    }

    /// The share of right answers among those items that the candidate was asked.
    pub(super) fn share(&self, place: usize, items: &[usize]) -> Option<Share> {
        let asked = items.iter().filter(|item| self.has(place, **item)).count();
        Share::of(self.right(place, items), asked)
    }

    /// The mean over those items that the candidate was asked.
    pub(super) fn expense(&self, place: usize, items: &[usize]) -> Expense {
        let Some(row) = self.row(place) else { return Expense::default() };
        let (mut sum, mut asked) = (Expense::default(), 0_usize);
        for scored in items.iter().filter_map(|item| row.scored.get(item)) {
            sum += scored.expense;
            asked += 1;
        }
        if asked == 0 { sum } else { sum.times(1.0 / count::as_f64(asked)) }
    }

    /// The difference of the shares of right answers, the second minus the first, over the items that both were asked.
    pub(super) fn difference(
        &self,
        first: usize,
        second: usize,
        items: &[usize],
        confidence: f64,
    ) -> Result<Estimate, EvalError> {
        let scores = |place: usize| -> Vec<ItemScore> {
            let score = |item: &usize| {
                let score = if self.is_right(place, *item)? { 1.0 } else { 0.0 };
                Some(ItemScore { item: item.to_string(), score: Some(score) })
            };
            items.iter().filter_map(score).collect()
        };
        let bootstrap = Bootstrap { confidence, ..Bootstrap::default() };
        Ok(compare(&scores(first), &scores(second), &bootstrap)?.difference)
    }
}
