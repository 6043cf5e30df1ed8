//! A way to answer that is measured.

use moa_core::{Agent, Aggregation, Layer, Mixture, ModelId};

use super::roster::Roster;

/// A way to answer that is measured: one model alone, or a mixture.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What it is, in words that tell it from all others.
    pub name: String,
    /// How it comes to its answer, in the words of the configuration; `alone` for one model.
    pub kind: String,
    /// What is run.
    pub mixture: Mixture,
}

impl Candidate {
    /// A mixture. Its own name becomes that of the candidate.
    pub(super) fn new(name: impl Into<String>, kind: &str, mixture: Mixture) -> Self {
        let name = name.into();
        Self { kind: kind.to_owned(), mixture: Mixture { name: name.clone(), ..mixture }, name }
    }

    /// Whether it is one model alone.
    #[must_use]
    pub fn is_single(&self) -> bool {
        self.mixture.layers.is_empty()
    }

    /// The models that it asks.
    #[must_use]
    pub fn members(&self) -> Vec<ModelId> {
        let mixture = &self.mixture;
        let asked = mixture.layers.iter().flat_map(|layer| &layer.agents).chain(mixture.judge.as_ref());
        let aggregator =
            Some(&mixture.aggregator).filter(|_| mixture.asks_aggregator() || mixture.asks_judge());
        let mut models: Vec<ModelId> = asked.chain(aggregator).map(|agent| agent.model.clone()).collect();
        models.sort();
        models.dedup();
        models
    }

    /// The models of the calls that it makes beside the proposals that all candidates of a roster share. An early stop saves some of them.
    #[must_use]
    pub fn extra_calls(&self, roster: &Roster) -> Vec<ModelId> {
        let Mixture { layers, aggregator, judge, aggregation, .. } = &self.mixture;
        let Some((last, later)) = layers.last().map(|last| (last, layers.get(1..).unwrap_or_default()))
        else {
            return Vec::new();
        };
        let is_shared = |layer: &Layer, agent: &Agent| layer.independent && roster.is_shared(agent);
        let agents = later.iter().flat_map(|layer| layer.agents.iter().map(move |agent| (layer, agent)));
        let mut calls: Vec<ModelId> = agents
            .filter(|(layer, agent)| !is_shared(layer, agent))
            .map(|(_, agent)| agent.model.clone())
            .collect();
        let (model, count) = match aggregation {
            Aggregation::Choose(choosing) => {
                (judge.as_ref().unwrap_or(aggregator), choosing.by.calls(last.agents.len()))
            }
            writing => (aggregator, writing.calls(last.agents.len())),
        };
        calls.extend(std::iter::repeat_n(model.model.clone(), count));
        calls
    }

    /// Whether a model is asked whatever the others say, so that this can never be cheaper than that model alone.
    #[must_use]
    pub fn always_asks(&self, model: &ModelId) -> bool {
        let first = self.mixture.layers.first().map(|layer| layer.agents.as_slice()).unwrap_or_default();
        first.iter().any(|agent| agent.model == *model)
    }

    /// Whether somebody must be asked beside those that all candidates of a roster ask.
    #[must_use]
    pub fn asks(&self, roster: &Roster) -> bool {
        !self.extra_calls(roster).is_empty()
    }
}
