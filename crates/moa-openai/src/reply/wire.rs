//! The part of chunks and whole answers that is read. Leaves are any JSON: services put nulls, numbers and lists where others put
//! texts, and what is not understood must not fail what is.

use serde::Deserialize;
use serde_json::Value;

/// A chunk of a stream, or a whole answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chunk {
    pub(super) choices: Option<Vec<Option<Choice>>>,
    pub(super) model: Value,
    pub(super) usage: Value,
    /// llama-server's counts.
    pub(super) timings: Value,
    /// llama-server's progress in reading the prompt.
    pub(super) prompt_progress: Value,
    /// Groq's counts.
    pub(super) x_groq: Value,
    pub(super) error: Value,
    /// `error` where the chunk itself is one.
    pub(super) object: Value,
    /// `FastAPI`'s form of an error.
    pub(super) detail: Value,
}

/// One of the answers that were asked for; we ask for one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    pub(super) index: Value,
    pub(super) delta: Option<Turn>,
    pub(super) message: Option<Turn>,
    pub(super) finish_reason: Value,
    pub(super) logprobs: Value,
    pub(super) error: Value,
}

/// A message, or what is new of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Turn {
    pub(super) content: Value,
    pub(super) reasoning_content: Value,
    pub(super) reasoning: Value,
    pub(super) reasoning_details: Value,
    pub(super) refusal: Value,
    pub(super) tool_calls: Value,
    pub(super) function_call: Value,
}

impl Chunk {
    /// The answer that counts: the first one, wherever it stands.
    pub(super) fn into_choice(self) -> Option<Choice> {
        let is_first = |choice: &Choice| choice.index.as_u64().unwrap_or(0) == 0;
        self.choices.into_iter().flatten().flatten().find(is_first)
    }

    /// Whether it is an error in place of an answer.
    pub(super) fn is_error(&self) -> bool {
        says_something(&self.error)
            || self.object == "error"
            || (self.choices.is_none() && says_something(&self.detail))
    }
}

/// Whether a value is there and not empty.
pub(super) fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Number(_) => true,
    }
}
