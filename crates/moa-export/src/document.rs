//! The document of `moa ask --output json`: a whole run in one piece. Scripts rely on its names.

use moa_core::{
    CallId, CallStatus, CallTask, CallTrace, Certainty, ContentKey, Decision, Failure, Fallback,
    FinishReason, LayerAgreement, LayerRole, LayerTrace, Lookup, Retry, RunEnd, ToolCall, Trace, Upstream,
    Usage,
};
use serde::Serialize;

/// A run as one JSON document.
#[derive(Debug, Serialize)]
pub struct RunDocument {
    id: String,
    preset: String,
    /// Absent where the run gave none.
    answer: Option<String>,
    finish_reason: Option<FinishReason>,
    /// Why there is no answer.
    error: Option<Failure>,
    degraded: bool,
    /// Whose answer it is, where it is not the aggregator's.
    fallback: Option<Fallback>,
    /// Whose proposal the answer is, where the mixture chose one.
    #[serde(skip_serializing_if = "Option::is_none")]
    chosen: Option<CallId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
    warnings: Vec<String>,
    /// How the mixture suits the request, where there is something to say of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    layers: Vec<LayerDocument>,
    usage: UsageDocument,
    max_cost_usd: Option<f64>,
    timing: TimingDocument,
    seed: u64,
}

#[derive(Debug, Serialize)]
struct LayerDocument {
    index: u32,
    role: LayerRole,
    wall_ms: Option<f64>,
    usage: UsageDocument,
    responses: Vec<ResponseDocument>,
    /// How alike the answers are by their words, from 0 to 1.
    likeness: Option<f64>,
    /// How far they agree, where the mixture looks at that to stop early.
    agreement: Option<LayerAgreement>,
    /// What was decided between the answers, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    decisions: Vec<Decision>,
}

#[derive(Debug, Serialize)]
struct ResponseDocument {
    agent: String,
    model: String,
    endpoint: String,
    /// What it was asked for: to answer, or to compare answers.
    task: CallTask,
    status: CallStatus,
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    reasoning: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
    finish_reason: Option<FinishReason>,
    error: Option<Failure>,
    usage: UsageDocument,
    first_token_ms: Option<f64>,
    wall_ms: f64,
    /// Attempts that failed before this one.
    retries: Vec<Retry>,
    /// Whether the answer was late and asked for a second time.
    hedged: bool,
    /// Whether the answer came out of the store.
    reused: bool,
    /// Whether no later layer read it, because it differs too much from the others.
    set_aside: bool,
    upstream: Option<Upstream>,
    /// How sure the model was of its answer, where it is known.
    certainty: Option<Box<Certainty>>,
    /// What guessing tokens has brought, where the model did.
    lookup: Option<Lookup>,
    /// Names what was asked of whom.
    key: Option<ContentKey>,
}

#[derive(Debug, Serialize)]
struct UsageDocument {
    prompt_tokens: u32,
    cached_tokens: u32,
    completion_tokens: u32,
    reasoning_tokens: u32,
    /// Whether some of the counts are estimated.
    estimated: bool,
    cost_usd: Option<f64>,
}

impl From<Usage> for UsageDocument {
    fn from(usage: Usage) -> Self {
        Self {
            prompt_tokens: usage.prompt_tokens,
            cached_tokens: usage.cached_tokens,
            completion_tokens: usage.completion_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            estimated: usage.estimated,
            cost_usd: usage.cost_usd,
        }
    }
}

#[derive(Debug, Serialize)]
struct TimingDocument {
    wall_ms: f64,
    first_token_ms: Option<f64>,
}

