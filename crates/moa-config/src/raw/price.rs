//! The price of a model, as written.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::written::Written;

/// What a model costs, in US dollars per million tokens.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Price")]
#[expect(clippy::struct_field_names, reason = "the keys of the file say their unit")]
pub(crate) struct RawPrice {
    /// For tokens of the prompt.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(crate) input_usd: Written<f64>,
    /// For tokens written, reasoning included.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(crate) output_usd: Written<f64>,
    /// For tokens of the prompt that the endpoint had in its cache. Default: `input-usd`.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(crate) cached_input_usd: Option<Written<f64>>,
}
