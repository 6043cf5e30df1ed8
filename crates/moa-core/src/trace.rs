//! A run as it stands, built from its events alone.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::aggregation::{Decision, Saved, likeness};
use crate::content_key::ContentKey;
use crate::conversation::Conversation;
use crate::event::{CallOutcome, CallStatus, Event, EventKind, Fallback, RunId, RunOutcome};
use crate::failure::Failure;
use crate::fit::Shortening;
use crate::layer::{CallId, LayerIndex, LayerRole};
use crate::lookup::Lookup;
use crate::mixture::Mixture;
use crate::model::{Progress, Retry, Upstream};
use crate::task::CallTask;
use crate::usage::Usage;

/// Everything known of a run so far: what a reader of the event stream keeps to draw, print or export it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// The run, once it started.
    pub start: Option<RunStart>,
    /// The layers that started, first to last.
    pub layers: Vec<LayerTrace>,
    /// How the run ended, once it did.
    pub end: Option<RunEnd>,
    /// The time of the last event, in milliseconds since the run's start.
    pub at_ms: f64,
}

/// What a run was started with.
#[derive(Debug, Clone, PartialEq)]
pub struct RunStart {
    /// The run.
    pub run: RunId,
    /// What is run.
    pub mixture: Mixture,
    /// What was asked.
    pub conversation: Conversation,
    /// From which the calls' seeds are derived.
    pub seed: u64,
    /// When, in milliseconds since 1970 (UTC).
    pub started_at_unix_ms: u64,
    /// The most that the run may cost, in US dollars.
    pub max_cost_usd: Option<f64>,
    /// What the request said that nothing reads.
    pub unused_fields: serde_json::Map<String, serde_json::Value>,
    /// What its reader should know of how the mixture suits the request, a line each.
    pub notes: Vec<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEnd {
    /// With an answer.
    Finished(RunOutcome),
    /// Without one.
    Failed {
        /// Why.
        failure: Failure,
        /// What was consumed.
        usage: Usage,
        /// From start to end.
        wall_ms: f64,
    },
    /// Somebody stopped it.
    Cancelled {
        /// What was consumed.
        usage: Usage,
        /// From start to end.
        wall_ms: f64,
    },
}

/// A layer that started.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerTrace {
    /// The layer.
    pub index: LayerIndex,
    /// What it is for.
    pub role: LayerRole,
    /// Its calls, in the agents' order.
    pub calls: Vec<CallTrace>,
    /// How far its answers agree, where the mixture looks at that.
    pub agreement: Option<LayerAgreement>,
    /// What was decided between its answers, in this order.
    pub decisions: Vec<Decision>,
    /// From its start to its end, once it ended.
    pub wall_ms: Option<f64>,
}

/// How far the answers of a layer agree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LayerAgreement {
    /// From 0 to 1; nothing where there was only one answer.
    pub agreement: Option<f64>,
    /// From how much on they are taken to agree.
    pub wanted: f64,
    /// What was left out, where they do.
    pub saved: Option<Saved>,
}

/// A call that started.
#[derive(Debug, Clone, PartialEq)]
pub struct CallTrace {
    /// The call.
    pub call: CallId,
    /// The agent's name.
    pub agent: String,
    /// The model's id.
    pub model: String,
    /// Where the model runs.
    pub endpoint: String,
    /// Names what is asked of whom.
    pub key: Option<ContentKey>,
    /// What it is asked for.
    pub task: CallTask,
    /// Attempts that failed and were made again, first to last.
    pub retries: Vec<Retry>,
    /// Whether a second request was made for it because it was late.
    pub hedged: bool,
    /// Whether the answer came out of the store.
    pub reused: bool,
    /// Whether the answer was set aside because it differs too much from the others.
    pub set_aside: bool,
    /// Who answered, in the endpoint's own words.
    pub upstream: Option<Upstream>,
    /// What the model thought before it answered.
    pub reasoning: String,
    /// What it was last seen doing before its first token.
    pub progress: Option<Progress>,
    /// The answer so far, as the model wrote it.
    pub text: String,
    /// Tokens written so far.
    pub tokens: u32,
    /// When it started, in milliseconds since the run's start.
    pub started_at_ms: f64,
    /// When its first token came, in milliseconds since the run's start.
    pub first_token_at_ms: Option<f64>,
    /// When its latest token came, in milliseconds since the run's start.
    pub last_token_at_ms: Option<f64>,
    /// What guessing tokens has brought, where the model did.
    pub lookup: Option<Lookup>,
    /// What was cut from its references.
    pub shortening: Option<Shortening>,
    /// What the reader should know.
    pub warnings: Vec<String>,
    /// How it ended, once it did.
    pub outcome: Option<CallOutcome>,
}

impl CallTrace {
    /// Tokens per second between the first and the latest token, once there are two.
    #[must_use]
    pub fn tokens_per_second(&self) -> Option<f64> {
        let span_ms = self.last_token_at_ms? - self.first_token_at_ms?;
        (self.tokens > 1 && span_ms > 0.0).then(|| f64::from(self.tokens - 1) * 1_000.0 / span_ms)
    }

