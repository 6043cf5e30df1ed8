//! A preset, as written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{RawAgent, RawAggregation, RawCalibration, RawEarlyStop, RawSelection};
use crate::written::Written;

/// A mixture: layers of proposers and the aggregator that writes the answer.
///
/// Layers that are alike are written as `layers` and `proposers`; layers that differ are written one by one as
/// `[[presets.NAME.layer]]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Preset")]
pub(crate) struct RawPreset {
    /// One line about what the preset is for.
    pub(crate) description: Option<Written<String>>,
    /// Another preset that gives every key that is not written here.
    pub(crate) extends: Option<Written<String>>,
    /// How many layers there are, the aggregator's included: 3 asks the proposers twice, 1 asks the aggregator alone. Default: 3 where
    /// there are proposers.
    #[schemars(range(min = 1, max = 64))]
    pub(crate) layers: Option<Written<u32>>,
    /// The agents of every layer but the last.
    pub(crate) proposers: Option<Written<Vec<Written<RawAgent>>>>,
    /// The layers before the aggregator, one by one. Instead of `layers` and `proposers`.
    pub(crate) layer: Option<Written<Vec<Written<RawLayer>>>>,
    /// The agent that writes the answer. Where the answer is chosen and not written it may be left out; it then writes only what must have a
    /// form or may call tools, and the first proposer of the last layer does that.
    pub(crate) aggregator: Option<Written<RawAgent>>,
    /// How the answer comes from the last proposals. Default: the aggregator reads them and writes it (`synthesise`).
    pub(crate) aggregation: Option<Written<RawAggregation>>,
    /// Who compares answers, where a model is asked for that (`rank`, `universal-self-consistency`). Default: the aggregator. At temperature 0
    /// where none is set.
    pub(crate) judge: Option<Written<RawAgent>>,
    /// Which answers of each layer go on, for every layer that does not say it itself. Default: all.
    pub(crate) select: Option<Written<RawSelection>>,
    /// When the layers that are left are not asked, because the answers agree. Default: never.
    pub(crate) early_stop: Option<Written<RawEarlyStop>>,
    /// Who is asked next, in this order, where the aggregator fails before it says anything.
    pub(crate) fallback_aggregators: Option<Written<Vec<Written<RawAgent>>>>,
    /// What happens when all of them fail. Default: proposal.
    pub(crate) on_aggregator_failure: Option<Written<RawAggregatorFailure>>,
    /// The temperature of every agent that sets none. Default: 0.7.
    #[schemars(range(min = 0, max = 2))]
    pub(crate) temperature: Option<Written<f64>>,
    /// The most tokens of an answer, for every agent that sets none. Default: 512 for a local model, 2048 for one behind an endpoint.
    #[schemars(range(min = 1))]
    pub(crate) max_tokens: Option<Written<u32>>,
    /// The most tokens of a proposal. The aggregator's answer is never cut by it.
    #[schemars(range(min = 1))]
    pub(crate) proposer_max_tokens: Option<Written<u32>>,
    /// Instructions for every agent that sets none, placed before the conversation's own system message. An empty text takes back what
    /// the extended preset says.
    pub(crate) system: Option<Written<String>>,
    /// Whether later layers read the answers of all earlier layers instead of the one before. Default: false.
    pub(crate) residual: Option<Written<bool>>,
    /// What becomes of an answer that was cut short by a deadline or a failure. Default: keep.
    pub(crate) partial_answers: Option<Written<RawPartialAnswers>>,
    /// A layer goes on only when at least this many answers are there. Default: 1.
    #[schemars(range(min = 1))]
    pub(crate) min_proposals: Option<Written<u32>>,
    /// How long a layer waits for the others once `min-proposals` answers are there, such as `5s`; `0s` does not wait at all. Default:
    /// until all have ended.
    pub(crate) wait: Option<Written<String>>,
    /// Whether each agent reads the answers in an order of its own, so that none is favoured for its place. Default: false.
    pub(crate) shuffle_references: Option<Written<bool>>,
    /// Whether no agent learns who wrote the answers that it reads. Default: false.
    pub(crate) anonymous_references: Option<Written<bool>>,
    /// Whether answers that differ too much from the others of their layer are set aside. Default: false.
    pub(crate) set_aside_outliers: Option<Written<bool>>,
    /// The most that a run of this preset may cost, in US dollars. Default: `max-cost-usd` at the top of the file.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(crate) max_cost_usd: Option<Written<f64>>,
    /// The longest that one call may take, for every agent that sets none, such as `90s` or `2m`. Default: no limit.
    pub(crate) call_deadline: Option<Written<String>>,
    /// The longest that a layer may take; what is not there by then is dropped. Default: no limit.
    pub(crate) layer_deadline: Option<Written<String>>,
    /// The longest that the whole run may take. Default: no limit.
    pub(crate) deadline: Option<Written<String>>,
    /// The instruction under which an agent reads the answers of the layer before; they take the place of `{{ responses }}`.
    pub(crate) synthesis: Option<Written<String>>,
    /// A file with that instruction. A relative path starts at this file's folder, `~/` at the home folder.
    pub(crate) synthesis_file: Option<Written<String>>,
    /// What was measured of the preset, as `moa calibrate` writes it.
    pub(crate) calibration: Option<Written<RawCalibration>>,
}

/// One layer of proposers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Layer")]
pub(crate) struct RawLayer {
    /// The agents, asked at the same time.
    pub(crate) agents: Written<Vec<Written<RawAgent>>>,
    /// The layer goes on only when at least this many answers are there. Default: the preset's `min-proposals`.
    #[schemars(range(min = 1))]
    pub(crate) min_proposals: Option<Written<u32>>,
    /// How long the others are waited for once `min-proposals` answers are there. Default: the preset's `wait`.
    pub(crate) wait: Option<Written<String>>,
    /// The longest that the layer may take. Default: the preset's `layer-deadline`.
    pub(crate) deadline: Option<Written<String>>,
    /// Which of its answers go on. Default: the preset's `select`.
    pub(crate) select: Option<Written<RawSelection>>,
    /// Whether its agents answer the question alone and read no answers. Theirs then join those of the layer before, and whatever reads or
    /// chooses next has them all: more samples, with an `early-stop` before them only where the first ones do not suffice. Default: false.
    pub(crate) independent: Option<Written<bool>>,
}

/// What becomes of an answer that was cut short.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "PartialAnswers")]
pub(crate) enum RawPartialAnswers {
    /// It is a proposal like any other, marked as partial.
    Keep,
    /// It is kept in the trace but no agent reads it.
    Drop,
}

/// What happens when no aggregator says anything.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "AggregatorFailure")]
pub(crate) enum RawAggregatorFailure {
    /// The proposal that agrees most with the others is the answer, and the run is marked as degraded.
    Proposal,
    /// The run fails.
    Fail,
}
