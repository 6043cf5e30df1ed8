//! A mixture: layers of proposers and one aggregator.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::agent::{Agent, ModelId};
use crate::aggregation::{Aggregation, AgreementMeasure, Choosing, ChoosingKind, EarlyStop};
use crate::layer::{Layer, LayerIndex};
use crate::synthesis::SynthesisTemplate;

/// What becomes of an answer that was cut short by a deadline or a failure after its first token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartialAnswers {
    /// The text so far is a proposal like any other, marked as partial.
    #[default]
    Keep,
    /// The text is kept in the trace but no agent reads it.
    Drop,
}

/// What becomes of a run whose aggregators all failed before they said anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AggregatorFailure {
    /// The proposal of the last layer that agrees most with the others is the answer, and the run is marked as degraded.
    #[default]
    Proposal,
    /// The run fails.
    Fail,
}

/// Which answers of a layer the next one reads, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReferenceSettings {
    /// Each agent reads them in an order of its own, drawn by the seed, so that none is favoured for its place.
    pub shuffled: bool,
    /// No agent learns who wrote them. Matters to a synthesis instruction that would name the writers.
    pub anonymous: bool,
    /// Answers that differ too much from the others of their layer are set aside.
    pub without_outliers: bool,
}

/// Layers of proposers, and the aggregator that writes the answer.
///
/// # Shape
/// `layers` holds the proposer layers only; [`Mixture::layer_count`] counts the aggregator too, as the paper's text does.
/// Without proposer layers a mixture is its aggregator alone.
///
/// # Source
/// Wang et al. 2024, arXiv:2406.04692, section 2.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mixture {
    /// The preset's name.
    pub name: String,
    /// The proposer layers, first to last.
    pub layers: Vec<Layer>,
    /// The agent that writes the answer.
    pub aggregator: Agent,
    /// Who compares answers, where a model is asked for that; without one, the aggregator at temperature 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<Agent>,
    /// Who is asked next, in this order, where the aggregator fails before it says anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback_aggregators: Vec<Agent>,
    /// How the answer comes from the last proposals. Without layers the aggregator answers, whatever stands here; so it does where the answer
    /// must have a form or may call tools, which no proposal is held to.
    #[serde(default, skip_serializing_if = "Aggregation::is_synthesis")]
    pub aggregation: Aggregation,
    /// What happens when all of them fail.
    #[serde(default)]
    pub on_aggregator_failure: AggregatorFailure,
    /// Whether later layers also read the answers of all earlier layers, not only of the one before.
    #[serde(default)]
    pub residual: bool,
    /// When the remaining layers are not asked, because the answers agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_stop: Option<EarlyStop>,
    /// What becomes of answers that were cut short.
    #[serde(default)]
    pub partial_answers: PartialAnswers,
    /// Which answers agents read, and in which order.
    #[serde(default)]
    pub references: ReferenceSettings,
    /// The instruction under which the references are given.
    #[serde(default)]
    pub synthesis: SynthesisTemplate,
    /// The longest that the whole run may take.
    #[serde(
        default,
        with = "crate::milliseconds",
        rename = "deadline_ms",
        skip_serializing_if = "Option::is_none"
    )]
    pub deadline: Option<Duration>,
}

/// Why a mixture cannot be run as written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MixtureError {
    /// A layer has nobody to ask.
    #[error("layer {layer} has no agent")]
    EmptyLayer {
        /// The layer.
        layer: LayerIndex,
    },
    /// Two agents of one layer share a name, so that their answers could not be told apart.
    #[error("layer {layer} has two agents named '{name}'")]
    DuplicateAgent {
        /// The layer.
        layer: LayerIndex,
        /// The name.
        name: String,
    },
    /// A layer asks for more answers than it has agents, or for none.
    #[error("layer {layer} wants at least {min_proposals} answers of {agents} agents")]
    Quorum {
        /// The layer.
        layer: LayerIndex,
        /// The answers wanted.
        min_proposals: u32,
        /// The agents that there are.
        agents: usize,
    },
    /// An agent may not write a single token.
    #[error("agent '{name}' may write 0 tokens")]
    NoTokens {
        /// The agent.
        name: String,
    },
}

impl Mixture {
    /// A mixture of the given layers and aggregator: not residual, partial answers kept, the built-in synthesis instruction.
    pub fn new(name: impl Into<String>, layers: Vec<Layer>, aggregator: Agent) -> Self {
        Self {
            name: name.into(),
            layers,
            aggregator,
            judge: None,
            fallback_aggregators: Vec::new(),
            aggregation: Aggregation::default(),
            on_aggregator_failure: AggregatorFailure::default(),
            residual: false,
            early_stop: None,
            partial_answers: PartialAnswers::default(),
            references: ReferenceSettings::default(),
            synthesis: SynthesisTemplate::default(),
            deadline: None,
        }
    }

    /// The number of layers, the aggregator's included.
    #[must_use]
    pub fn layer_count(&self) -> usize {
        self.layers.len() + 1
    }

    /// Every agent: the proposers layer by layer, the judge where one is asked, then the aggregator and who stands in for it.
    pub fn agents(&self) -> impl Iterator<Item = &Agent> {
        let judge = self.judge.as_ref().filter(|_| self.asks_judge());
        self.layers.iter().flat_map(|layer| &layer.agents).chain(judge).chain(self.aggregators())
    }

