//! What an endpoint changes about the body of a request.

use serde_json::{Map, Value};

use crate::kind::ProblemKind;
use crate::masking::looks_like_key;
use crate::place::Placed;
use crate::problem::Problem;
use crate::raw::RawMaxTokensField;

/// Fields that the program writes itself.
const OWN: [&str; 3] = ["messages", "model", "stream"];

/// The key under which the parser hands out a date.
const DATE: &str = "$__toml_private_datetime";

/// The name of the field that caps an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MaxTokensField {
    /// What the service is known to expect.
    #[default]
    Auto,
    /// `max_tokens`.
    MaxTokens,
    /// `max_completion_tokens`.
    MaxCompletionTokens,
}

impl From<RawMaxTokensField> for MaxTokensField {
    fn from(raw: RawMaxTokensField) -> Self {
        match raw {
            RawMaxTokensField::Auto => Self::Auto,
            RawMaxTokensField::MaxTokens => Self::MaxTokens,
            RawMaxTokensField::MaxCompletionTokens => Self::MaxCompletionTokens,
        }
    }
}

/// The fields that are added to a body.
pub(super) fn extra_body(written: &Placed<'_, &Map<String, Value>>) -> Result<Map<String, Value>, Problem> {
    for (key, value) in written.value {
        let wrong = |reason| {
            let kind = ProblemKind::BadExtraBody { key: key.clone(), reason };
            Err(Problem::at(&written.place, kind))
        };
        if OWN.contains(&key.as_str()) {
            return wrong("is a field that moa writes itself");
        }
        if !is_json(value) {
            return wrong("has a value that JSON does not have");
        }
        if holds_key(value) {
            return Err(Problem::at(&written.place, ProblemKind::InlineKey));
        }
    }
    Ok(written.value.clone())
}

/// Whether the value survived the way from TOML: TOML has no null, and gives one for a number without end.
fn is_json(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => items.iter().all(is_json),
        Value::Object(fields) => !fields.contains_key(DATE) && fields.values().all(is_json),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

fn holds_key(value: &Value) -> bool {
    match value {
        Value::String(text) => text.split_whitespace().any(looks_like_key),
        Value::Array(items) => items.iter().any(holds_key),
        Value::Object(fields) => fields.values().any(holds_key),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
