//! Chunks to the events of an answer.

use std::sync::Arc;

use moa_core::{ChatEvent, ContentKey, Conversation, Failure, FailureKind, FinishReason, Progress, Upstream};
use serde_json::Value;

use super::finish::finish_reason;
use super::logprobs::logprobs;
use super::text::Said;
use super::tool_calls::ToolCalls;
use super::usage::ToldUsage;
use super::wire::{Chunk, Turn, says_something};
use crate::failure::{ErrorBody, kind_of};

/// The longest model name that is believed.
const MAX_MODEL_NAME_CHARS: usize = 200;

/// An answer that is being put together.
#[derive(Debug)]
pub(super) struct Assembly {
    /// The model that was asked.
    asked_model: String,
    key: ContentKey,
    conversation: Arc<Conversation>,
    /// Who answers, as far as is known.
    upstream: Upstream,
    answer: String,
    reasoning: String,
    tool_calls: ToolCalls,
    usage: ToldUsage,
    finish_reason: Option<FinishReason>,
    knows_model: bool,
    has_choice: bool,
    has_refused: bool,
}

impl Assembly {
    pub(super) fn new(
        asked_model: &str,
        key: ContentKey,
        conversation: Arc<Conversation>,
        upstream: Upstream,
    ) -> Self {
        Self {
            asked_model: asked_model.to_owned(),
            key,
            conversation,
            upstream,
            answer: String::new(),
            reasoning: String::new(),
            tool_calls: ToolCalls::default(),
            usage: ToldUsage::default(),
            finish_reason: None,
            knows_model: false,
            has_choice: false,
            has_refused: false,
        }
    }

    /// Takes a chunk, or a whole answer, and appends what is new to `events`.
    ///
    /// # Errors
    /// What the chunk says went wrong; `BadResponse` for one that is none.
    pub(super) fn push(&mut self, json: &str, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        let chunk: Chunk = serde_json::from_str(json).map_err(|error| {
            let message = format!("what was sent is no chunk of an answer: {error}");
            Failure::new(FailureKind::BadResponse, message)
        })?;
        let counts = self.usage.read(&chunk).then(|| self.usage.so_far());
        let taken = self.take_chunk(json, chunk, events);
        // After the text, since that is counted too.
        events.extend(counts.filter(|usage| !usage.is_nothing()).map(ChatEvent::Consumed));
        taken
    }

    fn take_chunk(&mut self, json: &str, chunk: Chunk, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        if chunk.is_error() {
            return Err(error_of(&serde_json::from_str(json).unwrap_or(Value::Null)));
        }
        self.note_model(&chunk.model, events);
        events.extend(progress(&chunk.prompt_progress).map(ChatEvent::Progress));
        let Some(choice) = chunk.into_choice() else { return Ok(()) };
        self.has_choice = true;
        let logprobs = logprobs(&choice.logprobs);
        if !logprobs.is_empty() {
            events.push(ChatEvent::Logprobs(logprobs));
        }
        // Whole answers say `message`, streams `delta`; some streams give the whole once more in `message`.
        if let Some(turn) = choice.delta.as_ref().or(choice.message.as_ref()) {
            self.take(turn, events);
        }
        if says_something(&choice.error) {
            return Err(error_of(&choice.error));
        }
        if let Some(word) = choice.finish_reason.as_str().filter(|word| !word.is_empty()) {
            self.finish_reason = Some(finish_reason(word)?);
        }
        Ok(())
    }

    fn take(&mut self, turn: &Turn, events: &mut Vec<ChatEvent>) {
        let said = Said::by(turn);
        if !said.reasoning.is_empty() {
            self.reasoning.push_str(&said.reasoning);
            events.push(ChatEvent::Reasoning { text: said.reasoning, tokens: 0 });
        }
        if !said.refusal.is_empty() && !std::mem::replace(&mut self.has_refused, true) {
            events.push(ChatEvent::Warning("the model refuses to answer".to_owned()));
        }
        for text in [said.answer, said.refusal] {
            if !text.is_empty() {
                self.answer.push_str(&text);
                events.push(ChatEvent::Delta { text, tokens: 0 });
            }
        }
        self.tool_calls.push(&turn.tool_calls);
        self.tool_calls.push_function_call(&turn.function_call);
    }

    fn note_model(&mut self, model: &Value, events: &mut Vec<ChatEvent>) {
        let Some(model) = model.as_str().filter(|model| !model.is_empty() && !self.knows_model) else {
            return;
        };
        self.knows_model = true;
        if model != self.asked_model {
            let model = model.chars().take(MAX_MODEL_NAME_CHARS).collect();
            self.upstream.model = Some(model);
            events.push(ChatEvent::Upstream(self.upstream.clone()));
        }
    }

    /// Whether anything was an answer or a part of one.
    pub(super) fn has_choice(&self) -> bool {
        self.has_choice
    }

    /// Whether the service said why the answer ended.
    pub(super) fn has_ended(&self) -> bool {
        self.finish_reason.is_some()
    }

    /// The last events of an answer that is complete.
    pub(super) fn finish(self, events: &mut Vec<ChatEvent>) {
        let told = self.finish_reason.unwrap_or(FinishReason::Stop);
        let finish_reason = match told {
            // Not every service has a word for it.
            FinishReason::Stop if !self.tool_calls.is_empty() => FinishReason::ToolCalls,
            told => told,
        };
        let written = if self.tool_calls.is_empty() {
            self.answer
        } else {
            format!("{}{}", self.answer, self.tool_calls.text())
        };
        let usage = self.usage.settle(&self.conversation, &written, &self.reasoning);
        events.extend(self.tool_calls.finish(&self.key).into_iter().map(ChatEvent::ToolCall));
        events.push(ChatEvent::Finished { finish_reason, usage });
    }
}

/// The failure that an error in place of an answer describes.
fn error_of(value: &Value) -> Failure {
    let body = ErrorBody::of(value);
    let kind = kind_of(None, &body);
    let message = if body.message.is_empty() { "no reason is given" } else { &body.message };
    Failure::new(kind, format!("an error in place of the answer: {message}"))
}

/// How much of the prompt llama-server has read.
fn progress(told: &Value) -> Option<Progress> {
    let count = |name: &str| u32::try_from(told.get(name)?.as_u64()?).ok();
    Some(Progress::Prefill {
        done_tokens: count("processed")?,
        total_tokens: count("total")?,
        cached_tokens: count("cache").unwrap_or(0),
    })
}
