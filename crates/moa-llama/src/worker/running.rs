//! A request that has a sequence: what it still has to compute, and what its call is told.

use moa_core::{ChatEvent, Failure, FinishReason, Progress, Usage};
use tokio::sync::mpsc;

use super::drafting::{Draft, Drafting};
use crate::certainty::CertaintyMeter;
use crate::logprobs::Likely;
use crate::lookup::Offer;
use crate::native::{Grammar, Model, Token};
use crate::request::{PreparedRequest, Reply};
use crate::sampler::Sampler;
use crate::scheduler::Demand;
use crate::sequences::SequenceId;
use crate::stop::StopMatcher;
use crate::utf8::Utf8Buffer;

/// Events that must always find room besides the tokens still to come.
const RESERVED_EVENTS: usize = 8;

/// The place of a request among those that wait: whoever has the lower one begins first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) turn: u64,
    pub(super) arrival: u64,
}

/// A request, from its arrival to its end.
#[derive(Debug)]
pub(super) struct Running {
    /// Its sequence, while it runs.
    pub(super) sequence: SequenceId,
    /// Its place among those that wait.
    pub(super) place: Place,
    /// Whether it has given way to another one before.
    pub(super) gave_way: bool,
    /// The prompt and what was written since. The last token written is not computed yet.
    pub(super) tokens: Vec<Token>,
    pub(super) prompt_tokens: usize,
    /// Whether the prompt is only read, for a later request.
    pub(super) reads_ahead: bool,
    cached_tokens: usize,
    max_tokens: usize,
    sampler: Sampler,
    grammar: Option<Grammar>,
    characters: Utf8Buffer,
    stops: StopMatcher,
    top_logprobs: Option<u8>,
    certainty: CertaintyMeter,
    /// Tokens written since the last delta.
    unreported_tokens: u32,
    drafting: Drafting,
    replies: mpsc::Sender<Reply>,
}

impl Running {
    pub(super) fn new(request: PreparedRequest, place: Place) -> Self {
        Self {
            sequence: 0,
            place,
            gave_way: false,
            prompt_tokens: request.prompt.len(),
            drafting: Drafting::new(request.peers, &request.prompt),
            reads_ahead: request.reads_ahead,
            tokens: request.prompt,
            cached_tokens: 0,
            max_tokens: request.max_tokens,
            sampler: request.sampler,
            grammar: request.grammar,
            characters: Utf8Buffer::default(),
            stops: request.stops,
            top_logprobs: request.top_logprobs,
            certainty: CertaintyMeter::default(),
            unreported_tokens: 0,
            replies: request.replies,
        }
    }

    /// Goes on in a sequence that holds the first tokens already. Returns whether it has not run before.
    pub(super) fn begin(&mut self, sequence: SequenceId, held_tokens: usize) -> bool {
        self.sequence = sequence;
        if !self.gave_way {
            self.cached_tokens = held_tokens;
            self.report_prefill(held_tokens);
        }
        !self.gave_way
    }

    /// The tokens that may still be written.
    pub(super) fn left_tokens(&self) -> usize {
        self.max_tokens.saturating_sub(self.written())
    }

    /// Tells the call that it waits.
    pub(super) fn tell_queued(&self) {
        self.tell(ChatEvent::Progress(Progress::Queued));
    }

    /// What is still to be computed when `computed` tokens are in the cache.
    pub(super) fn demand(&self, computed: usize) -> Demand {
        let pending_tokens = self.tokens.len().saturating_sub(computed);
        let is_prompt = computed < self.prompt_tokens || pending_tokens > 1;
        Demand { pending_tokens, is_prompt, is_ahead: self.reads_ahead }
    }

    /// What the answer could draft in the next call, which writes its next token.
    pub(super) fn offer(&mut self, model: &Model, most: usize) -> Option<Offer> {
        let written = self.written();
        // Beside the draft the call writes a token of its own.
        let room = self.max_tokens.saturating_sub(written + 1).min(most);
        let tokenize = |text: &str| model.tokenize(text, false);
        if written == 0 { None } else { self.drafting.offer(&self.tokens, room, tokenize) }
    }

    /// The first `length` tokens of what was offered.
    pub(super) fn draft(&mut self, length: usize) -> Draft {
        self.drafting.draft(&self.tokens, length)
    }

    /// The draft was judged (see [`Drafting::judged`]).
    pub(super) fn judged(&mut self, draft: &Draft, accepted: usize, saved_seconds: f64) {
        self.drafting.judged(draft, accepted, saved_seconds);
    }

