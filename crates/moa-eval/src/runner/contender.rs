//! Who answers: a mixture, one model, or one model sampled several times.

use moa_core::{Agent, Layer, Mixture, ModelId, Models};
use serde::Serialize;

/// Who answers. Whatever it is, it is asked through the engine as a mixture.
#[derive(Debug, Clone, PartialEq)]
pub struct Contender {
    pub(super) name: String,
    pub(super) mixture: Mixture,
    pub(super) votes: Option<u32>,
}

/// The rule by which answers vote.
const VOTERS: &str = "whole answers first";

/// What a contender's answers depend on, names left out.
#[derive(Debug, Serialize)]
struct Content<'a> {
    mixture: Mixture,
    votes: Option<u32>,
    /// By which rule answers are counted, where they are: another rule may make another answer of the same samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    voters: Option<&'static str>,
    /// What tells the models from others, in the order of their ids.
    models: Vec<(&'a str, String)>,
}

impl Contender {
    /// A mixture, or a single model as a mixture without proposers.
    pub fn new(name: impl Into<String>, mixture: Mixture) -> Self {
        Self { name: name.into(), mixture, votes: None }
    }

    /// The whole mixture run `samples` times with seeds that follow each other; a vote chooses the answer (self-consistency).
    ///
    /// # Source
    /// Wang et al. 2022, "Self-Consistency Improves Chain of Thought Reasoning in Language Models", arXiv:2203.11171.
    #[must_use]
    pub fn voting(self, samples: u32) -> Self {
        Self { votes: Some(samples.max(1)), ..self }
    }

    /// One agent sampled `samples` times and aggregated by itself (Self-MoA).
    ///
    /// # Source
    /// Li et al. 2025, "Rethinking Mixture-of-Agents", arXiv:2502.00674.
    pub fn self_moa(name: impl Into<String>, agent: &Agent, samples: u32) -> Self {
        let name = name.into();
        let proposer = |sample: u32| Agent {
            name: if sample == 1 { agent.name.clone() } else { format!("{}#{sample}", agent.name) },
            ..agent.clone()
        };
        let layer = Layer::new((1..=samples.max(1)).map(proposer).collect());
        let mixture = Mixture::new(name.clone(), vec![layer], agent.clone());
        Self::new(name, mixture)
    }

    /// The name under which it stands in tables.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is run.
    #[must_use]
    pub fn mixture(&self) -> &Mixture {
        &self.mixture
    }

    /// How many samples vote, where they do.
    #[must_use]
    pub fn votes(&self) -> Option<u32> {
        self.votes
    }

    /// The same contender, every agent of which is changed by `change`: another temperature for a category of questions, a token cap.
    #[must_use]
    pub fn with_agents(mut self, change: impl Fn(&mut Agent)) -> Self {
        let layers = self.mixture.layers.iter_mut().flat_map(|layer| &mut layer.agents);
        let aggregators =
            std::iter::once(&mut self.mixture.aggregator).chain(&mut self.mixture.fallback_aggregators);
        layers.chain(aggregators).for_each(change);
        self
    }

    /// All that its answers depend on, as part of an [`ItemKey`](super::ItemKey): what is run and which models run it, whatever they and
    /// the contender are called.
    #[must_use]
    pub fn content(&self, models: &Models) -> serde_json::Value {
        let ids: Vec<ModelId> = self.mixture.models().into_iter().collect();
        let identity = |id: &ModelId| models.get(id).map_or_else(String::new, |model| model.identity());
        let content = Content {
            mixture: Mixture { name: String::new(), ..self.mixture.clone() },
            votes: self.votes,
            voters: (self.votes.is_some() || self.mixture.counts_answers()).then_some(VOTERS),
            models: ids.iter().map(|id| (id.as_str(), identity(id))).collect(),
        };
        // A mixture is read from and written to JSON everywhere: it has no keys that are no texts.
        serde_json::to_value(content).unwrap_or_default()
    }
}
