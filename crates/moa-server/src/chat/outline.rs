//! What of a run its usage and its account are made of.

use moa_core::{CallOutcome, Conversation, Event, EventKind, RunOutcome, Trace};

/// Takes an event into account without its texts, so that they lie in memory once however many read the run, and however slowly.
pub(super) fn outline(trace: &mut Trace, event: &Event) {
    let kind = match &event.kind {
        EventKind::CallDelta { .. } | EventKind::CallReasoning { .. } | EventKind::CallTool { .. } => return,
        EventKind::RunStarted { mixture, seed, started_at_unix_ms, max_cost_usd, .. } => {
            EventKind::RunStarted {
                mixture: mixture.clone(),
                conversation: Conversation::default(),
                seed: *seed,
                started_at_unix_ms: *started_at_unix_ms,
                max_cost_usd: *max_cost_usd,
                unused_fields: serde_json::Map::new(),
                notes: Vec::new(),
            }
        }
        EventKind::CallFinished { call, outcome } => {
            EventKind::CallFinished { call: *call, outcome: of_call(outcome) }
        }
        EventKind::RunFinished { outcome } => EventKind::RunFinished { outcome: of_run(outcome) },
        _ => return trace.apply(event),
    };
    trace.apply(&Event { run: event.run, sequence: event.sequence, at_ms: event.at_ms, kind });
}

fn of_call(outcome: &CallOutcome) -> CallOutcome {
    CallOutcome {
        text: String::new(),
        reasoning: String::new(),
        tool_calls: Vec::new(),
        status: outcome.status,
        finish_reason: outcome.finish_reason,
        error: outcome.error.clone(),
        usage: outcome.usage,
        first_token_ms: outcome.first_token_ms,
        wall_ms: outcome.wall_ms,
        certainty: outcome.certainty.clone(),
    }
}

fn of_run(outcome: &RunOutcome) -> RunOutcome {
    RunOutcome {
        answer: String::new(),
        tool_calls: Vec::new(),
        finish_reason: outcome.finish_reason,
        degraded: outcome.degraded,
        fallback: outcome.fallback,
        chosen: outcome.chosen,
        usage: outcome.usage,
        first_token_ms: outcome.first_token_ms,
        wall_ms: outcome.wall_ms,
    }
}

#[cfg(test)]
#[path = "outline_tests.rs"]
mod tests;
