//! The JSON of a streamed chunk.

use serde::Serialize;
use serde_json::Value;

/// A streamed chunk. Its fields come in the order in which `OpenAI` has them.
#[derive(Debug, Serialize)]
pub(crate) struct ChunkJson<'a> {
    pub(crate) id: &'a str,
    pub(crate) object: &'static str,
    pub(crate) created: u64,
    pub(crate) model: &'a str,
    pub(crate) choices: &'a [Choice<'a>],
    /// Missing is no field, `null` is `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<Value>,
    /// After everything that may hold somebody's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mock_sent_ns: Option<&'a str>,
}

/// The only choice in a chunk.
#[derive(Debug, Serialize)]
pub(crate) struct Choice<'a> {
    pub(crate) index: u64,
    pub(crate) delta: Value,
    pub(crate) logprobs: Option<Value>,
    pub(crate) finish_reason: Option<&'a str>,
}

impl<'a> Choice<'a> {
    pub(crate) fn new(delta: Value, finish_reason: Option<&'a str>) -> Self {
        Self { index: 0, delta, logprobs: None, finish_reason }
    }
}
