//! Calls in what a model writes.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use futures::stream::{self, StreamExt as _};
use moa_core::{ChatEvent, ChatRequest, ChatStream, Failure, FinishReason, ToolCall};
use serde_json::Value;

use super::{CLOSES, OPENS};
use crate::stop::overlap;

/// A reader of the answer to a request.
pub(crate) fn reader(request: &ChatRequest) -> CallReader {
    CallReader::new(first_id(request))
}

/// From what the ids of a call's tools are made: the same for the same request, and another one for each turn of a conversation.
fn first_id(request: &ChatRequest) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.sampling.seed.hash(&mut hasher);
    for message in request.prompt.conversation().messages() {
        message.content.hash(&mut hasher);
    }
    hasher.finish()
}

/// Reads an answer piece by piece.
#[derive(Debug)]
pub(crate) struct CallReader {
    id: u64,
    /// What is not told yet: the beginning of a mark, or of a call.
    held: String,
    held_tokens: u32,
    is_within: bool,
    calls: u32,
}

type Reply = Result<ChatEvent, Failure>;

impl CallReader {
    fn new(id: u64) -> Self {
        Self { id, held: String::new(), held_tokens: 0, is_within: false, calls: 0 }
    }

    /// Tells calls as calls, and everything else as it is told.
    pub(crate) fn read_all(mut self, replies: ChatStream) -> ChatStream {
        replies.flat_map(move |reply| stream::iter(self.read(reply))).boxed()
    }

    fn read(&mut self, reply: Reply) -> Vec<Reply> {
        match reply {
            Ok(ChatEvent::Delta { text, tokens }) => {
                self.held.push_str(&text);
                self.held_tokens = self.held_tokens.saturating_add(tokens);
                self.told().into_iter().map(Ok).collect()
            }
            Ok(ChatEvent::Finished { finish_reason, usage }) => {
                let mut told = self.rest();
                let has_called = self.calls > 0 && finish_reason == FinishReason::Stop;
                let finish_reason = if has_called { FinishReason::ToolCalls } else { finish_reason };
                told.push(ChatEvent::Finished { finish_reason, usage });
                told.into_iter().map(Ok).collect()
            }
            other => vec![other],
        }
    }

    /// What can be told by now.
    fn told(&mut self) -> Vec<ChatEvent> {
        let mut told = Vec::new();
        loop {
            if self.is_within {
                let Some(end) = self.held.find(CLOSES) else { return told };
                let call = self.held[..end].to_owned();
                self.held.drain(..end + CLOSES.len());
                self.is_within = false;
                match self.call(&call) {
                    Some(call) => {
                        self.held_tokens = 0;
                        told.push(ChatEvent::ToolCall(call));
                    }
                    // The grammar lets no such thing through; a model without one may write it.
                    None => self.say(&mut told, &format!("{OPENS}{call}{CLOSES}")),
                }
            } else if let Some(start) = self.held.find(OPENS) {
                let before = self.held[..start].to_owned();
                self.held.drain(..start + OPENS.len());
                self.say(&mut told, &before);
                self.is_within = true;
            } else {
                let keep = overlap(&self.held, OPENS);
                let rest = self.held.split_off(self.held.len() - keep);
                let text = std::mem::replace(&mut self.held, rest);
                self.say(&mut told, &text);
                return told;
            }
        }
    }

    /// What was held back until the end: text after all, or a call that was cut off, which is shown as it is.
    fn rest(&mut self) -> Vec<ChatEvent> {
        let held = std::mem::take(&mut self.held);
        let text = if self.is_within { format!("{OPENS}{held}") } else { held };
        self.is_within = false;
        let mut told = Vec::new();
        self.say(&mut told, &text);
        told
    }

    fn say(&mut self, told: &mut Vec<ChatEvent>, text: &str) {
        // White space between calls and behind them is no answer.
        if text.is_empty() || (self.calls > 0 && text.trim().is_empty()) {
            return;
        }
        let tokens = std::mem::take(&mut self.held_tokens);
        told.push(ChatEvent::Delta { text: text.to_owned(), tokens });
    }

    fn call(&mut self, text: &str) -> Option<ToolCall> {
        let call: Value = serde_json::from_str(text).ok()?;
        let name = call.get("name")?.as_str()?.to_owned();
        let arguments = call.get("arguments").map_or_else(|| "{}".to_owned(), Value::to_string);
        self.calls += 1;
        Some(ToolCall { id: format!("call_{:016x}{}", self.id, self.calls), name, arguments })
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
