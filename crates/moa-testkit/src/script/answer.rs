//! What the mock says: text, reasoning, tool calls, usage.

use serde::{Deserialize, Serialize};

/// What the mock says in place of a model.
///
/// A token is a word with the white space before it, so that tokens put together are the text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Answer {
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// At most so many tokens of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<usize>,
    /// Whether the text goes on beyond the request's own `max_tokens`, as no good server does.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ignore_max_tokens: bool,
    /// What the model thinks before it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Reasoning>,
    /// Functions that the model wants called.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// The finish reason; without it `stop`, `length` or `tool_calls`, whichever is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
    /// Where the usage is told.
    #[serde(skip_serializing_if = "UsageAt::is_default")]
    pub usage: UsageAt,
    /// The prompt's tokens in the usage; without it the number of words in all messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_tokens: Option<u64>,
    /// The completion's tokens in the usage; without it the number of tokens that were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_tokens: Option<u64>,
    /// The `model` in the reply; without it the one that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// Where the text of an answer comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a text, { echo = true } or { lorem = 200 }")]
pub enum Text {
    /// This text.
    Fixed(String),
    /// The text of the last message of the user.
    Echo(Echo),
    /// So many words without meaning; the same for the same seed and request.
    Lorem(Lorem),
}

/// The text of the last message of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Echo {
    /// Whether to.
    pub echo: bool,
}

/// Words without meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lorem {
    /// The number of words, which is the number of tokens.
    pub lorem: usize,
}

/// What a model thinks before it answers, and where it says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Reasoning {
    /// The thoughts.
    pub text: String,
    /// Where they stand.
    #[serde(default)]
    pub form: ReasoningForm,
}

/// Where thoughts stand in a reply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasoningForm {
    /// In the field `reasoning_content`.
    #[default]
    ReasoningContent,
    /// In the field `reasoning`.
    Reasoning,
    /// In the text itself, between `<think>` and `</think>`.
    Think,
}

/// A function that the model wants called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ToolCall {
    /// The function.
    pub name: String,
    /// Its arguments as JSON text, which is not checked: services send broken ones too.
    pub arguments: String,
    /// The call's id; without it `call_1` and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Where the usage is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UsageAt {
    /// As `OpenAI` does: in a chunk of its own if the request says `include_usage`; always in a reply that is not streamed.
    #[default]
    AsAsked,
    /// Nowhere.
    Never,
    /// In a last chunk of its own with no choices, asked or not.
    OwnChunk,
    /// In the chunk with the finish reason.
    FinishChunk,
    /// In the last chunk with content.
    LastContent,
    /// In every chunk, rising.
    EveryChunk,
}

impl UsageAt {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
