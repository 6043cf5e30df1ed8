//! The bodies of requests and errors, as the description shows them. What reads them is `chat::ChatRequest` and its like.
#![allow(dead_code, reason = "these types only describe")]

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::chat::{ChatMessage, InlineMixture, Stop, StreamOptions};

/// A chat request. Fields that are not listed are ignored and kept with the run.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ChatBody {
    /// A name of `GET /v1/models`.
    model: String,
    /// What was said so far.
    #[schemars(length(min = 1))]
    messages: Vec<ChatMessage>,
    /// A mixture in place of a named one.
    moa: Option<InlineMixture>,
    /// Whether the answer comes piece by piece, as server-sent events.
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    /// Answers, all over the same proposals.
    #[schemars(range(min = 1, max = 8))]
    n: Option<u32>,
    /// Makes the run repeatable.
    seed: Option<i64>,
    /// Of the aggregator; proposers keep their own.
    #[schemars(range(min = 0, max = 2))]
    temperature: Option<f64>,
    #[schemars(range(min = 0, max = 1))]
    top_p: Option<f64>,
    top_k: Option<u32>,
    #[schemars(range(min = 0, max = 1))]
    min_p: Option<f64>,
    #[schemars(range(min = -2, max = 2))]
    frequency_penalty: Option<f64>,
    #[schemars(range(min = -2, max = 2))]
    presence_penalty: Option<f64>,
    #[schemars(range(min = 0.01, max = 10))]
    repetition_penalty: Option<f64>,
    /// The most tokens of the answer.
    #[schemars(range(min = 1))]
    max_tokens: Option<u32>,
    /// The newer name of `max_tokens`.
    #[schemars(range(min = 1))]
    max_completion_tokens: Option<u32>,
    /// The answer ends before the first of these texts.
    stop: Option<Stop>,
    /// Functions that the aggregator may call.
    tools: Option<Vec<Map<String, Value>>>,
    tool_choice: Option<Value>,
    parallel_tool_calls: Option<bool>,
    /// The form of the answer: `text`, `json_object` or `json_schema`.
    response_format: Option<Map<String, Value>>,
}

/// A request of the responses protocol: what of it is about texts.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ResponsesBody {
    /// A name of `GET /v1/models`.
    model: String,
    /// A question, or the messages of a conversation.
    input: ResponsesInput,
    /// What frames the whole conversation.
    instructions: Option<String>,
    /// Whether the answer comes piece by piece, as server-sent events.
    stream: Option<bool>,
    #[schemars(range(min = 1))]
    max_output_tokens: Option<u32>,
    #[schemars(range(min = 0, max = 2))]
    temperature: Option<f64>,
    #[schemars(range(min = 0, max = 1))]
    top_p: Option<f64>,
    /// The form of the answer, under `format`: `text`, `json_object` or `json_schema`.
    text: Option<Map<String, Value>>,
    metadata: Option<Map<String, Value>>,
    /// A mixture in place of a named one.
    moa: Option<InlineMixture>,
}

/// A text, or messages.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum ResponsesInput {
    Text(String),
    Messages(Vec<Map<String, Value>>),
}

/// A run that the page starts: one of `preset`, `model` and `moa`, or the default preset.
#[derive(Deserialize, JsonSchema)]
pub(super) struct StartBody {
    preset: Option<String>,
    model: Option<String>,
    moa: Option<InlineMixture>,
    /// What was said so far.
    #[schemars(length(min = 1))]
    messages: Vec<ChatMessage>,
    seed: Option<i64>,
    /// The most that the run may cost, in US dollars.
    #[schemars(range(min = 0, max = 1_000_000))]
    max_cost_usd: Option<f64>,
    /// Whether answers are taken that the store has already.
    reuse: Option<bool>,
    #[schemars(range(min = 0, max = 2))]
    temperature: Option<f64>,
    #[schemars(range(min = 1))]
    max_tokens: Option<u32>,
}

/// Who answers the question again: another preset, or another aggregator over the same proposals.
#[derive(Deserialize, JsonSchema)]
pub(super) struct AgainBody {
    preset: Option<String>,
    aggregator: Option<String>,
}

/// Every error.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ErrorBody {
    error: ErrorObject,
}

/// What went wrong.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ErrorObject {
    message: String,
    #[serde(rename = "type")]
    kind: String,
    /// The field that is to blame.
    #[schemars(required, extend("type" = ["string", "null"]))]
    param: Option<String>,
    #[schemars(required, extend("type" = ["string", "null"]))]
    code: Option<String>,
}
