//! One call: a question to one model, until it is answered, fails, runs out of time or is stopped.

use std::sync::Arc;

use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, Told};
use super::budget::{Budget, Reservation};
use super::deadline::Deadline;
use super::emitter::Emitter;
use crate::agent::Agent;
use crate::event::{CallOutcome, CallStatus, EventKind};
use crate::failure::{Failure, FailureKind};
use crate::growing_answers::GrowingAnswer;
use crate::layer::CallId;
use crate::mixture::PartialAnswers;
use crate::model::{ChatEvent, ChatModel, ChatRequest, ChatStream, FinishReason};
use crate::price::Pricing;
use crate::task::CallTask;
use crate::thinking::Piece;
use crate::token_estimate::{estimated_prompt_tokens, most_prompt_tokens};
use crate::usage::Usage;

/// Everything that one call needs.
pub(super) struct Call<'run> {
    pub(super) agent: &'run Agent,
    pub(super) task: CallTask,
    pub(super) request: ChatRequest,
    /// Who answers; `None` where nobody of that name is set up.
    pub(super) model: Option<Arc<dyn ChatModel>>,
    /// What the reader should know before anything is asked.
    pub(super) warning: Option<String>,
    /// Where to keep what is written, for those who look meanwhile.
    pub(super) growing: Option<GrowingAnswer<'run>>,
    pub(super) emitter: &'run Emitter,
    pub(super) budget: &'run Budget,
    pub(super) cancel: &'run CancellationToken,
    /// Enough others have answered.
    pub(super) enough: CancellationToken,
    /// The earliest of the deadlines of call, layer and run.
    pub(super) deadline: Option<Deadline>,
    pub(super) partial_answers: PartialAnswers,
}

/// A call that ended, and what else a run must know about it.
pub(super) struct CallReport {
    pub(super) call: CallId,
    pub(super) outcome: CallOutcome,
    /// Whether its references were shortened.
    pub(super) shortened: bool,
    /// When its first token came, in milliseconds since the run's start.
    pub(super) first_token_at_ms: Option<f64>,
}

