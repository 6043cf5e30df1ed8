//! The course of one run: layers, the proposals between them, and the end.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use futures::{FutureExt, Stream, StreamExt, stream};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;

use super::call::{Call, CallReport, Deadline};
use super::emitter::{Emitter, milliseconds_since};
use super::models::Models;
use super::request::RunRequest;
use super::seed::seed_of_call;
use crate::agent::Agent;
use crate::event::{CallOutcome, CallStatus, Event, EventKind, RunOutcome};
use crate::failure::{Failure, FailureKind};
use crate::layer::{CallId, LayerIndex, LayerRole};
use crate::mixture::PartialAnswers;
use crate::model::{ChatRequest, FinishReason};
use crate::prompt::Prompt;
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
    stream::select(ReceiverStream::new(receiver), driver)
}

async fn drive(request: RunRequest, models: Models, sender: mpsc::Sender<Event>) {
    let emitter = Emitter::new(request.id, Instant::now(), sender);
    let mut execution = Execution::new(&request, &models, &emitter);
    let end = execution.run().await;
    emitter.emit(end).await;
}

/// How a layer is asked: what distinguishes proposers from the aggregator.
struct LayerPlan<'run> {
    index: LayerIndex,
    role: LayerRole,
    agents: &'run [Agent],
    deadline: Option<Duration>,
}

/// The state of a run.
struct Execution<'run> {
    request: &'run RunRequest,
    models: &'run Models,
    emitter: &'run Emitter,
    synthesis: Arc<SynthesisTemplate>,
    usage: Usage,
    degraded: bool,
}

/// Why a run ended without an answer.
enum Stop {
    Failed(Failure),
    Cancelled,
}

impl<'run> Execution<'run> {
    fn new(request: &'run RunRequest, models: &'run Models, emitter: &'run Emitter) -> Self {
        Self {
            request,
            models,
            emitter,
            synthesis: Arc::new(request.mixture.synthesis.clone()),
            usage: Usage::default(),
            degraded: false,
        }
    }

    /// Runs all layers and says how it ended.
    async fn run(&mut self) -> EventKind {
        let mixture = &self.request.mixture;
        self.emitter
            .emit(EventKind::RunStarted {
                mixture: Box::new(mixture.clone()),
                conversation: self.request.conversation.clone(),
                seed: self.request.seed,
                started_at_unix_ms: self.request.started_at_unix_ms,
            })
            .await;
        let end = self.run_layers().await;
        let wall_ms = self.emitter.now_ms();
        match end {
            Ok(outcome) => EventKind::RunFinished { outcome },
            Err(Stop::Failed(failure)) => EventKind::RunFailed { failure, usage: self.usage, wall_ms },
            Err(Stop::Cancelled) => EventKind::RunCancelled { usage: self.usage, wall_ms },
        }
    }

    async fn run_layers(&mut self) -> Result<RunOutcome, Stop> {
        let mixture = &self.request.mixture;
        if let Err(error) = mixture.check() {
            return Err(Stop::Failed(Failure::new(FailureKind::InvalidRequest, error.to_string())));
        }
        if self.request.conversation.last_user_message().is_none_or(|text| text.trim().is_empty()) {
            let failure = Failure::new(FailureKind::InvalidRequest, "there is no question to answer")
                .with_hint("the last user message is empty");
            return Err(Stop::Failed(failure));
        }
        let mut references: Vec<Reference> = Vec::new();
        let mut index = 0;
        for layer in &mixture.layers {
            index += 1;
            let plan = LayerPlan {
                index: LayerIndex(index),
                role: LayerRole::Proposers,
                agents: &layer.agents,
                deadline: layer.deadline,
            };
            let proposals = self.propose(&plan, layer.min_proposals, &references).await?;
            if !mixture.residual {
                references.clear();
            }
            references.extend(proposals);
        }
        let plan = LayerPlan {
            index: LayerIndex(index + 1),
            role: LayerRole::Aggregator,
            agents: std::slice::from_ref(&mixture.aggregator),
            deadline: None,
        };
        self.aggregate(&plan, &references).await
    }

    /// Asks the proposers of one layer; the answers that can be used, in the agents' order.
    async fn propose(
        &mut self,
        plan: &LayerPlan<'_>,
        min_proposals: u32,
        references: &[Reference],
    ) -> Result<Vec<Reference>, Stop> {
        let reports = self.ask(plan, references).await?;
        let mut proposals = Vec::new();
        let mut losses = Vec::new();
        for (agent, report) in plan.agents.iter().zip(reports) {
            if is_usable(&report.outcome) {
                proposals.push(Reference {
                    layer: plan.index,
                    agent: agent.name.clone(),
                    model: agent.model.clone(),
                    text: report.outcome.text,
                });
            } else {
                losses.push((agent.name.as_str(), report.outcome.error));
            }
        }
        if (proposals.len() as u64) < u64::from(min_proposals) {
            return Err(Stop::Failed(too_few(plan, min_proposals, proposals.len(), &losses)));
        }
        Ok(proposals)
    }

