//! What the caller pays, and for what.

use moa_core::{CallStatus, LayerRole, LayerTrace, RunEnd, Trace, Usage};
use serde_json::{Value, json};

/// The usage of a request: the sum over all calls of all its runs. Reasoning is everything that is no part of an answer.
pub(super) fn usage(traces: &[Trace]) -> Value {
    let mut total = Usage::default();
    let mut answers: u32 = 0;
    for call in traces.iter().flat_map(Trace::calls) {
        if let Some(outcome) = &call.outcome {
            total += outcome.usage;
        }
    }
    for outcome in traces.iter().filter_map(answer) {
        answers = answers.saturating_add(outcome);
    }
    let reasoning = total.completion_tokens.saturating_sub(answers);
    let layers: Vec<Value> = traces.iter().flat_map(|trace| &trace.layers).map(layer).collect();
    json!({
        "prompt_tokens": total.prompt_tokens,
        "completion_tokens": total.completion_tokens,
        "total_tokens": total.prompt_tokens.saturating_add(total.completion_tokens),
        "prompt_tokens_details": {"cached_tokens": total.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
        "moa": {"layers": layers, "cost_usd": total.cost_usd, "estimated": total.estimated},
    })
}

/// The tokens of a run's answer, if it gave one.
fn answer(trace: &Trace) -> Option<u32> {
    let Some(RunEnd::Finished(end)) = &trace.end else { return None };
    let of_answer = |usage: Usage| usage.completion_tokens.saturating_sub(usage.reasoning_tokens);
    if let Some(chosen) = end.chosen.and_then(|call| trace.call(call)?.outcome.as_ref()) {
        return Some(of_answer(chosen.usage));
    }
    let last = trace.layers.iter().rfind(|layer| layer.role == LayerRole::Aggregator)?;
    let whole = last.calls.iter().filter_map(|call| call.outcome.as_ref());
    let written = whole.filter(|outcome| outcome.status == CallStatus::Ok);
    Some(written.map(|outcome| of_answer(outcome.usage)).sum())
}

fn layer(layer: &LayerTrace) -> Value {
    let mut usage = Usage::default();
    for outcome in layer.calls.iter().filter_map(|call| call.outcome.as_ref()) {
        usage += outcome.usage;
    }
    json!({
        "layer": layer.index,
        "role": layer.role,
        "calls": layer.calls.len(),
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost_usd": usage.cost_usd,
    })
}

/// What a response says of the runs behind it: their ids, and everything that made the answer less than it could be.
pub(super) fn account(traces: &[Trace]) -> Value {
    let runs: Vec<String> =
        traces.iter().filter_map(|trace| trace.start.as_ref()).map(|start| start.run.to_string()).collect();
    let degraded =
        traces.iter().any(|trace| matches!(&trace.end, Some(RunEnd::Finished(outcome)) if outcome.degraded));
    let fallback = traces.iter().find_map(|trace| match &trace.end {
        Some(RunEnd::Finished(outcome)) => outcome.fallback,
        _ => None,
    });
    let warnings: Vec<String> = traces.iter().flat_map(Trace::warnings).collect();
    let lost: Vec<Value> = traces.iter().flat_map(Trace::calls).filter_map(lost).collect();
    json!({"runs": runs, "degraded": degraded, "fallback": fallback, "warnings": warnings, "lost": lost})
}

/// An answer that is missing or not whole, and the reason. The key `error` would end the stream for some clients.
fn lost(call: &moa_core::CallTrace) -> Option<Value> {
    let outcome = call.outcome.as_ref().filter(|outcome| outcome.status != CallStatus::Ok)?;
    let failure = outcome.error.as_ref();
    Some(json!({
        "layer": call.call.layer,
        "agent": call.agent,
        "model": call.model,
        "status": outcome.status,
        "kind": failure.map(|failure| failure.kind),
        "reason": failure.map(|failure| failure.message.clone()),
    }))
}
