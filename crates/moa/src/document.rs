//! The document of `moa ask --output json`: a whole run in one piece. Scripts rely on its names.

use moa_core::{CallStatus, CallTrace, Failure, FinishReason, LayerRole, LayerTrace, RunEnd, Trace, Usage};
use serde::Serialize;

/// A run as one JSON document.
#[derive(Debug, Serialize)]
pub(crate) struct RunDocument {
    id: String,
    preset: String,
    /// Absent where the run gave none.
    answer: Option<String>,
    finish_reason: Option<FinishReason>,
    /// Why there is no answer.
    error: Option<Failure>,
    degraded: bool,
    warnings: Vec<String>,
    layers: Vec<LayerDocument>,
    usage: UsageDocument,
    timing: TimingDocument,
    seed: u64,
}

#[derive(Debug, Serialize)]
struct LayerDocument {
    index: u32,
    role: LayerRole,
    wall_ms: Option<f64>,
    responses: Vec<ResponseDocument>,
}

#[derive(Debug, Serialize)]
struct ResponseDocument {
    agent: String,
    model: String,
    endpoint: String,
    status: CallStatus,
    text: String,
    finish_reason: Option<FinishReason>,
    error: Option<Failure>,
    usage: CallUsageDocument,
    first_token_ms: Option<f64>,
    wall_ms: f64,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names that scripts rely on")]
struct CallUsageDocument {
    prompt_tokens: u32,
    cached_tokens: u32,
    completion_tokens: u32,
}

#[derive(Debug, Serialize)]
struct UsageDocument {
    prompt_tokens: u32,
    cached_tokens: u32,
    completion_tokens: u32,
    cost_usd: Option<f64>,
}

#[derive(Debug, Serialize)]
struct TimingDocument {
    wall_ms: f64,
    first_token_ms: Option<f64>,
}

impl RunDocument {
    /// The document of a run as far as it went.
    pub(crate) fn of(trace: &Trace) -> Self {
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
        Self {
            id: start.map_or_else(String::new, |start| start.run.to_string()),
            preset: start.map_or_else(String::new, |start| start.mixture.name.clone()),
            answer,
            finish_reason,
            error,
            degraded,
            warnings: trace.warnings(),
            layers: trace.layers.iter().map(LayerDocument::of).collect(),
            usage: UsageDocument {
                prompt_tokens: usage.prompt_tokens,
                cached_tokens: usage.cached_tokens,
                completion_tokens: usage.completion_tokens,
                cost_usd: usage.cost_usd,
            },
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
            responses: layer.calls.iter().map(ResponseDocument::of).collect(),
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
            first_token_ms: call.first_token_at_ms.map(|at_ms| at_ms - call.started_at_ms),
            wall_ms: call.last_token_at_ms.map_or(0.0, |at_ms| at_ms - call.started_at_ms),
        });
        Self {
            agent: call.agent.clone(),
            model: call.model.clone(),
            endpoint: call.endpoint.clone(),
            status: outcome.status,
            text: outcome.text,
            finish_reason: outcome.finish_reason,
            error: outcome.error,
            usage: CallUsageDocument {
                prompt_tokens: outcome.usage.prompt_tokens,
                cached_tokens: outcome.usage.cached_tokens,
                completion_tokens: outcome.usage.completion_tokens,
            },
            first_token_ms: outcome.first_token_ms,
            wall_ms: outcome.wall_ms,
        }
    }
}

fn stopped(message: &str) -> Failure {
    Failure::new(moa_core::FailureKind::Cancelled, message)
}

/// What the calls consumed that ended before the run broke off.
fn finished_usage(trace: &Trace) -> Usage {
    let mut usage = Usage::default();
    for outcome in trace.calls().filter_map(|call| call.outcome.as_ref()) {
        usage += outcome.usage;
    }
    usage
}