    fn count_tokens(&mut self, tokens: u32, at_ms: f64) {
        self.tokens = self.tokens.saturating_add(tokens);
        self.first_token_at_ms.get_or_insert(at_ms);
        self.last_token_at_ms = Some(at_ms);
    }
}

impl LayerTrace {
    /// How alike the usable answers of the layer are by their words, from 0 to 1 on average over all pairs; nothing where there are fewer
    /// than two. Worked out when it is asked for.
    #[must_use]
    pub fn likeness(&self) -> Option<f64> {
        let usable = self.answers().filter_map(|call| call.outcome.as_ref()).filter(|o| o.status.is_usable());
        let texts: Vec<&str> = usable.map(|outcome| outcome.text.as_str()).collect();
        likeness(&texts)
    }

    /// The calls that answer the conversation, without those that compare or prepare answers.
    pub fn answers(&self) -> impl Iterator<Item = &CallTrace> {
        self.calls.iter().filter(|call| call.task.is_answer())
    }
}

impl Trace {
    /// The trace of a whole stored run.
    #[must_use]
    pub fn of<'event>(events: impl IntoIterator<Item = &'event Event>) -> Self {
        let mut trace = Self::default();
        for event in events {
            trace.apply(event);
        }
        trace
    }

    /// Takes one event into account. Events of calls that never started are ignored.
    pub fn apply(&mut self, event: &Event) {
        self.at_ms = event.at_ms;
        match &event.kind {
            EventKind::RunStarted {
                mixture,
                conversation,
                seed,
                started_at_unix_ms,
                max_cost_usd,
                unused_fields,
                notes,
            } => {
                self.start = Some(RunStart {
                    run: event.run,
                    mixture: (**mixture).clone(),
                    conversation: conversation.clone(),
                    seed: *seed,
                    started_at_unix_ms: *started_at_unix_ms,
                    max_cost_usd: *max_cost_usd,
                    unused_fields: unused_fields.clone(),
                    notes: notes.clone(),
                });
            }
            EventKind::LayerStarted { layer, role } => {
                let (index, role) = (*layer, *role);
                let (calls, decisions) = (Vec::new(), Vec::new());
                let layer = LayerTrace { index, role, calls, agreement: None, decisions, wall_ms: None };
                self.layers.push(layer);
            }
            EventKind::CallStarted { call, agent, model, endpoint, key, task } => {
                let started = CallTrace {
                    call: *call,
                    agent: agent.clone(),
                    model: model.clone(),
                    endpoint: endpoint.clone(),
                    key: key.clone(),
                    task: *task,
                    progress: None,
                    retries: Vec::new(),
                    hedged: false,
                    reused: false,
                    set_aside: false,
                    upstream: None,
                    text: String::new(),
                    reasoning: String::new(),
                    tokens: 0,
                    started_at_ms: event.at_ms,
                    first_token_at_ms: None,
                    last_token_at_ms: None,
                    lookup: None,
                    shortening: None,
                    warnings: Vec::new(),
                    outcome: None,
                };
                if let Some(layer) = self.layers.iter_mut().find(|layer| layer.index == call.layer) {
                    layer.calls.push(started);
                }
            }
            EventKind::ProposalsSetAside { calls, .. } => {
                let of_layer = self.layers.iter_mut().flat_map(|layer| &mut layer.calls);
                of_layer.filter(|call| calls.contains(&call.call)).for_each(|call| call.set_aside = true);
            }
            EventKind::AgreementMeasured { layer, agreement, wanted, saved } => {
                if let Some(layer) = self.layers.iter_mut().find(|known| known.index == *layer) {
                    layer.agreement =
                        Some(LayerAgreement { agreement: *agreement, wanted: *wanted, saved: *saved });
                }
            }
            EventKind::Decided { layer, decision } => {
                if let Some(layer) = self.layers.iter_mut().find(|known| known.index == *layer) {
                    layer.decisions.push(decision.clone());
                }
            }
            EventKind::LayerFinished { layer, wall_ms, .. } => {
                if let Some(layer) = self.layers.iter_mut().find(|known| known.index == *layer) {
                    layer.wall_ms = Some(*wall_ms);
                }
            }
            EventKind::RunFinished { outcome } => self.end = Some(RunEnd::Finished(outcome.clone())),
            EventKind::RunFailed { failure, usage, wall_ms } => {
                self.end =
                    Some(RunEnd::Failed { failure: failure.clone(), usage: *usage, wall_ms: *wall_ms });
            }
            EventKind::RunCancelled { usage, wall_ms } => {
                self.end = Some(RunEnd::Cancelled { usage: *usage, wall_ms: *wall_ms });
            }
            kind => self.apply_to_call(kind, event.at_ms),
        }
    }

    /// Every call that started, layer by layer.
    pub fn calls(&self) -> impl Iterator<Item = &CallTrace> {
        self.layers.iter().flat_map(|layer| &layer.calls)
    }

    /// A call that started.
    #[must_use]
    pub fn call(&self, id: CallId) -> Option<&CallTrace> {
        self.calls().find(|call| call.call == id)
    }

    /// How the calls ended that did.
    #[must_use]
    pub fn outcomes(&self) -> BTreeMap<CallId, CallOutcome> {
        self.calls().filter_map(|call| Some((call.call, call.outcome.clone()?))).collect()
    }

    /// The proposal that is the answer, once one was chosen to be it.
    #[must_use]
    pub fn settled(&self) -> Option<CallId> {
        let mut decisions = self.layers.iter().flat_map(|layer| &layer.decisions);
        decisions.find(|decision| decision.settles)?.chosen.first().copied()
    }

    /// Everything that made the answer less than it could be, in words: lost and partial answers, shortened references, and what
    /// the models warned of.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings: Vec<String> = self.calls().flat_map(call_warnings).collect();
        if let Some(RunEnd::Finished(RunOutcome { fallback: Some(fallback), .. })) = &self.end {
            let (what, call) = match fallback {
                Fallback::Aggregator { call } => ("the answer is that of the stand-in", call),
                Fallback::Proposal { call } => {
                    ("the answer is a proposal, because the aggregator failed: that of", call)
                }
            };
            let agent = self.call(*call).map_or("an unknown agent", |call| call.agent.as_str());
            warnings.push(format!("{what} {agent} in layer {}", call.layer));
        }
        warnings
    }

    fn apply_to_call(&mut self, kind: &EventKind, at_ms: f64) {
        let id = match kind {
            EventKind::CallProgress { call, .. }
            | EventKind::CallRetried { call, .. }
            | EventKind::CallHedged { call }
            | EventKind::CallUpstream { call, .. }
            | EventKind::CallReused { call }
            | EventKind::CallReasoning { call, .. }
            | EventKind::CallShortened { call, .. }
            | EventKind::CallWarning { call, .. }
            | EventKind::CallDelta { call, .. }
            | EventKind::CallLookup { call, .. }
            | EventKind::CallFinished { call, .. } => *call,
            _ => return,
        };
        let known = self.layers.iter_mut().flat_map(|layer| &mut layer.calls).find(|call| call.call == id);
        let Some(trace) = known else { return };
        match kind {
            EventKind::CallProgress { progress, .. } => trace.progress = Some(*progress),
            EventKind::CallRetried { retry, .. } => trace.retries.push(retry.clone()),
            EventKind::CallHedged { .. } => trace.hedged = true,
            EventKind::CallUpstream { upstream, .. } => trace.upstream = Some(upstream.clone()),
            EventKind::CallReused { .. } => trace.reused = true,
            EventKind::CallReasoning { text, tokens, .. } => {
                trace.reasoning.push_str(text);
                trace.count_tokens(*tokens, at_ms);
            }
            EventKind::CallShortened { shortening, .. } => trace.shortening = Some(shortening.clone()),
            EventKind::CallWarning { message, .. } => trace.warnings.push(message.clone()),
            EventKind::CallDelta { text, tokens, .. } => {
                trace.text.push_str(text);
                trace.count_tokens(*tokens, at_ms);
            }
            EventKind::CallLookup { lookup, .. } => trace.lookup = Some(*lookup),
            EventKind::CallFinished { outcome, .. } => trace.outcome = Some(outcome.clone()),
            _ => {}
        }
    }
}

