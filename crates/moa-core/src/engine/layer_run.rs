//! Asking the agents of one layer at the same time.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::call::{Call, CallReport};
use super::deadline::Deadline;
use super::emitter::milliseconds_since;
use super::execution::{Execution, Proposal};
use super::layer_prompts::LayerPrompts;
use super::read_ahead::ReadingAhead;
use super::request::RunSeed;
use super::seed::seed_of_call;
use crate::agent::Agent;
use crate::content_key::{ContentKey, KeyedContent};
use crate::event::{CallStatus, EventKind};
use crate::failure::FailureKind;
use crate::growing_answers::GrowingAnswers;
use crate::layer::{CallId, LayerIndex, LayerRole};
use crate::mixture::PartialAnswers;
use crate::model::{ChatModel, ChatRequest};
use crate::prompt::Prompt;
use crate::task::CallTask;

/// How a layer is asked: what distinguishes proposers from the aggregator.
pub(super) struct LayerPlan<'run> {
    pub(super) index: LayerIndex,
    pub(super) role: LayerRole,
    pub(super) agents: &'run [Agent],
    /// The place of the first of `agents` in its layer.
    pub(super) first_agent: u32,
    /// The answers that are enough.
    pub(super) quorum: u32,
    /// How long the others are waited for once there are enough; without it, until they end.
    pub(super) wait: Option<Duration>,
    pub(super) deadline: Option<Duration>,
}

