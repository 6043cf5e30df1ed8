//! What has come of one answer so far.

use tokio::time::Instant;

use super::emitter::{Emitter, milliseconds_since};
use crate::certainty::{Certainty, LogprobTally};
use crate::model::Progress;
use crate::thinking::{Piece, ThinkingSplitter};
use crate::token_estimate::estimated_tokens;
use crate::tool::ToolCall;
use crate::usage::Usage;

/// An answer that is being written.
pub(super) struct Answer {
    start: Instant,
    pub(super) text: String,
    pub(super) reasoning: String,
    pub(super) tool_calls: Vec<ToolCall>,
    pub(super) shortened: bool,
    pub(super) first_token_ms: Option<f64>,
    pub(super) first_token_at_ms: Option<f64>,
    splitter: ThinkingSplitter,
    /// Tokens of text that the splitter holds back.
    held_tokens: u32,
    tokens: u32,
    reasoning_tokens: u32,
    /// How sure the model said it was.
    pub(super) certainty: Option<Certainty>,
    /// What an endpoint told of single tokens.
    pub(super) logprobs: LogprobTally,
    /// Tokens of the prompt and of its part that was in the cache, where the model told.
    prompt_tokens: Option<(u32, u32)>,
    /// What the endpoint says was consumed so far, by all attempts.
    consumed: Usage,
    /// The same when the present attempt began.
    consumed_before: Usage,
    /// How far the answer was when the endpoint counted.
    counted: Extent,
}

/// How far an answer is.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    text_bytes: usize,
    reasoning_bytes: usize,
    tool_calls: usize,
    tokens: u32,
    reasoning_tokens: u32,
}

/// A piece of an answer as it is reported.
pub(super) struct Told {
    pub(super) piece: Piece,
    pub(super) tokens: u32,
}