fn call_warnings(call: &CallTrace) -> Vec<String> {
    let place = format!("layer {}, {}", call.call.layer, call.agent);
    let mut warnings: Vec<String> =
        call.warnings.iter().map(|message| format!("{place}: {message}")).collect();
    for retry in &call.retries {
        warnings
            .push(format!("{place}: attempt {} failed and was made again: {}", retry.attempt, retry.failure));
    }
    if call.set_aside {
        warnings
            .push(format!("{place}: the answer was set aside, because it differs too much from the others"));
    }
    if let Some(shortening) = &call.shortening {
        warnings.push(format!(
            "{place}: {} references were shortened, because the prompt had {} tokens and {} fit",
            shortening.references.len(),
            shortening.original_tokens,
            shortening.limit_tokens
        ));
    }
    if let Some(outcome) = &call.outcome {
        let what = match outcome.status {
            CallStatus::Ok => return warnings,
            CallStatus::Partial => "only a part of the answer was used",
            CallStatus::Failed => "the answer was lost",
            CallStatus::Dropped => "the answer was given up",
        };
        let reason = outcome.error.as_ref().map_or_else(String::new, |failure| format!(": {failure}"));
        warnings.push(format!("{place}: {what}{reason}"));
    }
    warnings
}

#[cfg(test)]
#[path = "trace_tests.rs"]
mod tests;