    /// The aggregator, and after it those that are asked where it fails.
    pub fn aggregators(&self) -> impl Iterator<Item = &Agent> {
        std::iter::once(&self.aggregator).chain(&self.fallback_aggregators)
    }

    /// Whether the aggregator is asked in an ordinary run: not where the answer is one of the proposals.
    #[must_use]
    pub fn asks_aggregator(&self) -> bool {
        self.layers.is_empty() || !matches!(self.aggregation, Aggregation::Choose(_))
    }

    /// The layers whose answers are there when so many layers were asked, for those that read them next.
    #[must_use]
    pub fn read_at(&self, asked: usize) -> &[Layer] {
        let asked = self.layers.get(..asked).unwrap_or(&self.layers);
        let is_beginning = |layer: &Layer| !layer.independent;
        let first = if self.residual { None } else { asked.iter().rposition(is_beginning) };
        asked.get(first.unwrap_or(0)..).unwrap_or_default()
    }

    /// How many calls a run makes at most, as long as nothing fails and nothing must be asked to decide between answers.
    #[must_use]
    pub fn planned_calls(&self) -> usize {
        let count = |layer: &Layer| layer.agents.len();
        let proposers: usize = self.layers.iter().map(count).sum();
        let read = self.read_at(self.layers.len()).iter().map(count).sum();
        let aggregator = if self.layers.is_empty() { 1 } else { self.aggregation.calls(read) };
        proposers + aggregator
    }

    /// Who compares answers.
    #[must_use]
    pub fn judge_or_aggregator(&self) -> Agent {
        self.judge.clone().unwrap_or_else(|| {
            let mut aggregator = self.aggregator.clone();
            // The same judgment every time, and without instructions on how to answer.
            aggregator.sampling.temperature = 0.0;
            aggregator.system = None;
            aggregator
        })
    }

    /// Whether a judge is asked to compare answers.
    #[must_use]
    pub fn asks_judge(&self) -> bool {
        self.choosings().any(|choosing| choosing.by.asks())
    }

    /// Whether any decision counts how many answers are the same.
    #[must_use]
    pub fn counts_answers(&self) -> bool {
        let counts = |by| matches!(by, ChoosingKind::Vote { .. } | ChoosingKind::Mux { .. });
        self.early_stop.is_some() || self.choosings().any(|choosing| counts(choosing.by))
    }

    /// Whether any decision runs the programs of the answers.
    #[must_use]
    pub fn runs_candidates(&self) -> bool {
        let measure = self.early_stop.map(|stop| stop.measure);
        measure == Some(AgreementMeasure::Examples)
            || self.choosings().any(|choosing| choosing.by == ChoosingKind::RunCandidates)
    }

    /// Whether any decision looks at how sure the models were.
    #[must_use]
    pub fn compares_certainty(&self) -> bool {
        self.choosings().any(|choosing| matches!(choosing.by, ChoosingKind::Certainty { .. }))
    }

    /// Every choice between answers that a run makes, layer by layer, that of the answer last.
    pub fn choosings(&self) -> impl Iterator<Item = &Choosing> {
        let last = match &self.aggregation {
            Aggregation::Choose(choosing) => Some(choosing),
            Aggregation::Synthesise | Aggregation::AnalyseThenWrite | Aggregation::SelfMoaSeq { .. } => None,
        };
        self.layers.iter().filter_map(|layer| layer.select.as_ref()).chain(last)
    }

    /// Whether an agent of a layer has this name, or asks the model of this name: only such names can be preferred where it is chosen.
    #[must_use]
    pub fn takes_part(&self, name: &str) -> bool {
        let mut agents = self.layers.iter().flat_map(|layer| &layer.agents);
        agents.any(|agent| agent.name == name || agent.model.as_str() == name)
    }

    /// The models that the mixture asks, each once.
    #[must_use]
    pub fn models(&self) -> BTreeSet<ModelId> {
        self.agents().map(|agent| agent.model.clone()).collect()
    }

    /// Checks what a run relies on.
    ///
    /// # Errors
    /// The first thing found that no run could work with.
    pub fn check(&self) -> Result<(), MixtureError> {
        for (layer, index) in self.layers.iter().zip(1..).map(|(layer, index)| (layer, LayerIndex(index))) {
            if layer.agents.is_empty() {
                return Err(MixtureError::EmptyLayer { layer: index });
            }
            let mut names = BTreeSet::new();
            if let Some(twin) = layer.agents.iter().find(|agent| !names.insert(agent.name.as_str())) {
                return Err(MixtureError::DuplicateAgent { layer: index, name: twin.name.clone() });
            }
            let agents = layer.agents.len();
            if layer.min_proposals == 0 || layer.min_proposals as usize > agents {
                return Err(MixtureError::Quorum {
                    layer: index,
                    min_proposals: layer.min_proposals,
                    agents,
                });
            }
        }
        match self.agents().find(|agent| agent.max_tokens == 0) {
            Some(agent) => Err(MixtureError::NoTokens { name: agent.name.clone() }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
#[path = "mixture_tests.rs"]
mod tests;
