//! The course of one run: layers, the proposals between them, and the end.

use std::sync::Arc;

use futures::{FutureExt, Stream, StreamExt, stream};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;

use super::aggregation::AggregatorEnd;
use super::budget::Budget;
use super::call::CallReport;
use super::deadline::Deadline;
use super::emitter::Emitter;
use super::layer_run::LayerPlan;
use super::models::Models;
use super::request::RunRequest;
use crate::agent::Agent;
use crate::event::{CallStatus, Event, EventKind, RunOutcome};
use crate::failure::{Failure, FailureKind};
use crate::layer::{CallId, LayerIndex, LayerRole};
use crate::outlier::outliers;
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
}

/// Why a run ended without an answer.
pub(super) enum Stop {
    Failed(Failure),
    Cancelled,
}

/// An answer that later layers may read.
pub(super) struct Proposal {
    pub(super) call: CallId,
    pub(super) status: CallStatus,
    pub(super) reference: Reference,
}

impl Proposal {
    /// What `agent` of `layer` answered, where later layers may read it.
    pub(super) fn of(layer: LayerIndex, agent: &Agent, report: &CallReport) -> Option<Self> {
        let CallReport { call, outcome, .. } = report;
        outcome.status.is_usable().then(|| Self {
            call: *call,
            status: outcome.status,
            reference: Reference {
                layer,
                agent: agent.name.clone(),
                model: agent.model.clone(),
                text: outcome.text.clone(),
            },
        })
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
        Self { request, models, emitter, budget, synthesis, usage: Usage::default(), degraded: false }
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
        let mut index = 0;
        for layer in &mixture.layers {
            index += 1;
            let plan = LayerPlan {
                index: LayerIndex(index),
                role: LayerRole::Proposers,
                agents: &layer.agents,
                first_agent: 1,
                quorum: layer.min_proposals,
                wait: layer.wait,
                deadline: layer.deadline,
            };
            let latest = self.propose(&plan, &proposals).await?;
            if !mixture.residual {
                proposals.clear();
            }
            proposals.extend(latest);
        }
        drop(aggregator_share);
        let AggregatorEnd { text, tool_calls, finish_reason, first_token_at_ms, fallback } =
            self.aggregate(LayerIndex(index + 1), &proposals).await?;
        Ok(RunOutcome {
            answer: text,
            tool_calls,
            finish_reason,
            degraded: self.degraded,
            fallback,
            usage: self.usage,
            first_token_ms: first_token_at_ms,
            wall_ms: self.emitter.now_ms(),
        })
    }

    /// Asks the proposers of one layer; the answers that can be used, in the agents' order.
    async fn propose(&mut self, plan: &LayerPlan<'_>, read: &[Proposal]) -> Result<Vec<Proposal>, Stop> {
        let reports = self.ask(plan, read).await?;
        let mut proposals = Vec::new();
        let mut losses = Vec::new();
        for (agent, report) in plan.agents.iter().zip(reports) {
            match Proposal::of(plan.index, agent, &report) {
                Some(proposal) => proposals.push(proposal),
                None => losses.push((agent.name.as_str(), report.outcome.error)),
            }
        }
        if (proposals.len() as u64) < u64::from(plan.quorum) {
            return Err(Stop::Failed(too_few(plan, proposals.len(), &losses)));
        }
        if self.request.mixture.references.without_outliers {
            self.set_aside_outliers(plan, &mut proposals).await;
        }
        Ok(proposals)
    }

    async fn set_aside_outliers(&mut self, plan: &LayerPlan<'_>, proposals: &mut Vec<Proposal>) {
        let texts: Vec<&str> = proposals.iter().map(|proposal| proposal.reference.text.as_str()).collect();
        let odd = outliers(&texts, plan.quorum as usize);
        if odd.is_empty() {
            return;
        }
        let calls: Vec<CallId> = odd.iter().filter_map(|place| Some(proposals.get(*place)?.call)).collect();
        proposals.retain(|proposal| !calls.contains(&proposal.call));
        self.emitter.emit(EventKind::ProposalsSetAside { layer: plan.index, calls }).await;
    }

    pub(super) fn run_deadline(&self) -> Option<Deadline> {
        let limit = self.request.mixture.deadline?;
        Some(Deadline::new(self.emitter.start(), limit, FailureKind::RunDeadline, "the run"))
    }
}

/// The failure of a layer that lost too many answers, with the reason of each.
fn too_few(plan: &LayerPlan<'_>, kept: usize, losses: &[(&str, Option<Failure>)]) -> Failure {
    let reasons: Vec<String> = losses
        .iter()
        .map(|(agent, failure)| match failure {
            Some(failure) => format!("{agent}: {failure}"),
            None => format!("{agent}: no reason was given"),
        })
        .collect();
    let message = format!(
        "layer {} needs at least {} answers and got {kept} of {} ({})",
        plan.index,
        plan.quorum,
        plan.agents.len(),
        reasons.join("; ")
    );
    let hint = losses.iter().find_map(|(_, failure)| failure.as_ref()?.hint.clone());
    let is_cap = |failure: &Failure| failure.kind == FailureKind::CostCap;
    let all_capped = losses.iter().all(|(_, failure)| failure.as_ref().is_some_and(is_cap));
    let kind = if all_capped { FailureKind::CostCap } else { FailureKind::TooFewProposals };
    Failure { hint, ..Failure::new(kind, message) }
}
