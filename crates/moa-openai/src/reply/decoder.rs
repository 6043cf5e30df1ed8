//! The bytes of a response to the events of an answer.

use std::sync::Arc;

use moa_core::{ChatEvent, ContentKey, Conversation, Failure, FailureKind, Upstream};

use super::assembly::Assembly;
use crate::failure::{ErrorBody, kind_of};
use crate::sse::{SseDecoder, SseEvent};

/// The most that an answer in one piece may have.
const MAX_WHOLE_BYTES: usize = 32 << 20;

/// The most that a stream may have in all.
const MAX_STREAM_BYTES: u64 = 512 << 20;

/// How much of a stream without events is quoted.
const MAX_QUOTED_BYTES: usize = 200;

/// Ends a stream.
const DONE: &str = "[DONE]";

/// Decodes a response with a status that says all is well, whatever form its body has: a stream of events, a whole answer, an error.
///
/// The form is told from the first bytes, since services answer whole where a stream was asked for, and name wrong content types.
#[derive(Debug)]
pub struct ReplyDecoder {
    form: Form,
    assembly: Assembly,
    seen_bytes: u64,
    /// What the stream began with, as long as it has no event.
    beginning: Vec<u8>,
    is_done: bool,
    has_events: bool,
    has_warned: bool,
}

#[derive(Debug)]
enum Form {
    /// Nothing but white space so far; the bytes.
    Unknown(Vec<u8>),
    /// JSON; the bytes.
    Whole(Vec<u8>),
    /// Events.
    Stream(SseDecoder),
}

impl ReplyDecoder {
    /// A decoder for the answer of `model` to `conversation`, which `key` names.
    ///
    /// The conversation is there for estimates where the service counts no tokens, the key for ids of calls that have none.
    #[must_use]
    pub fn new(model: &str, key: ContentKey, conversation: Conversation) -> Self {
        Self::with_upstream(model, key, conversation.into(), Upstream::default())
    }

    /// The same, where something is known of who answers.
    pub(crate) fn with_upstream(
        model: &str,
        key: ContentKey,
        conversation: Arc<Conversation>,
        upstream: Upstream,
    ) -> Self {
        Self {
            form: Form::Unknown(Vec::new()),
            assembly: Assembly::new(model, key, conversation, upstream),
            seen_bytes: 0,
            beginning: Vec::new(),
            is_done: false,
            has_events: false,
            has_warned: false,
        }
    }

    /// Appends to `events` what `bytes` tell.
    ///
    /// # Errors
    /// What the service says went wrong; `BadResponse` where it makes no sense. `events` has what came before.
    pub fn push(&mut self, bytes: &[u8], events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        if self.is_done {
            return Ok(());
        }
        self.seen_bytes = self.seen_bytes.saturating_add(bytes.len() as u64);
        if self.seen_bytes > MAX_STREAM_BYTES {
            return Err(bad(format!("the answer has more than {MAX_STREAM_BYTES} bytes")));
        }
        match &mut self.form {
            Form::Unknown(held) => {
                held.extend_from_slice(bytes);
                if held.len() > MAX_WHOLE_BYTES {
                    return Err(bad("the answer is nothing but white space"));
                }
                let Some(form) = form_of(held)? else { return Ok(()) };
                let held = std::mem::take(held);
                self.form = form;
                self.seen_bytes = 0;
                self.push(&held, events)
            }
            Form::Whole(held) => {
                if held.len() + bytes.len() > MAX_WHOLE_BYTES {
                    return Err(bad(format!("the answer has more than {MAX_WHOLE_BYTES} bytes")));
                }
                held.extend_from_slice(bytes);
                Ok(())
            }
            Form::Stream(decoder) => {
                if !self.has_events {
                    let room = MAX_QUOTED_BYTES.saturating_sub(self.beginning.len());
                    self.beginning.extend(bytes.iter().take(room));
                }
                let mut complete = Vec::new();
                let pushed = decoder.push(bytes, &mut complete);
                for event in complete {
                    self.take(&event, events)?;
                }
                pushed.map_err(|error| bad(error.to_string()))
            }
        }
    }

