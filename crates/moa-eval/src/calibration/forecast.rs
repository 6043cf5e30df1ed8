//! How long the rest takes, from what calls took so far.

use std::collections::BTreeMap;

use moa_core::ModelId;
use serde::Serialize;

use super::candidate::Candidate;
use super::expense::Expense;
use super::roster::Roster;
use crate::count;

/// What calls of each model took so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    by_model: BTreeMap<ModelId, (f64, Expense)>,
    /// Calls that are in flight at the same time behind endpoints.
    at_once: f64,
    /// The seconds of a call, where none was timed yet.
    told: BTreeMap<ModelId, f64>,
}

impl Pace {
    pub(super) fn new(at_once: usize, told: BTreeMap<ModelId, f64>) -> Self {
        Self { by_model: BTreeMap::new(), at_once: count::as_f64(at_once.max(1)), told }
    }

    /// Takes a call of one model into account.
    pub(super) fn count(&mut self, model: &ModelId, expense: Expense) {
        let (calls, sum) = self.by_model.entry(model.clone()).or_default();
        *calls += 1.0;
        *sum += expense;
    }

    pub(super) fn knows(&self, model: &ModelId) -> bool {
        self.by_model.contains_key(model)
    }

    /// Whether all that is known of a model's calls is what was told of them.
    pub(super) fn is_told(&self, model: &ModelId) -> bool {
        !self.knows(model) && self.told.contains_key(model)
    }

    /// The seconds by which one more call makes everything longer, and its price.
    fn of(&self, model: &ModelId) -> Option<(f64, f64)> {
        let Some((calls, sum)) = self.by_model.get(model) else {
            // Speeds of models on this machine, which cost nothing.
            return self.told.get(model).map(|seconds| (*seconds, 0.0));
        };
        let ms = if sum.machine_ms > 0.0 { sum.machine_ms } else { sum.wall_ms / self.at_once };
        Some((ms / calls / 1e3, sum.cost_usd / calls))
    }

    /// So many calls of each model.
    pub(super) fn calls(&self, calls: &BTreeMap<ModelId, f64>) -> Part {
        let mut part = Part { calls: calls.values().sum(), seconds: Some(0.0), cost_usd: Some(0.0) };
        for (model, count) in calls.iter().filter(|(_, count)| **count > 0.0) {
            match self.of(model) {
                Some((seconds, usd)) => {
                    part.seconds = part.seconds.map(|sum| sum + count * seconds);
                    part.cost_usd = part.cost_usd.map(|sum| sum + count * usd);
                }
                None => (part.seconds, part.cost_usd) = (None, None),
            }
        }
        part
    }

    /// What so many runs of some candidates take, beside the proposals that all of them share.
    pub(super) fn of_candidates(&self, roster: &Roster, candidates: &[Candidate], runs: usize) -> Part {
        let mut calls: BTreeMap<ModelId, f64> = BTreeMap::new();
        let share = count::as_f64(runs) / count::as_f64(candidates.len().max(1));
        for model in candidates.iter().flat_map(|candidate| candidate.extra_calls(roster)) {
            *calls.entry(model).or_default() += share;
        }
        self.calls(&calls)
    }
}

/// What a part of the work takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Part {
    /// Calls of models.
    pub calls: f64,
    /// Nothing as long as a model was never timed.
    pub seconds: Option<f64>,
    /// Nothing as long as a model was never timed; 0 where nothing costs anything.
    pub cost_usd: Option<f64>,
}

/// What is still to be done. Long prompts and answers make it longer, calls that are known already shorter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Forecast {
    /// Each model alone.
    pub alone: Part,
    /// Candidates that ask a model.
    pub search: Part,
    /// The finalists on the other half, at most.
    pub confirmation: Part,
    /// Whether a model was not timed here yet, so that its seconds are those of earlier runs: of a call by itself that writes as much as it may.
    pub is_by_earlier_runs: bool,
}

impl Forecast {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> Part {
        let parts = [self.alone, self.search, self.confirmation];
        let sum = |of: fn(&Part) -> Option<f64>| parts.iter().map(of).sum::<Option<f64>>();
        Part {
            calls: parts.iter().map(|part| part.calls).sum(),
            seconds: sum(|part| part.seconds),
            cost_usd: sum(|part| part.cost_usd),
        }
    }
}