impl Call<'_> {
    /// Asks the model and reports everything that it says, `CallStarted` first and `CallFinished` last.
    ///
    /// # Cancel safety
    /// Dropping the future drops the model's stream, which stops the model; no `CallFinished` is reported then.
    pub(super) async fn run(self) -> CallReport {
        let call = self.request.call;
        let model = self.model.as_ref();
        self.emitter
            .emit(EventKind::CallStarted {
                call,
                agent: self.agent.name.clone(),
                model: self.agent.model.to_string(),
                endpoint: model.map_or_else(String::new, |model| model.endpoint().to_owned()),
                key: model.map(|_| self.request.key.clone()),
                task: self.task,
            })
            .await;
        if let Some(message) = self.warning.clone() {
            self.emitter.emit(EventKind::CallWarning { call, message }).await;
        }
        let mut answer = Answer::new();
        let (end, reservation) = match self.start() {
            Ok((stream, reservation)) => (self.listen(stream, &mut answer).await, Some(reservation)),
            Err(failure) => (Err(failure), None),
        };
        for told in answer.finish() {
            self.tell(told).await;
        }
        if let Some(growing) = self.growing {
            growing.end();
        }
        let is_refused = end.as_ref().is_err_and(|failure| !failure.kind.may_have_cost());
        let is_whole = end.is_ok();
        let outcome = self.outcome(end, &answer);
        // What an answer came to that broke off is a lower bound, whoever told it.
        let is_told = is_whole || (is_refused && outcome.usage.is_nothing());
        if let Some(reservation) = reservation {
            reservation.settle(outcome.usage.cost_usd.unwrap_or(0.0), is_told);
        }
        self.emitter.emit(EventKind::CallFinished { call, outcome: outcome.clone() }).await;
        let Answer { shortened, first_token_at_ms, .. } = answer;
        CallReport { call, outcome, shortened, first_token_at_ms }
    }

    /// Asks the model, if there is one and the run can afford it.
    fn start(&self) -> Result<(ChatStream, Reservation<'_>), Failure> {
        let Some(model) = &self.model else {
            let message = format!("no model '{}' is set up", self.agent.model);
            return Err(Failure::new(FailureKind::ModelUnavailable, message));
        };
        let most = match model.pricing() {
            Pricing::Known(price) if self.budget.is_capped() => {
                price.at_most(self.prompt_tokens(most_prompt_tokens), self.request.max_tokens)
            }
            _ => 0.0,
        };
        let name = Budget::name_of(self.request.call, &self.agent.name);
        let reservation = self.budget.reserve(most, &name)?;
        Ok((model.stream(self.request.clone()), reservation))
    }

    /// Reads the model's stream to its end, the deadline or the run's cancellation, whichever is first.
    async fn listen(
        &self,
        mut stream: ChatStream,
        answer: &mut Answer,
    ) -> Result<(FinishReason, Usage), Failure> {
        loop {
            let next = tokio::select! {
                biased;
                () = self.cancel.cancelled() => {
                    return Err(Failure::new(FailureKind::Cancelled, "the run was stopped"));
                }
                failure = Deadline::wait_for(self.deadline.as_ref()) => return Err(failure),
                next = stream.next() => next,
                () = self.enough.cancelled() => {
                    let message = "enough other answers were there, and this one was not waited for";
                    return Err(Failure::new(FailureKind::Straggler, message));
                }
            };
            match next {
                Some(Ok(ChatEvent::Finished { finish_reason, usage })) => return Ok((finish_reason, usage)),
                Some(Ok(event)) => self.report(event, answer).await,
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

    async fn report(&self, event: ChatEvent, answer: &mut Answer) {
        let call = self.request.call;
        let kind = match event {
            ChatEvent::Progress(progress) => {
                answer.note_progress(progress);
                EventKind::CallProgress { call, progress }
            }
            ChatEvent::Retrying(retry) => {
                answer.begin_anew();
                EventKind::CallRetried { call, retry }
            }
            ChatEvent::Hedged => EventKind::CallHedged { call },
            ChatEvent::Upstream(upstream) => EventKind::CallUpstream { call, upstream },
            ChatEvent::Reused => EventKind::CallReused { call },
            ChatEvent::Shortened(shortening) => {
                answer.shortened = true;
                EventKind::CallShortened { call, shortening }
            }
            ChatEvent::Warning(message) => EventKind::CallWarning { call, message },
            ChatEvent::Reasoning { text, tokens } => {
                answer.push_reasoning(&text, tokens, self.emitter);
                EventKind::CallReasoning { call, text, tokens }
            }
            ChatEvent::Delta { text, tokens } => {
                for told in answer.push(&text, tokens, self.emitter) {
                    self.tell(told).await;
                }
                return;
            }
            ChatEvent::ToolCall(tool) => {
                answer.tool_calls.push(tool.clone());
                EventKind::CallTool { call, tool }
            }
            ChatEvent::Lookup(lookup) => EventKind::CallLookup { call, lookup },
            // What comes of them stands in the outcome.
            ChatEvent::Logprobs(told) => {
                answer.logprobs.add(&told);
                return;
            }
            ChatEvent::Certainty(certainty) => {
                answer.certainty = Some(certainty);
                return;
            }
            ChatEvent::Consumed(usage) => {
                answer.note_consumed(usage);
                return;
            }
            ChatEvent::Finished { .. } => return,
        };
        self.emitter.emit(kind).await;
    }

    async fn tell(&self, told: Told) {
        if let (Some(growing), Piece::Answer(text)) = (self.growing, &told.piece) {
            growing.push(text);
        }
        let (call, tokens) = (self.request.call, told.tokens);
        let kind = match told.piece {
            Piece::Thought(text) => EventKind::CallReasoning { call, text, tokens },
            Piece::Answer(text) => EventKind::CallDelta { call, text, tokens },
        };
        self.emitter.emit(kind).await;
    }

    /// Judges how the call ended.
    fn outcome(&self, end: Result<(FinishReason, Usage), Failure>, answer: &Answer) -> CallOutcome {
        let text = answer.text.trim();
        let (status, finish_reason, error, usage) = match end {
            Ok((finish_reason, usage)) if text.is_empty() && answer.tool_calls.is_empty() => {
                let failure = empty_answer(finish_reason, answer);
                (CallStatus::Failed, Some(finish_reason), Some(failure), answer.usage(usage))
            }
            Ok((finish_reason, usage)) => (CallStatus::Ok, Some(finish_reason), None, answer.usage(usage)),
            Err(failure) => {
                let unsaid = answer.unsaid(|| self.prompt_tokens(estimated_prompt_tokens));
                let mut usage = self.priced(answer.consumed());
                usage += self.priced(unsaid);
                (self.status_of(&failure, text), None, Some(failure), usage)
            }
        };
        CallOutcome {
            status,
            text: text.to_owned(),
            reasoning: answer.reasoning.trim().to_owned(),
            tool_calls: answer.tool_calls.clone(),
            finish_reason,
            error,
            usage: self.priced(usage),
            certainty: answer.certainty().map(Box::new),
            first_token_ms: answer.first_token_ms,
            wall_ms: answer.wall_ms(),
        }
    }

    /// The usage with its cost, where the endpoint did not say it and the price is known.
    fn priced(&self, usage: Usage) -> Usage {
        self.model.as_ref().map_or(usage, |model| model.pricing().priced(usage))
    }

    fn prompt_tokens(&self, count: impl Fn(&crate::conversation::Conversation) -> u32) -> u32 {
        let prompt = &self.request.prompt;
        prompt.render().map_or_else(|_| count(prompt.conversation()), |rendered| count(&rendered))
    }

    fn status_of(&self, failure: &Failure, text: &str) -> CallStatus {
        let kept = self.partial_answers == PartialAnswers::Keep
            && !text.is_empty()
            && !matches!(failure.kind, FailureKind::Cancelled | FailureKind::RunDeadline);
        match (kept, failure.kind.is_by_engine()) {
            (true, _) => CallStatus::Partial,
            (false, true) => CallStatus::Dropped,
            (false, false) => CallStatus::Failed,
        }
    }
}

/// The failure of an answer without a word.
fn empty_answer(finish_reason: FinishReason, answer: &Answer) -> Failure {
    let failure = |message: &str| Failure::new(FailureKind::EmptyAnswer, message);
    match finish_reason {
        FinishReason::ContentFilter => {
            Failure::new(FailureKind::ContentFiltered, "the endpoint's content filter held the answer back")
        }
        FinishReason::Length if !answer.reasoning.is_empty() => {
            failure("the model thought until its tokens were used up and answered nothing")
                .with_hint("raise max-tokens: thinking counts too")
        }
        FinishReason::Length => failure("the model's tokens were used up before there was an answer")
            .with_hint("raise max-tokens"),
        _ => failure("the model answered nothing"),
    }
}
