//! A run's timeline in the form that `chrome://tracing` and Perfetto read.

use moa_core::{CallTrace, Trace};
use serde_json::{Value, json};

/// The run as a Chrome trace: one process per layer, one row per agent, what it did before its first token and after it apart.
///
/// # Units
/// Microseconds, as the format wants them.
///
/// # Source
/// The Trace Event Format: complete events (`X`) and metadata (`M`).
#[must_use]
pub fn chrome_trace(trace: &Trace) -> Value {
    let mut events = Vec::new();
    for layer in &trace.layers {
        let name = format!("layer {}", layer.index);
        events.push(json!({"ph": "M", "name": "process_name", "pid": layer.index, "args": {"name": name}}));
        for call in &layer.calls {
            let row = json!({"name": call.agent});
            events.push(json!({"ph": "M", "name": "thread_name", "pid": layer.index, "tid": call.call.agent, "args": row}));
            events.extend(spans(call));
        }
    }
    let start = trace.start.as_ref();
    json!({
        "traceEvents": events,
        "displayTimeUnit": "ms",
        "otherData": {
            "run": start.map(|start| start.run.to_string()),
            "preset": start.map(|start| start.mixture.name.clone()),
            "started_at_unix_ms": start.map(|start| start.started_at_unix_ms),
        },
    })
}

/// What a call did, up to its first token and from there on.
fn spans(call: &CallTrace) -> Vec<Value> {
    let wall_ms = match &call.outcome {
        Some(outcome) => outcome.wall_ms,
        None => call.last_token_at_ms.map_or(0.0, |at_ms| at_ms - call.started_at_ms),
    };
    let end_ms = call.started_at_ms + wall_ms;
    let first_ms = match call.outcome.as_ref().and_then(|outcome| outcome.first_token_ms) {
        Some(first_ms) => Some(call.started_at_ms + first_ms),
        None => call.first_token_at_ms,
    };
    let usage = call.outcome.as_ref().map(|outcome| outcome.usage);
    let details = json!({
        "model": call.model,
        "endpoint": call.endpoint,
        "status": call.outcome.as_ref().map(|outcome| outcome.status),
        "prompt_tokens": usage.map(|usage| usage.prompt_tokens),
        "cached_tokens": usage.map(|usage| usage.cached_tokens),
        "completion_tokens": usage.map(|usage| usage.completion_tokens),
        "attempts": call.retries.len() + 1,
        "reused": call.reused,
    });
    let span = |name: &str, from_ms: f64, to_ms: f64| {
        json!({
            "ph": "X", "cat": "call", "name": name, "pid": call.call.layer, "tid": call.call.agent,
            "ts": from_ms * 1_000.0, "dur": (to_ms - from_ms).max(0.0) * 1_000.0, "args": details,
        })
    };
    match first_ms {
        Some(first_ms) => {
            vec![span("prefill", call.started_at_ms, first_ms), span("decode", first_ms, end_ms)]
        }
        None => vec![span("waiting", call.started_at_ms, end_ms)],
    }
}

#[cfg(test)]
mod tests {
    use moa_core::Trace;

    use super::chrome_trace;
    use crate::fixture::run;

    #[test]
    fn every_call_has_a_row_with_what_it_did_before_and_after_its_first_token() {
        let trace = chrome_trace(&Trace::of(&run(&[["x", "y"]], "z")));
        let events = trace["traceEvents"].as_array().unwrap();
        let of = |name: &str| events.iter().filter(|event| event["name"] == name).collect::<Vec<_>>();
        assert_eq!((of("process_name").len(), of("thread_name").len()), (2, 3));
        let (prefill, decode) = (of("prefill"), of("decode"));
        assert_eq!((prefill.len(), decode.len()), (3, 3));
        assert_eq!(prefill[0]["dur"], 4_000.0);
        assert_eq!(decode[0]["dur"], 6_000.0);
        assert_eq!(decode[2]["pid"], 2);
    }
}