impl Answer {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            text: String::new(),
            reasoning: String::new(),
            tool_calls: Vec::new(),
            shortened: false,
            first_token_ms: None,
            first_token_at_ms: None,
            splitter: ThinkingSplitter::default(),
            held_tokens: 0,
            tokens: 0,
            reasoning_tokens: 0,
            certainty: None,
            logprobs: LogprobTally::default(),
            prompt_tokens: None,
            consumed: Usage::default(),
            consumed_before: Usage::default(),
            counted: Extent::default(),
        }
    }

    /// How sure the model was of what it wrote, where anybody told.
    pub(super) fn certainty(&self) -> Option<Certainty> {
        self.certainty.or_else(|| self.logprobs.certainty())
    }

    /// Milliseconds since the call started.
    pub(super) fn wall_ms(&self) -> f64 {
        milliseconds_since(self.start)
    }

    /// Takes a piece of text as the model wrote it, and tells what is to be reported of it.
    pub(super) fn push(&mut self, text: &str, tokens: u32, emitter: &Emitter) -> Vec<Told> {
        self.first_token(emitter);
        self.tokens = self.tokens.saturating_add(tokens);
        self.held_tokens = self.held_tokens.saturating_add(tokens);
        let pieces = self.splitter.push(text);
        self.told(pieces)
    }

    /// Takes a piece of what the model thinks, where it says so itself.
    pub(super) fn push_reasoning(&mut self, text: &str, tokens: u32, emitter: &Emitter) {
        self.first_token(emitter);
        self.tokens = self.tokens.saturating_add(tokens);
        self.reasoning_tokens = self.reasoning_tokens.saturating_add(tokens);
        self.reasoning.push_str(text);
    }

    /// What the splitter still held when the text was over.
    pub(super) fn finish(&mut self) -> Vec<Told> {
        let rest = std::mem::take(&mut self.splitter).finish();
        self.told(rest.into_iter().collect())
    }

    pub(super) fn note_progress(&mut self, progress: Progress) {
        if let Progress::Prefill { total_tokens, cached_tokens, .. } = progress {
            self.prompt_tokens = Some((total_tokens, cached_tokens));
        }
    }

    /// What the model says that it consumed, with what only we saw.
    pub(super) fn usage(&self, told: Usage) -> Usage {
        Usage { reasoning_tokens: told.reasoning_tokens.max(self.reasoning_tokens), ..told }
    }

    /// Takes what the endpoint says was consumed so far.
    pub(super) fn note_consumed(&mut self, consumed: Usage) {
        self.consumed = consumed;
        // A service that says 0 of an answer that is there did not count it.
        if consumed.completion_tokens > self.consumed_before.completion_tokens {
            self.counted = self.extent();
        }
    }

    /// An attempt failed, and another one is made.
    pub(super) fn begin_anew(&mut self) {
        if self.has_told_prompt() {
            self.prompt_tokens = None;
        }
        self.consumed_before = self.consumed;
    }

    /// What a call that was cut off consumed, as far as the endpoint told.
    pub(super) fn consumed(&self) -> Usage {
        self.consumed
    }

    /// What a call that was cut off consumed besides: what arrived since the endpoint counted last, and a prompt of about `prompt_tokens` if
    /// it was read and nobody counted it.
    pub(super) fn unsaid(&self, prompt_tokens: impl FnOnce() -> u32) -> Usage {
        let has_begun = !self.text.is_empty() || !self.reasoning.is_empty() || !self.tool_calls.is_empty();
        let is_guess = self.tokens == 0;
        let written = if is_guess { self.estimated_since() } else { self.tokens - self.counted.tokens };
        let (prompt, cached, is_prompt_guess) = match self.prompt_tokens {
            _ if self.has_told_prompt() => (0, 0, false),
            Some((prompt, cached)) => (prompt, cached, false),
            None if has_begun => (prompt_tokens(), 0, true),
            None => (0, 0, false),
        };
        Usage {
            prompt_tokens: prompt,
            cached_tokens: cached,
            completion_tokens: written,
            reasoning_tokens: self.reasoning_tokens - self.counted.reasoning_tokens,
            estimated: is_prompt_guess || (is_guess && written > 0),
            cost_usd: None,
        }
    }

    /// About the tokens that arrived since the endpoint counted last.
    fn estimated_since(&self) -> u32 {
        let texts = [&self.text[self.counted.text_bytes..], &self.reasoning[self.counted.reasoning_bytes..]];
        let calls = &self.tool_calls[self.counted.tool_calls..];
        let calls = calls.iter().flat_map(|call| [call.name.as_str(), call.arguments.as_str()]);
        texts.into_iter().chain(calls).map(estimated_tokens).fold(0, u32::saturating_add)
    }

    /// Whether the endpoint counted the prompt of the present attempt.
    fn has_told_prompt(&self) -> bool {
        self.consumed.prompt_tokens > self.consumed_before.prompt_tokens
    }

    fn extent(&self) -> Extent {
        Extent {
            text_bytes: self.text.len(),
            reasoning_bytes: self.reasoning.len(),
            tool_calls: self.tool_calls.len(),
            tokens: self.tokens,
            reasoning_tokens: self.reasoning_tokens,
        }
    }

    fn first_token(&mut self, emitter: &Emitter) {
        if self.first_token_ms.is_none() {
            self.first_token_ms = Some(self.wall_ms());
            self.first_token_at_ms = Some(emitter.now_ms());
        }
    }

    fn told(&mut self, pieces: Vec<Piece>) -> Vec<Told> {
        let last = pieces.len().saturating_sub(1);
        let mut told = Vec::with_capacity(pieces.len());
        for (place, piece) in pieces.into_iter().enumerate() {
            // Which of the tokens fell on which side of a tag is not known: the last piece has them all.
            let tokens = if place == last { std::mem::take(&mut self.held_tokens) } else { 0 };
            match &piece {
                Piece::Thought(text) => {
                    self.reasoning.push_str(text);
                    self.reasoning_tokens = self.reasoning_tokens.saturating_add(tokens);
                }
                Piece::Answer(text) => self.text.push_str(text),
            }
            told.push(Told { piece, tokens });
        }
        told
    }
}
