//! Lines to events.
//!
//! # Source
//! The event stream format of the WHATWG HTML standard (section "Server-sent events"). The fields `id` and `retry` are left out: a
//! `POST` is not resumed.

use super::line::LineSplitter;

/// The most that one event may have, and one line of it.
const MAX_EVENT_BYTES: usize = 16 << 20;

/// An event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SseEvent {
    /// Its type (the field `event`), where one is given.
    pub event: Option<String>,
    /// Its data: the `data` lines with line feeds between them. Bytes that are no UTF-8 are replaced by U+FFFD.
    pub data: String,
    /// Whether bytes had to be replaced.
    pub is_lossy: bool,
}

/// Why a stream cannot be decoded any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SseError {
    /// A line does not end.
    #[error("a line of the event stream has more than {limit_bytes} bytes")]
    LineTooLong {
        /// The most that a line may have.
        limit_bytes: usize,
    },
    /// An event does not end.
    #[error("an event of the event stream has more than {limit_bytes} bytes")]
    EventTooLong {
        /// The most that an event may have.
        limit_bytes: usize,
    },
}

/// Decodes a stream of server-sent events that arrives in pieces of any size.
///
/// After an error every further call gives the same error.
#[derive(Debug)]
pub struct SseDecoder {
    lines: LineSplitter,
    block: Block,
    limit_bytes: usize,
    error: Option<SseError>,
}

/// The lines of an event that is not complete.
#[derive(Debug, Default)]
struct Block {
    event: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
}

impl Default for SseDecoder {
    fn default() -> Self {
        Self::with_limit(MAX_EVENT_BYTES)
    }
}

impl SseDecoder {
    /// A decoder for events, and lines of them, of at most so many bytes.
    #[must_use]
    pub fn with_limit(limit_bytes: usize) -> Self {
        Self { lines: LineSplitter::default(), block: Block::default(), limit_bytes, error: None }
    }

    /// Appends the events that `bytes` complete to `events`.
    ///
    /// # Errors
    /// When a line or an event exceeds the limit. What was complete before is in `events`.
    pub fn push(&mut self, bytes: &[u8], events: &mut Vec<SseEvent>) -> Result<(), SseError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let (block, limit_bytes) = (&mut self.block, self.limit_bytes);
        let pushed = self.lines.push(bytes, limit_bytes, |line| {
            events.extend(block.line(line, limit_bytes)?);
            Ok(())
        });
        self.error = pushed.err();
        pushed
    }

    /// The event that the stream ended in, if any.
    ///
    /// The standard drops it, since it may be cut off. Servers forget the last blank line, so whoever calls this has to judge.
    pub fn finish(&mut self) -> Option<SseEvent> {
        if self.error.is_some() {
            return None;
        }
        if let Some(line) = self.lines.finish() {
            self.block.line(&line, self.limit_bytes).ok()?;
        }
        self.block.dispatch()
    }
}

impl Block {
    /// Takes a line; a blank one completes the event.
    fn line(&mut self, line: &[u8], limit_bytes: usize) -> Result<Option<SseEvent>, SseError> {
        if line.is_empty() {
            return Ok(self.dispatch());
        }
        let (field, value) = match memchr::memchr(b':', line) {
            // A comment.
            Some(0) => return Ok(None),
            Some(colon) => (line.get(..colon), line.get(colon + 1..)),
            None => (Some(line), None),
        };
        let value = value.unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field.unwrap_or_default() {
            b"data" => self.add_data(value, limit_bytes)?,
            b"event" => value.clone_into(&mut self.event),
            // llama-server writes errors into a field of this name, which the standard does not have.
            b"error" => {
                b"error".as_slice().clone_into(&mut self.event);
                self.add_data(value, limit_bytes)?;
            }
            _ => {}
        }
        Ok(None)
    }

    fn add_data(&mut self, value: &[u8], limit_bytes: usize) -> Result<(), SseError> {
        if std::mem::replace(&mut self.has_data, true) {
            self.data.push(b'\n');
        }
        if self.data.len() + value.len() > limit_bytes {
            return Err(SseError::EventTooLong { limit_bytes });
        }
        self.data.extend_from_slice(value);
        Ok(())
    }

    fn dispatch(&mut self) -> Option<SseEvent> {
        let block = std::mem::take(self);
        if !block.has_data {
            return None;
        }
        let event = (!block.event.is_empty()).then(|| String::from_utf8_lossy(&block.event).into_owned());
        let (data, is_lossy) = match String::from_utf8(block.data) {
            Ok(data) => (data, false),
            Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), true),
        };
        Some(SseEvent { event, data, is_lossy })
    }
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
