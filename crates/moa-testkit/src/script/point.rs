//! The places in a reply at which something can happen.

use serde::{Deserialize, Serialize};

/// A place in a reply.
///
/// Chunks are the events that carry something (text, reasoning, part of a tool call), counted from 1; events with only the role, the
/// finish reason or the usage are not counted. A reply that is not streamed has one chunk: its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Point {
    /// Before the status line.
    BeforeHead,
    /// Before the chunk of this number, counted from 1.
    BeforeChunk(usize),
    /// After the last chunk, before what ends the reply (`[DONE]`, the usage, the last byte of a body).
    BeforeEnd,
}

impl Point {
    /// Before the first chunk, which is after the head.
    pub const BEFORE_FIRST_CHUNK: Self = Self::BeforeChunk(1);
}