impl RunDocument {
    /// The document of a run as far as it went.
    pub fn of(trace: &Trace) -> Self {
        let (answer, finish_reason, error, degraded, usage, wall_ms, first_token_ms) = match &trace.end {
            Some(RunEnd::Finished(outcome)) => (
                Some(outcome.answer.clone()),
                Some(outcome.finish_reason),
                None,
                outcome.degraded,
                outcome.usage,
                outcome.wall_ms,
                outcome.first_token_ms,
            ),
            Some(RunEnd::Failed { failure, usage, wall_ms }) => {
                (None, None, Some(failure.clone()), true, *usage, *wall_ms, None)
            }
            Some(RunEnd::Cancelled { usage, wall_ms }) => {
                (None, None, Some(stopped("the run was stopped")), true, *usage, *wall_ms, None)
            }
            None => {
                let failure = stopped("the run was interrupted before its end");
                (None, None, Some(failure), true, finished_usage(trace), trace.at_ms, None)
            }
        };
        let start = trace.start.as_ref();
        let finished = match &trace.end {
            Some(RunEnd::Finished(outcome)) => Some(outcome),
            _ => None,
        };
        Self {
            id: start.map_or_else(String::new, |start| start.run.to_string()),
            preset: start.map_or_else(String::new, |start| start.mixture.name.clone()),
            answer,
            finish_reason,
            error,
            degraded,
            fallback: finished.and_then(|outcome| outcome.fallback),
            chosen: finished.and_then(|outcome| outcome.chosen),
            tool_calls: finished.map(|outcome| outcome.tool_calls.clone()).unwrap_or_default(),
            warnings: trace.warnings(),
            notes: trace.start.as_ref().map(|start| start.notes.clone()).unwrap_or_default(),
            layers: trace.layers.iter().map(LayerDocument::of).collect(),
            usage: usage.into(),
            max_cost_usd: start.and_then(|start| start.max_cost_usd),
            timing: TimingDocument { wall_ms, first_token_ms },
            seed: start.map_or(0, |start| start.seed),
        }
    }
}

impl LayerDocument {
    fn of(layer: &LayerTrace) -> Self {
        Self {
            index: layer.index.0,
            role: layer.role,
            wall_ms: layer.wall_ms,
            usage: usage_of(&layer.calls).into(),
            responses: layer.calls.iter().map(ResponseDocument::of).collect(),
            likeness: layer.likeness(),
            agreement: layer.agreement,
            decisions: layer.decisions.clone(),
        }
    }
}

impl ResponseDocument {
    fn of(call: &CallTrace) -> Self {
        let outcome = call.outcome.clone().unwrap_or_else(|| moa_core::CallOutcome {
            status: CallStatus::Dropped,
            text: call.text.trim().to_owned(),
            reasoning: call.reasoning.trim().to_owned(),
            tool_calls: Vec::new(),
            finish_reason: None,
            error: Some(stopped("the run was interrupted during this call")),
            usage: Usage { completion_tokens: call.tokens, ..Usage::default() },
            certainty: None,
            first_token_ms: call.first_token_at_ms.map(|at_ms| at_ms - call.started_at_ms),
            wall_ms: call.last_token_at_ms.map_or(0.0, |at_ms| at_ms - call.started_at_ms),
        });
        Self {
            agent: call.agent.clone(),
            model: call.model.clone(),
            endpoint: call.endpoint.clone(),
            task: call.task,
            status: outcome.status,
            text: outcome.text,
            reasoning: outcome.reasoning,
            tool_calls: outcome.tool_calls,
            finish_reason: outcome.finish_reason,
            error: outcome.error,
            usage: outcome.usage.into(),
            first_token_ms: outcome.first_token_ms,
            wall_ms: outcome.wall_ms,
            retries: call.retries.clone(),
            hedged: call.hedged,
            reused: call.reused,
            set_aside: call.set_aside,
            upstream: call.upstream.clone(),
            certainty: outcome.certainty,
            lookup: call.lookup,
            key: call.key.clone(),
        }
    }
}

fn stopped(message: &str) -> Failure {
    Failure::new(moa_core::FailureKind::Cancelled, message)
}

/// What the calls consumed that ended before the run broke off.
fn finished_usage(trace: &Trace) -> Usage {
    usage_of(trace.calls())
}

fn usage_of<'call>(calls: impl IntoIterator<Item = &'call CallTrace>) -> Usage {
    let mut usage = Usage::default();
    for outcome in calls.into_iter().filter_map(|call| call.outcome.as_ref()) {
        usage += outcome.usage;
    }
    usage
}
