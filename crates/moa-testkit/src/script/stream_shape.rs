//! How a streamed answer is cut into events, and how the events are written.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How a streamed answer is cut into events, and how the events are written. The default is what `OpenAI` does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the file")]
pub struct StreamShape {
    /// How many tokens a chunk holds.
    #[serde(skip_serializing_if = "is_default")]
    pub chunks: Chunks,
    /// Where the role is told.
    #[serde(skip_serializing_if = "is_default")]
    pub role: RoleAt,
    /// Where the finish reason is told.
    #[serde(skip_serializing_if = "is_default")]
    pub finish: FinishAt,
    /// How often `[DONE]` is said.
    #[serde(skip_serializing_if = "is_default")]
    pub done: Done,
    /// What ends a line.
    #[serde(skip_serializing_if = "is_default")]
    pub line_ending: LineEnding,
    /// Whether the stream begins with a byte order mark.
    #[serde(skip_serializing_if = "is_default")]
    pub byte_order_mark: bool,
    /// A comment before every event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether each event's data is spread over several `data:` lines.
    #[serde(skip_serializing_if = "is_default")]
    pub multi_line: bool,
    /// Whether each event has the fields `event`, `id` and `retry` too.
    #[serde(skip_serializing_if = "is_default")]
    pub other_fields: bool,
    /// Whether `data:` is followed by no space.
    #[serde(skip_serializing_if = "is_default")]
    pub no_space: bool,
    /// Whether each delta of a tool call is sent twice.
    #[serde(skip_serializing_if = "is_default")]
    pub duplicate_tool_calls: bool,
    /// The chunk, counted from 1, whose text contains bytes that are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invalid_utf8_in_chunk: Option<usize>,
    /// The chunk, counted from 1, whose JSON breaks off in the middle although the stream goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_json_in_chunk: Option<usize>,
    /// An error in the middle of the stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<StreamError>,
    /// A moment in each chunk.
    #[serde(skip_serializing_if = "is_default")]
    pub stamp: StampIn,
    /// Every event written in small pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drip: Option<Drip>,
}

/// Whether a value is the default one, which need not be written.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How many tokens a chunk holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Chunks {
    /// So many.
    Tokens(usize),
    /// All of them.
    Whole,
}

impl Default for Chunks {
    fn default() -> Self {
        Self::Tokens(1)
    }
}

/// Where the role is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleAt {
    /// In an event of its own before the first token.
    #[default]
    OwnEvent,
    /// In the first chunk.
    FirstChunk,
    /// In every chunk.
    EveryChunk,
    /// Nowhere.
    Never,
}

/// Where the finish reason is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FinishAt {
    /// In an event of its own after the last token.
    #[default]
    OwnEvent,
    /// In the last chunk.
    LastChunk,
    /// Nowhere.
    Never,
}

/// How often `[DONE]` is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Done {
    /// Once.
    #[default]
    Once,
    /// Twice.
    Twice,
    /// Not at all.
    Missing,
    /// Twice, with one more event between.
    TwiceWithEventBetween,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineEnding {
    /// `\n`.
    #[default]
    Lf,
    /// `\r\n`.
    CrLf,
    /// `\r`.
    Cr,
}

/// An error in the middle of a stream, after which nothing more is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StreamError {
    /// The chunk in whose place it stands, counted from 1.
    pub before_chunk: usize,
    /// What it says.
    #[serde(default = "default_message")]
    pub message: String,
    /// Its type.
    #[serde(default = "default_type")]
    pub r#type: String,
    /// Its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Whether `[DONE]` still follows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub done: bool,
}

fn default_message() -> String {
    "the mock breaks off".to_owned()
}

fn default_type() -> String {
    "server_error".to_owned()
}

impl StreamError {
    /// An error of the usual kind in place of the chunk of this number.
    #[must_use]
    pub fn before_chunk(number: usize) -> Self {
        Self {
            before_chunk: number,
            message: default_message(),
            r#type: default_type(),
            code: None,
            done: false,
        }
    }
}

/// Whether chunks tell the moment at which they were sent ([`crate::Stamp`] in nanoseconds, 20 digits).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StampIn {
    /// They do not.
    #[default]
    Nowhere,
    /// The text of each chunk is its moment and a space, so that the moment survives whatever passes only text on.
    Text,
    /// In a field `mock_sent_ns` (a text) beside `choices`.
    Field,
}

/// Every event written in small pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Drip {
    /// How many bytes a piece has.
    pub bytes: usize,
    /// How long the mock waits between two pieces.
    #[serde(default, with = "super::duration")]
    pub pause: Duration,
}