    /// Whether the service said that nothing more comes.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// Whether the service said why the answer ended, though not yet that nothing more comes.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.assembly.has_ended()
    }

    /// Ends the answer where its bytes end.
    ///
    /// # Errors
    /// `ConnectionLost` where the service did not say that the answer is complete, `BadResponse` where there is none.
    pub fn finish(mut self, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        match std::mem::replace(&mut self.form, Form::Unknown(Vec::new())) {
            Form::Unknown(_) => {
                return Err(Failure::new(FailureKind::ConnectionLost, "the response has no body"));
            }
            Form::Whole(body) => self.take_whole(&body, events)?,
            Form::Stream(mut decoder) => {
                if let Some(last) = decoder.finish().filter(|_| !self.is_done)
                    && (last.data.trim() == DONE || is_json(&last.data))
                {
                    self.take(&last, events)?;
                }
                self.check_end()?;
            }
        }
        self.assembly.finish(events);
        Ok(())
    }

    fn take(&mut self, event: &SseEvent, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        let data = event.data.trim();
        if self.is_done || data.is_empty() {
            return Ok(());
        }
        if data == DONE {
            self.is_done = true;
            return Ok(());
        }
        self.has_events = true;
        if event.event.as_deref() == Some("error") {
            let body = ErrorBody::parse(data.as_bytes());
            let kind = kind_of(None, &body);
            return Err(Failure::new(kind, format!("an error in place of the answer: {}", body.message)));
        }
        self.warn_of(event.is_lossy, events);
        self.assembly.push(data, events)
    }

    fn take_whole(&mut self, body: &[u8], events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}');
        match self.assembly.push(text, events) {
            Ok(()) if self.assembly.has_choice() => {
                self.warn_of(std::str::from_utf8(body).is_err(), events);
                Ok(())
            }
            Ok(()) => Err(bad("the response is JSON, and no answer")),
            Err(failure) if failure.kind == FailureKind::BadResponse && is_cut_off(text) => {
                Err(Failure::new(FailureKind::ConnectionLost, "the response breaks off in the middle"))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Judges a stream that is over.
    fn check_end(&self) -> Result<(), Failure> {
        if !self.has_events && self.is_done {
            // Not quoted: how much of it has arrived by now depends on how it was cut.
            return Err(bad("the service said that it is done before it answered anything"));
        }
        if !self.has_events {
            let beginning = String::from_utf8_lossy(&self.beginning);
            return Err(bad(format!("no answer came, but: {}", beginning.trim())));
        }
        if self.is_done || self.has_ended() {
            return Ok(());
        }
        let message = "the stream ended before the answer was complete";
        Err(Failure::new(FailureKind::ConnectionLost, message))
    }

    fn warn_of(&mut self, is_lossy: bool, events: &mut Vec<ChatEvent>) {
        if is_lossy && !std::mem::replace(&mut self.has_warned, true) {
            let message = "the endpoint sent bytes that are no UTF-8; they were replaced by \u{fffd}";
            events.push(ChatEvent::Warning(message.to_owned()));
        }
    }
}

/// The form of a response that begins with `bytes`, once it can be told.
fn form_of(bytes: &[u8]) -> Result<Option<Form>, Failure> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_mark = b"\xef\xbb\xbf".starts_with(bytes);
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        _ if is_mark => Ok(None),
        None => Ok(None),
        Some(b'{' | b'[') => Ok(Some(Form::Whole(Vec::new()))),
        Some(b'<') => Err(bad("a web page in place of an answer")
            .with_hint("a proxy or a log-in page may stand in between; check the base URL")),
        Some(_) => Ok(Some(Form::Stream(SseDecoder::default()))),
    }
}

fn bad(message: impl Into<String>) -> Failure {
    Failure::new(FailureKind::BadResponse, message)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Whether a text is the beginning of JSON.
fn is_cut_off(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_err_and(|error| error.is_eof())
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
