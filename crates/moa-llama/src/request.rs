//! One request on its way to the model's thread: checked, rendered, fitted, tokenized.

use std::sync::Arc;

use moa_core::{ChatEvent, ChatRequest, Failure, FailureKind, Fitted, Peers, Prompt, RunId, Sampling};
use tokio::sync::mpsc;

use crate::ahead::known_beginning;
use crate::form;
use crate::native::{Grammar, Token};
use crate::prompter::Prompter;
use crate::sampler::{Sampler, SamplingDefaults};
use crate::stop::StopMatcher;
use crate::tools::{self, Offered};

/// More stop texts than any protocol allows are a mistake.
const MAX_STOPS: usize = 64;
/// Stop texts are compared with the end of the answer at every token.
const MAX_STOP_BYTES: usize = 1024;
/// Events besides those of the tokens: warnings, shortening, progress, the end.
const EVENT_SLACK: usize = 64;

/// What a call is told.
pub(crate) type Reply = Result<ChatEvent, Failure>;

/// A request as the caller made it.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) request: ChatRequest,
    pub(crate) replies: mpsc::Sender<Reply>,
}

/// The channel of one call, large enough for everything that the call can be told: the model's thread never waits for a reader.
pub(crate) fn reply_channel(
    request: &ChatRequest,
    context_tokens: u32,
) -> (mpsc::Sender<Reply>, mpsc::Receiver<Reply>) {
    let tokens = usize::try_from(request.max_tokens.min(context_tokens)).unwrap_or(0);
    // How likely a token was is an event of its own.
    let tokens = if request.top_logprobs.is_some() { 2 * tokens } else { tokens };
    let prompt_events = usize::try_from(context_tokens).unwrap_or(0) / 32;
    mpsc::channel(tokens + prompt_events + EVENT_SLACK)
}

/// What all requests of a model have in common.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) prompter: Arc<Prompter>,
    pub(crate) context_tokens: u32,
    pub(crate) sampling_defaults: SamplingDefaults,
    /// Whether answers are guessed from those of others.
    pub(crate) peer_lookup: bool,
    /// What every call is told at its start.
    pub(crate) warnings: Vec<String>,
}

/// A request that the model's thread can work on without looking at text again.
#[derive(Debug)]
pub(crate) struct PreparedRequest {
    /// The run that it is of, if it is of one.
    pub(crate) run: Option<RunId>,
    pub(crate) prompt: Vec<Token>,
    pub(crate) max_tokens: usize,
    pub(crate) sampler: Sampler,
    pub(crate) grammar: Option<Grammar>,
    pub(crate) stops: StopMatcher,
    pub(crate) top_logprobs: Option<u8>,
    /// The answers of others to the same question, to guess from.
    pub(crate) peers: Option<Peers>,
    /// Whether the prompt is only read, for a later request that begins alike.
    pub(crate) reads_ahead: bool,
    pub(crate) replies: mpsc::Sender<Reply>,
}

/// The beginning of a prompt, to be read before the rest of it is there.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) prompt: Prompt,
    pub(crate) max_tokens: u32,
    /// Closed when nobody wants it any more; nothing is ever told.
    pub(crate) replies: mpsc::Sender<Reply>,
}

impl Frame {
    /// The most tokens that a prompt may have, so that there is room for an answer: the answer's cap, but no more than a quarter of
    /// the context, because a cap is often far above what is written, and references are worth more than room that stays empty.
    pub(crate) fn prompt_limit(&self, max_tokens: u32) -> u32 {
        self.context_tokens - max_tokens.min(self.context_tokens / 4).max(1)
    }

    /// Prepares a request and tells the call about shortened references and warnings. `None` when the call has ended, well or not.
    pub(crate) fn prepare(&self, job: Job) -> Option<PreparedRequest> {
        let Job { request, replies } = job;
        if replies.is_closed() {
            return None;
        }
        match self.try_prepare(&request, &replies) {
            Ok(prepared) => Some(prepared),
            Err(failure) => {
                // A call that is gone needs no answer.
                let _ = replies.try_send(Err(failure));
                None
            }
        }
    }

