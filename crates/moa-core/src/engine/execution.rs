//! The course of one run: layers, the proposals between them, and the end.

use std::sync::Arc;

use futures::{FutureExt, Stream, StreamExt, stream};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;

use super::aggregation::AggregatorEnd;
use super::budget::Budget;
use super::call::CallReport;
use super::choosing::Conclusion;
use super::deadline::Deadline;
use super::emitter::Emitter;
use super::foreseen::foreseen;
use super::layer_run::LayerPlan;
use super::models::Models;
use super::request::RunRequest;
use super::trying::TriedBefore;
use crate::agent::Agent;
use crate::certainty::Certainty;
use crate::event::{CallStatus, Event, EventKind, RunOutcome};
use crate::failure::{Failure, FailureKind};
use crate::layer::{CallId, LayerIndex, LayerRole};
use crate::model::FinishReason;
use crate::reference::Reference;
use crate::synthesis::SynthesisTemplate;
use crate::usage::Usage;

/// Events that may wait for a slow reader before the run waits for it too. The models themselves go on meanwhile.
const EVENT_BUFFER: usize = 256;

/// Runs a mixture and gives its events as they happen.
///
/// The run is driven by reading the stream: nothing is spawned, and nothing goes on when the stream is gone.
///
/// # Cancel safety
/// Dropping the stream stops every model of the run at once. To stop a run and still hear what became of its calls, cancel
/// [`RunRequest::cancel`] and read on to the end.
///
/// # Source
/// Equation 1 of arXiv:2406.04692.
pub fn run(request: RunRequest, models: Models) -> impl Stream<Item = Event> + Send {
    let (sender, receiver) = mpsc::channel(EVENT_BUFFER);
    let driver = drive(request, models, sender).into_stream().filter_map(|()| async { None });
    stream::select(ReceiverStream::new(receiver).map(|event| *event), driver)
}

async fn drive(request: RunRequest, models: Models, sender: mpsc::Sender<Box<Event>>) {
    let request = foreseen(request);
    let emitter = Emitter::new(request.id, Instant::now(), sender);
    let budget = Budget::new(request.max_cost_usd);
    let mut execution = Execution::new(&request, &models, &emitter, &budget);
    let end = execution.run().await;
    emitter.emit(end).await;
}

/// The state of a run.
pub(super) struct Execution<'run> {
    pub(super) request: &'run RunRequest,
    pub(super) models: &'run Models,
    pub(super) emitter: &'run Emitter,
    pub(super) budget: &'run Budget,
    pub(super) synthesis: Arc<SynthesisTemplate>,
    pub(super) usage: Usage,
    pub(super) degraded: bool,
    /// What the aggregator found when it compared the last proposals.
    pub(super) analysis: Option<String>,
    /// The place of the next call of the running layer, beside those of its agents.
    pub(super) next_agent: u32,
    /// What programs of this run did with the examples of its prompt.
    pub(super) tried: TriedBefore,
}

/// Why a run ended without an answer.
pub(super) enum Stop {
    Failed(Failure),
    Cancelled,
}

/// An answer that later layers may read.
#[derive(Clone)]
pub(super) struct Proposal {
    pub(super) call: CallId,
    /// Why it ended; for one that was cut short by the engine or by its model's failure as if its tokens had been used up.
    pub(super) finish_reason: FinishReason,
    pub(super) reference: Reference,
    pub(super) certainty: Option<Certainty>,
}

impl Proposal {
    /// What `agent` of `layer` answered, where later layers may read it.
    pub(super) fn of(layer: LayerIndex, agent: &Agent, report: &CallReport) -> Option<Self> {
        let CallReport { call, outcome, .. } = report;
        let finish_reason = match outcome.status {
            CallStatus::Ok => outcome.finish_reason.unwrap_or(FinishReason::Stop),
            CallStatus::Partial => FinishReason::Length,
            CallStatus::Failed | CallStatus::Dropped => return None,
        };
        Some(Self {
            call: *call,
            finish_reason,
            reference: Reference {
                layer,
                agent: agent.name.clone(),
                model: agent.model.clone(),
                text: outcome.text.clone(),
            },
            certainty: outcome.certainty.as_deref().copied(),
        })
    }

    /// Whether it came to its end by itself.
    pub(super) fn is_whole(&self) -> bool {
        match self.finish_reason {
            FinishReason::Stop | FinishReason::ToolCalls => true,
            FinishReason::Length | FinishReason::ContentFilter => false,
        }
    }
}