    /// By whom the answer is waited for.
    pub(super) fn listener(&self) -> mpsc::Sender<Reply> {
        self.replies.clone()
    }

    /// Whether nobody waits for the answer any more.
    pub(super) fn is_abandoned(&self) -> bool {
        self.replies.is_closed()
    }

    /// Tells the call how far its prompt has been read.
    pub(super) fn report_prefill(&self, computed: usize) {
        let event = ChatEvent::Progress(Progress::Prefill {
            done_tokens: count(computed.min(self.prompt_tokens)),
            total_tokens: count(self.prompt_tokens),
            cached_tokens: count(self.cached_tokens),
        });
        let events_per_token = if self.top_logprobs.is_some() { 2 } else { 1 };
        if self.replies.capacity() > events_per_token * self.max_tokens + RESERVED_EVENTS {
            self.tell(event);
        }
    }

    /// Chooses the next token. Returns whether the answer is complete; the call has been told then.
    ///
    /// # Errors
    /// When the model computed nothing that a token could be chosen by.
    pub(super) fn advance(&mut self, model: &Model, logits: &mut [f32]) -> Result<bool, Failure> {
        // Before penalties change the logits: what is told is what the model thinks.
        let likely = self.top_logprobs.map(|count| Likely::of(logits, usize::from(count)));
        let will_change = self.sampler.changes_logits() || self.grammar.is_some();
        self.certainty.look(logits, will_change);
        let Some(token) = self.sampler.sample(logits, self.grammar.as_mut()) else {
            return Err(Failure::new(
                moa_core::FailureKind::ModelError,
                "the model computed no usable probabilities (all are NaN)",
            ));
        };
        self.certainty.chosen(token, logits);
        if let Some(likely) = likely {
            self.tell(ChatEvent::Logprobs(vec![likely.told(token, |token| piece(model, token))]));
        }
        let ends = model.ends_generation(token);
        if let Some(grammar) = &mut self.grammar {
            grammar.accept(token, ends);
        }
        if ends {
            self.finish(FinishReason::Stop);
            return Ok(true);
        }
        self.tokens.push(token);
        self.unreported_tokens += 1;
        model.append_piece(token, self.characters.bytes_mut());
        let text = self.characters.take();
        let checked = self.stops.push(&text);
        self.tell_text(checked.text);
        if checked.stopped {
            self.stops.finish();
            self.end(FinishReason::Stop);
            return Ok(true);
        }
        if self.written() >= self.max_tokens {
            self.finish(FinishReason::Length);
            return Ok(true);
        }
        Ok(false)
    }

    /// Tells the call that there will be no answer.
    pub(super) fn fail(&self, failure: Failure) {
        let _ = self.replies.try_send(Err(failure));
    }

    fn written(&self) -> usize {
        self.tokens.len() - self.prompt_tokens
    }

    /// Says what was held back, and ends the answer.
    fn finish(&mut self, reason: FinishReason) {
        let rest = self.characters.finish();
        let checked = self.stops.push(&rest);
        let mut text = checked.text;
        if !checked.stopped {
            text.push_str(&self.stops.finish());
        }
        self.tell_text(text);
        self.end(if checked.stopped { FinishReason::Stop } else { reason });
    }

    fn end(&self, finish_reason: FinishReason) {
        if let Some(lookup) = self.drafting.figures() {
            self.tell(ChatEvent::Lookup(lookup));
        }
        if let Some(certainty) = self.certainty.certainty() {
            self.tell(ChatEvent::Certainty(certainty));
        }
        let usage = Usage {
            prompt_tokens: count(self.prompt_tokens),
            cached_tokens: count(self.cached_tokens),
            completion_tokens: count(self.written()),
            ..Usage::default()
        };
        self.tell(ChatEvent::Finished { finish_reason, usage });
    }

    fn tell_text(&mut self, text: String) {
        if !text.is_empty() {
            let tokens = std::mem::take(&mut self.unreported_tokens);
            self.tell(ChatEvent::Delta { text, tokens });
        }
    }

    fn tell(&self, event: ChatEvent) {
        // The channel has room for all events of a call, so this only fails when nobody listens; `is_abandoned` sees that.
        let _ = self.replies.try_send(Ok(event));
    }
}

/// A token's text.
fn piece(model: &Model, token: Token) -> String {
    let mut bytes = Vec::new();
    model.append_piece(token, &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn count(tokens: usize) -> u32 {
    u32::try_from(tokens).unwrap_or(u32::MAX)
}
