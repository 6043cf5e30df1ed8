//! A proposal that may be chosen, and which of several equals is taken.

use std::cmp::Ordering;

use crate::agent::ModelId;
use crate::certainty::Certainty;
use crate::layer::CallId;
use crate::similarity::agreements;

/// Differences in agreement below this are rounding: sums depend on the order in which they are made.
const ROUNDING: f64 = 1e-9;

/// A proposal that may be chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'run> {
    pub(crate) call: CallId,
    pub(crate) agent: &'run str,
    pub(crate) model: &'run ModelId,
    /// Whether it was not cut short: neither by a deadline nor by its token cap nor by a filter.
    pub(crate) is_whole: bool,
    pub(crate) text: &'run str,
    /// How sure its model was of it, where it said so.
    pub(crate) certainty: Option<Certainty>,
}

/// How candidates stand against each other where a kind sees no difference: a whole answer before one that was cut short, then the order
/// of preference, then what agrees most with the others by its words, then the text itself. Never the place in the list, so that nobody
/// gains by being listed first.
pub(crate) struct Standings<'list> {
    candidates: &'list [Candidate<'list>],
    prefer: &'list [String],
    agreements: Vec<f64>,
}

impl<'list> Standings<'list> {
    pub(crate) fn of(candidates: &'list [Candidate<'list>], prefer: &'list [String]) -> Self {
        let texts: Vec<&str> = candidates.iter().map(|candidate| candidate.text).collect();
        Self { candidates, prefer, agreements: agreements(&texts) }
    }

    /// Which of two places stands better; `Less` is better, as in sorting.
    pub(crate) fn compare(&self, one: usize, other: usize) -> Ordering {
        let (Some(a), Some(b)) = (self.candidates.get(one), self.candidates.get(other)) else {
            return one.cmp(&other);
        };
        let agrees =
            |place: usize| self.agreements.get(place).map_or(0.0, |share| (share / ROUNDING).round());
        (b.is_whole.cmp(&a.is_whole))
            .then_with(|| self.preference(a).cmp(&self.preference(b)))
            .then_with(|| agrees(other).total_cmp(&agrees(one)))
            .then_with(|| a.text.cmp(b.text))
            .then_with(|| a.call.cmp(&b.call))
    }

    /// The best of some places.
    pub(crate) fn best(&self, places: impl IntoIterator<Item = usize>) -> Option<usize> {
        places.into_iter().min_by(|one, other| self.compare(*one, *other))
    }

    /// Why the first of an order stands before the second, in words that go on from "it was chosen because".
    pub(crate) fn why(&self, order: &[usize]) -> &'static str {
        let candidate = |place: usize| self.candidates.get(*order.get(place)?);
        match (candidate(0), candidate(1)) {
            (Some(first), Some(second)) if first.is_whole != second.is_whole => "the others were cut short",
            (Some(first), Some(second)) if self.preference(first) != self.preference(second) => {
                "this one is preferred"
            }
            _ => "this one agrees most with the others by its words",
        }
    }

    /// The place of a candidate in the order of preference; those that it does not name come last.
    pub(crate) fn preference(&self, candidate: &Candidate<'_>) -> usize {
        let is_named = |name: &&String| *name == candidate.agent || name.as_str() == candidate.model.as_str();
        self.prefer.iter().position(|name| is_named(&name)).unwrap_or(self.prefer.len())
    }
}
