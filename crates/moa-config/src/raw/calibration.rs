//! What was measured of a preset, as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::written::Written;

/// What was measured of a preset, as `moa calibrate` writes it. It says of the preset as it is written in the same place: one that extends it, or
/// changes any of its keys in another file, was not measured and has none.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Calibration")]
pub(crate) struct RawCalibration {
    /// The day, such as `2026-11-27`.
    pub(crate) date: Written<String>,
    /// The sets of questions that it was measured on.
    pub(crate) tasks: Written<Vec<String>>,
    /// The kinds of request that these are. A request of another kind is told to be outside of what was measured.
    pub(crate) kinds: Written<Vec<RawRequestKind>>,
    /// The items that confirmed it: none of them was looked at when it was chosen.
    #[schemars(range(min = 1))]
    pub(crate) items: Written<u32>,
    /// The share of right answers on them, from 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) accuracy: Written<f64>,
    /// The lower bound of that share, with 95 % confidence.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) accuracy_low: Written<f64>,
    /// The upper bound.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) accuracy_high: Written<f64>,
    /// The model that was best alone.
    pub(crate) best_single: Written<String>,
    /// Its share of right answers on the same items.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) best_single_accuracy: Written<f64>,
    /// How much the share is above that of the best single model. Absent where the preset is that model.
    #[schemars(range(min = -1, max = 1))]
    pub(crate) difference: Option<Written<f64>>,
    /// The lower bound of the difference.
    #[schemars(range(min = -1, max = 1))]
    pub(crate) difference_low: Option<Written<f64>>,
    /// The upper bound of the difference.
    #[schemars(range(min = -1, max = 1))]
    pub(crate) difference_high: Option<Written<f64>>,
    /// The confidence of these bounds, such as 0.95.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) difference_confidence: Option<Written<f64>>,
    /// What a request costs, as a multiple of what the best single model costs.
    #[schemars(range(min = 0))]
    pub(crate) cost_ratio: Option<Written<f64>>,
    /// How long a request takes, as a multiple of what the best single model takes.
    #[schemars(range(min = 0))]
    pub(crate) time_ratio: Option<Written<f64>>,
    /// How many candidates were compared.
    pub(crate) candidates: Option<Written<u32>>,
    /// Why this one, in a sentence.
    pub(crate) reason: Option<Written<String>>,
    /// What tells each of the models from every other one: its file and size, or its endpoint and id there.
    pub(crate) models: Option<BTreeMap<String, String>>,
}

/// What kind of answer a request wants, by the look of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "RequestKind")]
pub(crate) enum RawRequestKind {
    /// A number.
    Number,
    /// One of some given answers.
    Choice,
    /// A program.
    Code,
    /// Anything else.
    Text,
}