    fn try_prepare(
        &self,
        request: &ChatRequest,
        replies: &mpsc::Sender<Reply>,
    ) -> Result<PreparedRequest, Failure> {
        let sampler = Sampler::new(&request.sampling, self.sampling_defaults)?;
        check(request)?;
        let offered = tools::asked(request).map_err(|error| invalid(error.to_string()))?;
        let grammar = self.grammar(request, offered)?;
        let tools = offered.map_or(&[][..], |offered| offered.tools);
        let limit = self.prompt_limit(request.max_tokens);
        let Fitted { prompt, shortening, .. } = self.prompter.fit(&request.prompt, tools, limit)?;
        let tokens = self.prompter.encode_prompt(&prompt, tools)?;
        if tokens.is_empty() {
            return Err(Failure::new(FailureKind::InvalidRequest, "the prompt has no tokens"));
        }
        for warning in &self.warnings {
            let _ = replies.try_send(Ok(ChatEvent::Warning(warning.clone())));
        }
        if let Some(shortening) = shortening {
            let _ = replies.try_send(Ok(ChatEvent::Shortened(shortening)));
        }
        let room = usize::try_from(self.context_tokens).unwrap_or(0).saturating_sub(tokens.len());
        let stops = request.sampling.stop.iter().cloned();
        let stops = stops.chain(self.prompter.stop_texts().iter().map(|text| (*text).to_owned()));
        Ok(PreparedRequest {
            run: request.run,
            prompt: tokens,
            max_tokens: usize::try_from(request.max_tokens).unwrap_or(usize::MAX).min(room),
            sampler,
            grammar,
            stops: StopMatcher::new(stops),
            top_logprobs: request.top_logprobs,
            peers: request.peers.clone().filter(|_| self.peer_lookup),
            reads_ahead: false,
            replies: replies.clone(),
        })
    }

    /// Prepares the reading of a beginning. `None` where there is nothing to read, or nobody wants it any more.
    pub(crate) fn prepare_reading(&self, reading: Reading) -> Option<PreparedRequest> {
        let Reading { prompt, max_tokens, replies } = reading;
        if replies.is_closed() {
            return None;
        }
        // What cannot be written out fails, and is told, when the question is put.
        let tokens = known_beginning(&self.prompter, &prompt).ok()?;
        let limit = usize::try_from(self.prompt_limit(max_tokens)).unwrap_or(0);
        // Longer ones will be shortened, and then begin differently.
        if tokens.is_empty() || tokens.len() > limit {
            return None;
        }
        Some(PreparedRequest {
            run: None,
            prompt: tokens,
            max_tokens: 0,
            sampler: Sampler::new(&Sampling::greedy(), self.sampling_defaults).ok()?,
            grammar: None,
            stops: StopMatcher::new(std::iter::empty()),
            top_logprobs: None,
            peers: None,
            reads_ahead: true,
            replies,
        })
    }
}

impl Frame {
    /// What keeps the answer to the form that the request demands, and calls of tools to theirs.
    fn grammar(
        &self,
        request: &ChatRequest,
        offered: Option<Offered<'_>>,
    ) -> Result<Option<Grammar>, Failure> {
        let format = request.response_format.as_deref();
        let text = match (offered, format) {
            (Some(offered), format) => tools::grammar(offered, format).map(Some),
            (None, Some(format)) => form::grammar(format),
            (None, None) => return Ok(None),
        };
        let Some(text) = text.map_err(|error| invalid(error.to_string()))? else { return Ok(None) };
        let grammar = self.prompter.grammar(&text);
        grammar.map(Some).ok_or_else(|| invalid("llama.cpp cannot keep to this form of answer".to_owned()))
    }
}

fn invalid(message: String) -> Failure {
    Failure::new(FailureKind::InvalidRequest, message)
}

/// Checks what the type of a request leaves open.
fn check(request: &ChatRequest) -> Result<(), Failure> {
    let invalid = |message: String| Err(invalid(message));
    if request.max_tokens == 0 {
        return invalid("max-tokens is 0: the model may not write anything".to_owned());
    }
    let stops = &request.sampling.stop;
    if stops.len() > MAX_STOPS {
        return invalid(format!("there are {} stop texts, but at most {MAX_STOPS} are allowed", stops.len()));
    }
    match stops.iter().find(|stop| stop.len() > MAX_STOP_BYTES) {
        Some(stop) => {
            invalid(format!("a stop text has {} bytes, but at most {MAX_STOP_BYTES} are allowed", stop.len()))
        }
        None => Ok(()),
    }
}
