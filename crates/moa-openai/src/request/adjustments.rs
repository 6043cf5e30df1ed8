//! What an endpoint turned out not to take, learned from its refusals.
//!
//! Models behind one protocol differ: reasoning models of `OpenAI` take no temperature, older servers no `stream_options`. Where a refusal
//! names such a field, the question is put once more without it, and the next ones leave it out from the start.

use serde_json::{Map, Value};

use crate::dialect::{Dialect, MaxTokensField};
use crate::failure::ErrorBody;

/// What can be left out without changing what is asked.
const OPTIONAL_FIELDS: [&str; 15] = [
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "repetition_penalty",
    "repeat_penalty",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "random_seed",
    "parallel_tool_calls",
    "stream_options",
    "return_progress",
    "top_logprobs",
    "logprobs",
];

/// Those that no reader misses.
const SILENT_FIELDS: [&str; 3] = ["parallel_tool_calls", "stream_options", "return_progress"];

/// What says that a field is not wanted, rather than that its value is wrong.
const REFUSALS: [&str; 10] = [
    "unsupported",
    "not support",
    "unrecognized",
    "unknown",
    "unexpected",
    "not permitted",
    "not allowed",
    "extra_forbidden",
    "deprecated",
    "extra fields",
];

/// What was learned of an endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Adjustments {
    other_max_tokens_field: bool,
    left_out: Vec<&'static str>,
}

impl Adjustments {
    /// Learns from a refusal of `body`. Whether it did, so that asking again makes sense.
    pub(crate) fn learn(
        &mut self,
        refusal: &ErrorBody,
        body: &Map<String, Value>,
        chosen: MaxTokensField,
        dialect: Dialect,
    ) -> bool {
        let text = refusal.all_text();
        if !REFUSALS.iter().any(|words| text.contains(words)) {
            return false;
        }
        let field = self.max_tokens_field(chosen, dialect);
        if chosen == MaxTokensField::Auto
            && !self.other_max_tokens_field
            && body.contains_key(field.name())
            && refusal.names(field.name())
        {
            self.other_max_tokens_field = true;
            return true;
        }
        let refused = OPTIONAL_FIELDS
            .into_iter()
            .find(|name| body.contains_key(*name) && !self.left_out.contains(name) && refusal.names(name));
        self.left_out.extend(refused);
        refused.is_some()
    }

    pub(crate) fn max_tokens_field(&self, chosen: MaxTokensField, dialect: Dialect) -> MaxTokensField {
        match chosen {
            MaxTokensField::Auto if self.other_max_tokens_field => dialect.max_tokens_field().other(),
            MaxTokensField::Auto => dialect.max_tokens_field(),
            chosen => chosen,
        }
    }

    pub(crate) fn left_out(&self) -> &[&'static str] {
        &self.left_out
    }

    /// What was left out of a body although it was asked for, as far as the reader should know.
    pub(crate) fn missed(&self, asked: &Map<String, Value>) -> Vec<&'static str> {
        let is_missed = |name: &&&'static str| !SILENT_FIELDS.contains(*name) && asked.contains_key(**name);
        self.left_out.iter().filter(is_missed).copied().collect()
    }
}

#[cfg(test)]
#[path = "adjustments_tests.rs"]
mod tests;