impl<'run> Execution<'run> {
    fn new(
        request: &'run RunRequest,
        models: &'run Models,
        emitter: &'run Emitter,
        budget: &'run Budget,
    ) -> Self {
        let synthesis = Arc::new(request.mixture.synthesis.clone());
        Self {
            request,
            models,
            emitter,
            budget,
            synthesis,
            usage: Usage::default(),
            degraded: false,
            analysis: None,
            next_agent: 1,
            tried: TriedBefore::default(),
        }
    }

    /// Runs all layers and says how it ended.
    async fn run(&mut self) -> EventKind {
        self.emitter
            .emit(EventKind::RunStarted {
                mixture: Box::new(self.request.mixture.clone()),
                conversation: self.request.conversation.clone(),
                seed: self.request.seed.value(),
                started_at_unix_ms: self.request.started_at_unix_ms,
                max_cost_usd: self.request.max_cost_usd,
                unused_fields: self.request.unused_fields.clone(),
                notes: self.request.notes.clone(),
            })
            .await;
        let end = match self.refusal() {
            Some(failure) => Err(Stop::Failed(failure)),
            None => self.run_layers().await,
        };
        let wall_ms = self.emitter.now_ms();
        match end {
            Ok(outcome) => EventKind::RunFinished { outcome },
            Err(Stop::Failed(failure)) => EventKind::RunFailed { failure, usage: self.usage, wall_ms },
            Err(Stop::Cancelled) => EventKind::RunCancelled { usage: self.usage, wall_ms },
        }
    }

    /// Why the run cannot even start.
    fn refusal(&self) -> Option<Failure> {
        if let Err(error) = self.request.mixture.check() {
            return Some(Failure::new(FailureKind::InvalidRequest, error.to_string()));
        }
        if !self.request.conversation.asks_something() {
            let failure = Failure::new(FailureKind::InvalidRequest, "there is no question to answer");
            return Some(failure.with_hint("the last user message is empty"));
        }
        if self.budget.is_capped() {
            let unknown = self.models.without_price(&self.request.mixture)?;
            let message = format!("the cost cannot be capped, because the price of '{unknown}' is not known");
            let hint = "set price = { input-usd = ..., output-usd = ... } for the model, in dollars per million tokens";
            return Some(Failure::new(FailureKind::CostCap, message).with_hint(hint));
        }
        None
    }

    async fn run_layers(&mut self) -> Result<RunOutcome, Stop> {
        let mixture = &self.request.mixture;
        // What the aggregator may cost is set aside first, so that the cap leaves a run with an answer and not with proposals alone.
        let aggregator_share = self.reserve_for_aggregator().map_err(Stop::Failed)?;
        let mut proposals: Vec<Proposal> = Vec::new();
        let mut conclusion = None;
        for (layer, index) in mixture.layers.iter().zip(1..) {
            let plan = LayerPlan {
                index: LayerIndex(index),
                role: LayerRole::Proposers,
                agents: &layer.agents,
                first_agent: 1,
                quorum: layer.min_proposals,
                wait: layer.wait,
                deadline: layer.deadline,
            };
            let is_last = index as usize == mixture.layers.len();
            let end = self.propose(&plan, layer, &proposals, is_last).await?;
            // Those that were joined have the earlier ones among them.
            if !mixture.residual || layer.independent {
                proposals.clear();
            }
            proposals.extend(end.proposals);
            conclusion = end.conclusion;
            if end.stops_early {
                break;
            }
        }
        drop(aggregator_share);
        let last = LayerIndex(u32::try_from(mixture.layer_count()).unwrap_or(u32::MAX));
        let end = match conclusion {
            Some(Conclusion::Chosen(proposal)) => self.answer_with(last, proposal).await,
            Some(Conclusion::Folded(folded)) => self.aggregate(last, &folded).await?,
            None => self.aggregate(last, &proposals).await?,
        };
        let AggregatorEnd { text, tool_calls, finish_reason, first_token_at_ms, fallback, chosen } = end;
        Ok(RunOutcome {
            answer: text,
            tool_calls,
            finish_reason,
            degraded: self.degraded,
            fallback,
            chosen,
            usage: self.usage,
            first_token_ms: first_token_at_ms,
            wall_ms: self.emitter.now_ms(),
        })
    }

    pub(super) fn run_deadline(&self) -> Option<Deadline> {
        let limit = self.request.mixture.deadline?;
        Some(Deadline::new(self.emitter.start(), limit, FailureKind::RunDeadline, "the run"))
    }
}
