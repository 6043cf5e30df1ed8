//! What a run took, in one line.

use moa_core::{RunEnd, Trace, Usage};

use crate::quantity;
use crate::text::{Line, Style};
use crate::view::written_tokens;

/// Layers, calls, tokens, speed and time of a run, finished or not.
pub(super) fn totals(trace: &Trace) -> Line {
    let (usage, wall_ms) = consumed(trace);
    let first_token_ms = match &trace.end {
        Some(RunEnd::Finished(outcome)) => outcome.first_token_ms,
        _ => None,
    };
    let mut facts = vec![
        quantity::counted(trace.layers.len() as u64, "layer"),
        quantity::counted(trace.calls().count() as u64, "call"),
        format!("{} read{}", quantity::counted(usage.prompt_tokens.into(), "token"), cached(usage)),
        format!("{} written{}", quantity::count(usage.completion_tokens.into()), looked_up(trace)),
    ];
    if wall_ms > 0.0 {
        let speed = f64::from(usage.completion_tokens) * 1_000.0 / wall_ms;
        facts.push(format!("{} overall", quantity::tokens_per_second(speed)));
    }
    if let Some(cost) = usage.cost_usd {
        facts.push(format!("${cost:.4}"));
    }
    if let Some(first_token_ms) = first_token_ms {
        facts.push(format!("first token of the answer after {}", quantity::milliseconds(first_token_ms)));
    }
    facts.push(format!("{} in all", quantity::milliseconds(wall_ms)));
    Line::styled(facts.join(" · "), Style::PLAIN)
}

fn cached(usage: Usage) -> String {
    match usage.cached_tokens {
        0 => String::new(),
        cached => format!(" ({} from the cache)", quantity::count(cached.into())),
    }
}

/// How many of the tokens needed no step of their own, because they were guessed from what was read.
fn looked_up(trace: &Trace) -> String {
    let guessed =
        trace.calls().filter_map(|call| call.lookup).map(|lookup| u64::from(lookup.accepted_tokens));
    match guessed.sum() {
        0 => String::new(),
        tokens => format!(" ({} looked up)", quantity::count(tokens)),
    }
}

/// What was consumed in which time, as far as it is known.
fn consumed(trace: &Trace) -> (Usage, f64) {
    match &trace.end {
        Some(RunEnd::Finished(outcome)) => (outcome.usage, outcome.wall_ms),
        Some(RunEnd::Failed { usage, wall_ms, .. } | RunEnd::Cancelled { usage, wall_ms }) => {
            (*usage, *wall_ms)
        }
        None => {
            let mut usage = Usage::default();
            for call in trace.calls() {
                let written = Usage { completion_tokens: written_tokens(call), ..Usage::default() };
                usage += call.outcome.as_ref().map_or(written, |outcome| outcome.usage);
            }
            (usage, trace.at_ms)
        }
    }
}
