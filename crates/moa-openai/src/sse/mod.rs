//! Server-sent events: bytes as they arrive to events.

mod decoder;
mod line;

pub use decoder::{SseDecoder, SseError, SseEvent};