impl Execution<'_> {
    /// Says that a layer has ended.
    pub(super) async fn finish_layer(&self, layer: LayerIndex, kept: usize, lost: usize, start: Instant) {
        let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
        let (kept, lost) = (count(kept), count(lost));
        let wall_ms = milliseconds_since(start);
        self.emitter.emit(EventKind::LayerFinished { layer, kept, lost, wall_ms }).await;
    }

    /// Asks `plan.agents` at once until every one has ended or is no longer waited for; they read `read`, and answer what those of `beside` have
    /// answered before. The reports are in the agents' order.
    pub(super) async fn ask_agents(
        &mut self,
        plan: &LayerPlan<'_>,
        start: Instant,
        read: &[Proposal],
        beside: &[Proposal],
    ) -> Vec<CallReport> {
        let enough = CancellationToken::new();
        let analysis = self.analysis.clone().filter(|_| plan.role == LayerRole::Aggregator);
        let mut prompts = LayerPrompts::new(self.request, &self.synthesis, read).with_analysis(analysis);
        let mut ahead = ReadingAhead::new(self, plan, read);
        let earlier = beside.iter().map(|proposal| proposal.reference.text.as_str());
        let growing = Arc::new(GrowingAnswers::new(plan.agents.len(), earlier));
        let mut unasked = plan.agents.iter().enumerate().peekable();
        let mut calls = FuturesUnordered::new();
        let mut reports = Vec::with_capacity(plan.agents.len());
        let mut usable = 0;
        let mut patience: Option<std::pin::Pin<Box<tokio::time::Sleep>>> = None;
        loop {
            // One after the other: while the next question is written, the one before is on its way already.
            if let Some((place, agent)) = unasked.next() {
                let number = plan.first_agent.saturating_add(u32::try_from(place).unwrap_or(u32::MAX));
                let id = CallId { layer: plan.index, agent: number };
                let mut call = self.call(plan, start, agent, id, &mut prompts, enough.clone());
                call.growing = growing.of(place);
                call.request.peers = growing.peers_of(place);
                // Boxed, because the set itself takes the room of one more.
                calls.push(call.run().boxed());
            }
            let report: Option<CallReport> = tokio::select! {
                biased;
                report = calls.next() => report,
                () = yield_now(), if unasked.peek().is_some() => continue,
                () = pass(&mut patience) => {
                    patience = None;
                    enough.cancel();
                    continue;
                }
                () = growing.grown(), if ahead.is_wanted() => {
                    ahead.read(self, plan, &reports, &growing);
                    continue;
                }
            };
            let Some(report) = report else { break };
            usable += u32::from(report.outcome.status.is_usable());
            reports.push(report);
            if ahead.is_wanted() && reports.len() < plan.agents.len() {
                ahead.read(self, plan, &reports, &growing);
            }
            if let Some(wait) = plan.wait.filter(|_| usable >= plan.quorum && !enough.is_cancelled()) {
                if wait.is_zero() {
                    enough.cancel();
                } else if patience.is_none() {
                    patience = Some(Box::pin(sleep(wait)));
                }
            }
        }
        drop((calls, ahead));
        reports.sort_by_key(|report| report.call);
        self.book(&reports);
        reports
    }

    /// Counts what calls consumed, and whether they came to less than they should.
    pub(super) fn book(&mut self, reports: &[CallReport]) {
        for report in reports {
            self.usage += report.outcome.usage;
            self.degraded |= report.outcome.status != CallStatus::Ok || report.shortened;
        }
    }

    fn call<'call>(
        &'call self,
        plan: &LayerPlan<'_>,
        layer_start: Instant,
        agent: &'call Agent,
        id: CallId,
        prompts: &mut LayerPrompts<'call>,
        enough: CancellationToken,
    ) -> Call<'call> {
        let model = self.models.resolve(id, &agent.model).cloned();
        let (prompt, warning) = prompts.of(agent, id, model.as_deref());
        let mut sampling = agent.sampling.clone();
        let own_seed = sampling.seed;
        let is_aggregator = plan.role == LayerRole::Aggregator;
        let sample = sample_of(plan, agent);
        let key = self.key(agent, &prompt, model.as_deref(), sample, is_aggregator);
        sampling.seed = own_seed.or_else(|| Some(seed_of_call(self.request.seed.value(), id)));
        Call {
            agent,
            task: CallTask::Answer,
            request: ChatRequest {
                run: Some(self.request.id),
                call: id,
                prompt,
                sampling,
                max_tokens: agent.max_tokens,
                tools: self.request.tools.clone().filter(|_| is_aggregator),
                response_format: self.request.response_format.clone().filter(|_| is_aggregator),
                key,
                pays_once: self.budget.is_capped(),
                top_logprobs: None,
                peers: None,
                wants_certainty: !is_aggregator && self.request.mixture.compares_certainty(),
            },
            model,
            warning,
            growing: None,
            emitter: self.emitter,
            budget: self.budget,
            cancel: &self.request.cancel,
            enough,
            deadline: self.earliest_deadline(plan, layer_start, agent),
            // An answer that broke off is no answer of the run, whatever is done with proposals.
            partial_answers: match plan.role {
                LayerRole::Proposers => self.request.mixture.partial_answers,
                LayerRole::Aggregator => PartialAnswers::Drop,
            },
        }
    }

    /// The name of what is asked. A prompt that cannot be rendered fails in the model, under the name of what it is made from.
    pub(super) fn key(
        &self,
        agent: &Agent,
        prompt: &Prompt,
        model: Option<&dyn ChatModel>,
        sample: u32,
        is_aggregator: bool,
    ) -> ContentKey {
        let identity = model.map_or_else(|| agent.model.to_string(), ChatModel::identity);
        ContentKey::of(&KeyedContent {
            model: &identity,
            conversation: prompt.digest(),
            sampling: &agent.sampling,
            run_seed: match (agent.sampling.seed, self.request.seed) {
                (None, RunSeed::Given(seed)) => Some(seed),
                _ => None,
            },
            sample,
            max_tokens: agent.max_tokens,
            tools: self.request.tools.as_deref().filter(|_| is_aggregator),
            response_format: self.request.response_format.as_deref().filter(|_| is_aggregator),
        })
    }

    /// The first of the deadlines of call, layer and run that will pass.
    fn earliest_deadline(
        &self,
        plan: &LayerPlan<'_>,
        layer_start: Instant,
        agent: &Agent,
    ) -> Option<Deadline> {
        let call = agent.deadline.map(|limit| {
            Deadline::new(layer_start, limit, FailureKind::CallDeadline, &format!("agent '{}'", agent.name))
        });
        let layer = plan.deadline.map(|limit| {
            Deadline::new(layer_start, limit, FailureKind::LayerDeadline, &format!("layer {}", plan.index))
        });
        [call, layer, self.run_deadline()].into_iter().flatten().min_by_key(|deadline| deadline.at)
    }
}

/// How many agents before this one ask the same.
fn sample_of(plan: &LayerPlan<'_>, agent: &Agent) -> u32 {
    let asks_the_same = |other: &&Agent| {
        (&other.model, &other.system, &other.sampling, other.max_tokens)
            == (&agent.model, &agent.system, &agent.sampling, agent.max_tokens)
    };
    let before = plan.agents.iter().take_while(|other| other.name != agent.name).filter(asks_the_same);
    u32::try_from(before.count()).unwrap_or(u32::MAX)
}

/// Waits until the patience with stragglers is over; for ever where nobody has lost it yet.
async fn pass(patience: &mut Option<std::pin::Pin<Box<tokio::time::Sleep>>>) {
    match patience {
        Some(sleep) => sleep.await,
        None => std::future::pending().await,
    }
}
