//! One call: a question to one model, until it is answered, fails, runs out of time or is stopped.

use futures::StreamExt;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::emitter::{Emitter, milliseconds_since};
use super::models::Models;
use crate::agent::Agent;
use crate::event::{CallOutcome, CallStatus, EventKind};
use crate::failure::{Failure, FailureKind};
use crate::mixture::PartialAnswers;
use crate::model::{ChatEvent, ChatRequest, FinishReason};
use crate::usage::Usage;

/// A moment at which a call is given up, and what to say then.
#[derive(Debug, Clone)]
pub(super) struct Deadline {
    pub(super) at: Instant,
    pub(super) failure: Failure,
}

/// Everything that one call needs.
pub(super) struct Call<'run> {
    pub(super) agent: &'run Agent,
    pub(super) request: ChatRequest,
    pub(super) models: &'run Models,
    pub(super) emitter: &'run Emitter,
    pub(super) cancel: &'run CancellationToken,
    /// The earliest of the deadlines of call, layer and run.
    pub(super) deadline: Option<Deadline>,
    pub(super) partial_answers: PartialAnswers,
}

/// A call that ended, and what else a run must know about it.
pub(super) struct CallReport {
    pub(super) outcome: CallOutcome,
    /// Whether its references were shortened.
    pub(super) shortened: bool,
    /// When its first token came, in milliseconds since the run's start.
    pub(super) first_token_at_ms: Option<f64>,
}

/// What has come of an answer so far.
struct Progress {
    start: Instant,
    text: String,
    tokens: u32,
    shortened: bool,
    first_token_ms: Option<f64>,
    first_token_at_ms: Option<f64>,
}

impl Call<'_> {
    /// Asks the model and reports everything that it says, `CallStarted` first and `CallFinished` last.
    ///
    /// # Cancel safety
    /// Dropping the future drops the model's stream, which stops the model; no `CallFinished` is reported then.
    pub(super) async fn run(self) -> CallReport {
        let id = self.request.call;
        let model = self.models.resolve(id, &self.agent.model).cloned();
        self.emitter
            .emit(EventKind::CallStarted {
                call: id,
                agent: self.agent.name.clone(),
                model: self.agent.model.to_string(),
                endpoint: model.as_ref().map_or_else(String::new, |model| model.endpoint().to_owned()),
            })
            .await;
        let mut progress = Progress {
            start: Instant::now(),
            text: String::new(),
            tokens: 0,
            shortened: false,
            first_token_ms: None,
            first_token_at_ms: None,
        };
        let end = match model {
            Some(model) => self.listen(model.stream(self.request.clone()), &mut progress).await,
            None => Err(Failure::new(
                FailureKind::ModelUnavailable,
                format!("no model '{}' is set up", self.agent.model),
            )),
        };
        let outcome = self.outcome(end, &progress);
        self.emitter.emit(EventKind::CallFinished { call: id, outcome: outcome.clone() }).await;
        CallReport { outcome, shortened: progress.shortened, first_token_at_ms: progress.first_token_at_ms }
    }

    /// Reads the model's stream to its end, the deadline or the run's cancellation, whichever is first.
    async fn listen(
        &self,
        mut stream: crate::model::ChatStream,
        progress: &mut Progress,
    ) -> Result<(FinishReason, Usage), Failure> {
        loop {
            let next = tokio::select! {
                biased;
                () = self.cancel.cancelled() => {
                    return Err(Failure::new(FailureKind::Cancelled, "the run was stopped"));
                }
                failure = wait_for(self.deadline.as_ref()) => return Err(failure),
                next = stream.next() => next,
            };
            match next {
                Some(Ok(ChatEvent::Finished { finish_reason, usage })) => return Ok((finish_reason, usage)),
                Some(Ok(event)) => self.report(event, progress).await,
                Some(Err(failure)) => return Err(failure),
                None => {
                    return Err(Failure::new(
                        FailureKind::ModelError,
                        "the model stopped without finishing its answer",
                    ));
                }
            }
        }
    }

    async fn report(&self, event: ChatEvent, progress: &mut Progress) {
        let call = self.request.call;
        let kind = match event {
            ChatEvent::Progress(progress) => EventKind::CallProgress { call, progress },
            ChatEvent::Shortened(shortening) => {
                progress.shortened = true;
                EventKind::CallShortened { call, shortening }
            }
            ChatEvent::Warning(message) => EventKind::CallWarning { call, message },
            ChatEvent::Delta { text, tokens } => {
                if progress.first_token_ms.is_none() {
                    progress.first_token_ms = Some(milliseconds_since(progress.start));
                    progress.first_token_at_ms = Some(self.emitter.now_ms());
                }
                progress.text.push_str(&text);
                progress.tokens = progress.tokens.saturating_add(tokens);
                EventKind::CallDelta { call, text, tokens }
            }
            ChatEvent::Finished { .. } => return,
        };
        self.emitter.emit(kind).await;
    }

    /// Judges how the call ended.
    fn outcome(&self, end: Result<(FinishReason, Usage), Failure>, progress: &Progress) -> CallOutcome {
        let text = progress.text.trim();
        let (status, finish_reason, error, usage) = match end {
            Ok((finish_reason, usage)) if text.is_empty() => {
                let failure = Failure::new(FailureKind::EmptyAnswer, "the model answered nothing");
                (CallStatus::Failed, Some(finish_reason), Some(failure), usage)
            }
            Ok((finish_reason, usage)) => (CallStatus::Ok, Some(finish_reason), None, usage),
            Err(failure) => {
                // Of a call that was cut off only the tokens that arrived are known.
                let usage = Usage { completion_tokens: progress.tokens, ..Usage::default() };
                (self.status_of(&failure, text), None, Some(failure), usage)
            }
        };
        CallOutcome {
            status,
            text: text.to_owned(),
            finish_reason,
            error,
            usage,
            first_token_ms: progress.first_token_ms,
            wall_ms: milliseconds_since(progress.start),
        }
    }

    fn status_of(&self, failure: &Failure, text: &str) -> CallStatus {
        let by_engine = matches!(
            failure.kind,
            FailureKind::CallDeadline
                | FailureKind::LayerDeadline
                | FailureKind::RunDeadline
                | FailureKind::Cancelled
        );
        let kept = self.partial_answers == PartialAnswers::Keep
            && !text.is_empty()
            && !matches!(failure.kind, FailureKind::Cancelled | FailureKind::RunDeadline);
        match (kept, by_engine) {
            (true, _) => CallStatus::Partial,
            (false, true) => CallStatus::Dropped,
            (false, false) => CallStatus::Failed,
        }
    }
}

/// Waits for the deadline; for ever where there is none.
async fn wait_for(deadline: Option<&Deadline>) -> Failure {
    match deadline {
        Some(deadline) => {
            sleep_until(deadline.at).await;
            deadline.failure.clone()
        }
        None => std::future::pending().await,
    }
}