    /// Asks the aggregator for the answer.
    async fn aggregate(
        &mut self,
        plan: &LayerPlan<'_>,
        references: &[Reference],
    ) -> Result<RunOutcome, Stop> {
        let reports = self.ask(plan, references).await?;
        let aggregator = &self.request.mixture.aggregator.name;
        let Some(report) = reports.into_iter().next() else {
            return Err(Stop::Failed(Failure::new(FailureKind::ModelError, "the aggregator was not asked")));
        };
        let outcome = report.outcome;
        match (outcome.status, outcome.error) {
            (CallStatus::Ok, _) => Ok(RunOutcome {
                answer: outcome.text,
                finish_reason: outcome.finish_reason.unwrap_or(FinishReason::Stop),
                degraded: self.degraded,
                usage: self.usage,
                first_token_ms: report.first_token_at_ms,
                wall_ms: self.emitter.now_ms(),
            }),
            (_, error) => {
                let failure =
                    error.unwrap_or_else(|| Failure::new(FailureKind::ModelError, "no reason was given"));
                let message = format!("the aggregator '{aggregator}' gave no answer: {failure}");
                Err(Stop::Failed(Failure { message, ..failure }))
            }
        }
    }

    /// Asks all agents of a layer at once and waits for every one to end.
    async fn ask(&mut self, plan: &LayerPlan<'_>, references: &[Reference]) -> Result<Vec<CallReport>, Stop> {
        self.emitter.emit(EventKind::LayerStarted { layer: plan.index, role: plan.role }).await;
        let start = Instant::now();
        let calls = plan.agents.iter().zip(1..).map(|(agent, number)| {
            let call = CallId { layer: plan.index, agent: number };
            self.call(plan, start, agent, call, references).run()
        });
        let reports = join_all(calls).await;

        let kept = reports.iter().filter(|report| is_usable(&report.outcome)).count();
        for report in &reports {
            self.usage += report.outcome.usage;
            self.degraded |= report.outcome.status != CallStatus::Ok || report.shortened;
        }
        self.emitter
            .emit(EventKind::LayerFinished {
                layer: plan.index,
                kept: u32::try_from(kept).unwrap_or(u32::MAX),
                lost: u32::try_from(reports.len() - kept).unwrap_or(u32::MAX),
                wall_ms: milliseconds_since(start),
            })
            .await;
        if self.request.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        match self.run_deadline() {
            Some(deadline) if Instant::now() >= deadline.at => Err(Stop::Failed(deadline.failure)),
            _ => Ok(reports),
        }
    }

    fn call<'call>(
        &'call self,
        plan: &LayerPlan<'_>,
        layer_start: Instant,
        agent: &'call Agent,
        call: CallId,
        references: &[Reference],
    ) -> Call<'call> {
        let conversation = match &agent.system {
            Some(system) => self.request.conversation.with_system_prefix(system),
            None => self.request.conversation.clone(),
        };
        let mut sampling = agent.sampling.clone();
        sampling.seed.get_or_insert_with(|| seed_of_call(self.request.seed, call));
        let prompt = Prompt::new(conversation, references.to_vec(), Arc::clone(&self.synthesis));
        Call {
            agent,
            request: ChatRequest { call, prompt, sampling, max_tokens: agent.max_tokens },
            models: self.models,
            emitter: self.emitter,
            cancel: &self.request.cancel,
            deadline: self.earliest_deadline(plan, layer_start, agent),
            // An answer that broke off is no answer of the run, whatever is done with proposals.
            partial_answers: match plan.role {
                LayerRole::Proposers => self.request.mixture.partial_answers,
                LayerRole::Aggregator => PartialAnswers::Drop,
            },
        }
    }

    /// The first of the deadlines of call, layer and run that will pass.
    fn earliest_deadline(
        &self,
        plan: &LayerPlan<'_>,
        layer_start: Instant,
        agent: &Agent,
    ) -> Option<Deadline> {
        let call = agent.deadline.map(|limit| {
            deadline(layer_start, limit, FailureKind::CallDeadline, &format!("agent '{}'", agent.name))
        });
        let layer = plan.deadline.map(|limit| {
            deadline(layer_start, limit, FailureKind::LayerDeadline, &format!("layer {}", plan.index))
        });
        [call, layer, self.run_deadline()].into_iter().flatten().min_by_key(|deadline| deadline.at)
    }

    fn run_deadline(&self) -> Option<Deadline> {
        let limit = self.request.mixture.deadline?;
        Some(deadline(self.emitter.start(), limit, FailureKind::RunDeadline, "the run"))
    }
}

fn deadline(start: Instant, limit: Duration, kind: FailureKind, whose: &str) -> Deadline {
    let message = format!("{whose} was not done within its deadline of {limit:?}");
    Deadline { at: start + limit, failure: Failure::new(kind, message) }
}

fn is_usable(outcome: &CallOutcome) -> bool {
    matches!(outcome.status, CallStatus::Ok | CallStatus::Partial)
}

/// The failure of a layer that lost too many answers, with the reason of each.
fn too_few(plan: &LayerPlan<'_>, wanted: u32, kept: usize, losses: &[(&str, Option<Failure>)]) -> Failure {
    let reasons: Vec<String> = losses
        .iter()
        .map(|(agent, failure)| match failure {
            Some(failure) => format!("{agent}: {failure}"),
            None => format!("{agent}: no reason was given"),
        })
        .collect();
    let message = format!(
        "layer {} needs at least {wanted} answers and got {kept} of {} ({})",
        plan.index,
        plan.agents.len(),
        reasons.join("; ")
    );
    let hint = losses.iter().find_map(|(_, failure)| failure.as_ref()?.hint.clone());
    Failure { kind: FailureKind::TooFewProposals, message, hint }
}
