//! The lines that stay: what a run leaves behind on a terminal or in a log.

use moa_core::{
    AgreementMeasure, CallId, CallOutcome, CallStatus, CallTrace, Decision, Failure, Fallback,
    LayerAgreement, LayerRole, LayerTrace, Retry, RunOutcome, Shortening, Trace,
};

use super::layer::layer_name;
use super::row::{ending, label, written_tokens};
use crate::neutral::neutral_line;
use crate::quantity;
use crate::text::{Color, Line, Style};

/// What is run, when it starts.
pub(super) fn run_started(trace: &Trace) -> Option<Line> {
    let start = trace.start.as_ref()?;
    let mixture = &start.mixture;
    let line = Line::styled(neutral_line(&mixture.name), Style::BOLD);
    let layers = quantity::counted(mixture.layer_count() as u64, "layer");
    let calls = quantity::counted(mixture.planned_calls() as u64, "call");
    Some(line.with(&format!("  {layers}, {calls}, seed {}", start.seed), Style::DIM))
}

/// What the reader should know of how the mixture suits the request.
pub(super) fn note(text: &str) -> Line {
    Line::styled("note: ", Style::colored(Color::Yellow)).with(&neutral_line(text), Style::PLAIN)
}

/// A layer that ended, on a terminal: one line, one for every decision, and one for every answer that is not as it should be. Nothing where
/// nobody was asked, because the answer was chosen before.
pub(super) fn layer_finished(trace: &Trace, layer: &LayerTrace) -> Vec<Line> {
    if layer.calls.is_empty() && trace.settled().is_some() {
        return Vec::new();
    }
    let asked = layer.answers().count();
    let kept = layer.answers().filter(|call| is_kept(call)).count();
    let is_whole =
        layer.calls.iter().all(|call| call.outcome.as_ref().is_some_and(|o| o.status == CallStatus::Ok));
    let (sign, style) = match (is_whole, kept) {
        (true, _) => ("✓", Style::colored(Color::Green)),
        (false, 0) => ("✗", Style::colored(Color::Red)),
        (false, _) => ("!", Style::colored(Color::Yellow)),
    };
    let mut line =
        Line::styled(sign, style).with(" ", Style::PLAIN).with(&layer_name(trace, layer), Style::BOLD);
    match (layer.role, layer.calls.first()) {
        (LayerRole::Aggregator, Some(call)) => line.push(&format!("  {}", label(call)), Style::PLAIN),
        _ if kept == asked => {
            line.push(&format!("  {}", quantity::counted(kept as u64, "answer")), Style::PLAIN);
        }
        _ => line.push(&format!("  {kept} of {}", quantity::counted(asked as u64, "answer")), Style::PLAIN),
    }
    let tokens: u64 = layer.calls.iter().map(|call| u64::from(written_tokens(call))).sum();
    line.push(&format!(", {}", quantity::counted(tokens, "token")), Style::PLAIN);
    let speed = layer.calls.first().filter(|_| layer.calls.len() == 1).and_then(CallTrace::tokens_per_second);
    if let Some(speed) = speed {
        line.push(&format!(", {}", quantity::tokens_per_second(speed)), Style::PLAIN);
    }
    match layer.wall_ms {
        Some(wall_ms) => line.push(&format!(", {}", quantity::milliseconds(wall_ms)), Style::PLAIN),
        None => line.push(", not finished", Style::PLAIN),
    }
    let mut lines = vec![line];
    for text in verdicts(trace, layer) {
        let text = format!(" {text}");
        lines.push(Line::plain("  ").with("→", Style::colored(Color::Cyan)).with(&text, Style::PLAIN));
    }
    for call in &layer.calls {
        lines.extend(remarks(call));
    }
    lines
}

fn is_kept(call: &CallTrace) -> bool {
    call.outcome.as_ref().is_some_and(|o| matches!(o.status, CallStatus::Ok | CallStatus::Partial))
}

/// What is to be said about one call below its layer.
fn remarks(call: &CallTrace) -> Vec<Line> {
    let yellow = Style::colored(Color::Yellow);
    let mut lines: Vec<Line> = Vec::new();
    for message in &call.warnings {
        lines.push(remark("!", yellow, call, &neutral_line(message)));
    }
    for retry in &call.retries {
        lines.push(remark("!", yellow, call, &retried(retry)));
    }
    if call.hedged {
        lines.push(remark("!", yellow, call, "was late, and was asked a second time"));
    }
    if call.set_aside {
        lines.push(remark("!", yellow, call, "set aside, because it differs too much from the others"));
    }
    if call.reused {
        lines.push(remark("↺", Style::DIM, call, "out of the store"));
    }
    if let Some(shortening) = &call.shortening {
        lines.push(remark("!", yellow, call, &shortened(shortening)));
    }
    if let Some(CallOutcome { status, error: Some(failure), .. }) = &call.outcome {
        let (sign, word, style) = ending(*status);
        lines.push(remark(sign, style, call, &format!("{word}: {}", neutral_line(&failure.message))));
        if let Some(hint) = &failure.hint {
            lines.push(Line::styled(format!("    hint: {}", neutral_line(hint)), Style::DIM));
        }
    }
    lines
}

fn remark(sign: &str, style: Style, call: &CallTrace, text: &str) -> Line {
    Line::plain("  ").with(sign, style).with(&format!(" {}: {text}", label(call)), Style::PLAIN)
}

/// What was found about the answers of a layer and decided between them, each in words.
pub(crate) fn verdicts(trace: &Trace, layer: &LayerTrace) -> Vec<String> {
    let measured = layer.agreement.as_ref().map(|measured| agreed(trace, measured));
    measured.into_iter().chain(layer.decisions.iter().map(|decision| decided(trace, decision))).collect()
}

/// How far the answers agree or pass the prompt's examples, and what that has saved, in words.
pub(super) fn agreed(trace: &Trace, measured: &LayerAgreement) -> String {
    let stop = trace.start.as_ref().and_then(|start| start.mixture.early_stop);
    let what = match stop.map(|stop| stop.measure) {
        Some(AgreementMeasure::Examples) => "examples passed",
        _ => "agreement",
    };
    let wanted = quantity::percent(measured.wanted);
    let saved = measured.saved.map(|saved| {
        format!(
            "{} saved, up to {}",
            quantity::counted(saved.calls.into(), "call"),
            quantity::counted(saved.completion_tokens_at_most, "token"),
        )
    });
    match (measured.agreement.map(quantity::percent), saved) {
        (Some(agreement), Some(saved)) => {
            format!("{what}: {agreement}, enough ({wanted}) to stop early: {saved}")
        }
        (Some(agreement), None) => format!("{what}: {agreement}, less than {wanted}, so that it goes on"),
        (None, Some(saved)) => format!("{what}: there is nothing to try, so that it ends here: {saved}"),
        (None, None) => format!("{what}: there is one answer only, so that it goes on"),
    }
}

/// What was decided and why, in words.
pub(super) fn decided(trace: &Trace, decision: &Decision) -> String {
    let name = |call: &CallId| trace.call(*call).map_or_else(|| call.to_string(), label);
    let chosen: Vec<String> = decision.chosen.iter().map(name).collect();
    let (kind, reason) = (neutral_line(&decision.kind), neutral_line(&decision.reason));
    match (chosen.is_empty(), decision.settles) {
        (true, _) => format!("{kind}: {reason}"),
        (_, true) => format!("{kind}: the answer is that of {} ({reason})", chosen.join(", ")),
        (_, false) => format!("{kind}: {} ({reason})", chosen.join(", ")),
    }
}

/// An attempt that failed and was made again, in words.
pub(super) fn retried(retry: &Retry) -> String {
    let wait = quantity::milliseconds(retry.wait.as_secs_f64() * 1_000.0);
    format!(
        "attempt {} failed, the next after {wait}: {}",
        retry.attempt,
        neutral_line(&retry.failure.message)
    )
}

/// Whose answer it is, where it is not the aggregator's.
pub(super) fn fallback(trace: &Trace, outcome: &RunOutcome) -> Option<Line> {
    let (call, what) = match outcome.fallback? {
        Fallback::Aggregator { call } => (call, "the aggregator failed; this is the answer of its stand-in"),
        Fallback::Proposal { call } => (call, "the aggregator failed; this is the best proposal, that of"),
    };
    let agent = trace.call(call).map_or_else(String::new, label);
    Some(warning(&format!("{what} {agent}")))
}

/// What was cut from the references, in words.
pub(super) fn shortened(shortening: &Shortening) -> String {
    format!(
        "{} shortened, because the prompt had {} and {} fit",
        quantity::counted(shortening.references.len() as u64, "reference"),
        quantity::counted(shortening.original_tokens.into(), "token"),
        quantity::count(shortening.limit_tokens.into()),
    )
}

/// A layer that begins, for a log.
pub(super) fn layer_started_plain(trace: &Trace, layer: &LayerTrace) -> Line {
    let agents: Vec<String> = trace.start.as_ref().map_or_else(Vec::new, |start| {
        let layers = &start.mixture.layers;
        let place = usize::try_from(layer.index.0).unwrap_or(usize::MAX).saturating_sub(1);
        match (layer.role, layers.get(place)) {
            (LayerRole::Proposers, Some(layer)) => {
                layer.agents.iter().map(|a| neutral_line(&a.name)).collect()
            }
            _ => vec![neutral_line(&start.mixture.aggregator.name)],
        }
    });
    let verb = match layer.role {
        LayerRole::Proposers => "asking",
        LayerRole::Aggregator => "aggregator",
    };
    Line::plain(format!("{}: {verb} {}", layer_name(trace, layer), agents.join(", ")))
}

/// A call that ended, for a log.
pub(super) fn call_finished_plain(trace: &Trace, call: &CallTrace, outcome: &CallOutcome) -> Line {
    let word = ending(outcome.status).1;
    let mut facts = vec![quantity::counted(written_tokens(call).into(), "token")];
    facts.extend(call.tokens_per_second().map(quantity::tokens_per_second));
    facts.push(quantity::milliseconds(outcome.wall_ms));
    facts.extend(outcome.certainty.as_deref().copied().map(quantity::certainty));
    if let Some(first_token_ms) = outcome.first_token_ms {
        facts.push(format!("first token after {}", quantity::milliseconds(first_token_ms)));
    }
    let reason =
        outcome.error.as_ref().map_or_else(String::new, |f| format!(": {}", neutral_line(&f.message)));
    about(trace, call, &format!("{word} ({}){reason}", facts.join(", ")))
}

/// Something about the answers of a layer, for a log.
pub(super) fn about_layer(trace: &Trace, layer: &LayerTrace, text: &str) -> Line {
    Line::plain(format!("{}: {text}", layer_name(trace, layer)))
}

/// A layer that ended, for a log.
pub(super) fn layer_finished_plain(
    trace: &Trace,
    layer: &LayerTrace,
    kept: u32,
    lost: u32,
    wall_ms: f64,
) -> Line {
    let answers = quantity::counted(u64::from(kept) + u64::from(lost), "answer");
    let answers = if lost == 0 { answers } else { format!("{kept} of {answers}, {lost} lost") };
    Line::plain(format!("{}: {answers}, {}", layer_name(trace, layer), quantity::milliseconds(wall_ms)))
}

/// Something about a call, with the place where it stands.
pub(super) fn about(trace: &Trace, call: &CallTrace, text: &str) -> Line {
    let layer = trace.layers.iter().find(|layer| layer.index == call.call.layer);
    let place = layer.map_or_else(String::new, |layer| layer_name(trace, layer));
    Line::plain(format!("{place}: {} {text}", label(call)))
}

/// A warning on a line of its own.
pub(super) fn warning(text: &str) -> Line {
    Line::styled("warning", Style::colored(Color::Yellow))
        .with(&format!(": {}", neutral_line(text)), Style::PLAIN)
}

/// Why there is no answer, and what to do about it.
pub(super) fn run_failed(failure: &Failure) -> Vec<Line> {
    let red = Style { bold: true, ..Style::colored(Color::Red) };
    let mut lines =
        vec![Line::styled("error", red).with(&format!(": {}", neutral_line(&failure.message)), Style::PLAIN)];
    if let Some(hint) = &failure.hint {
        lines
            .push(Line::styled("hint", Style::BOLD).with(&format!(": {}", neutral_line(hint)), Style::PLAIN));
    }
    lines
}

/// What there is of a run that somebody stopped.
pub(super) fn run_cancelled(trace: &Trace, wall_ms: f64) -> Line {
    let finished = trace.calls().filter(|call| is_kept(call)).count();
    let answers = quantity::counted(finished as u64, "finished answer");
    Line::styled("stopped", Style::colored(Color::Yellow))
        .with(&format!(" after {}, with {answers}", quantity::milliseconds(wall_ms)), Style::PLAIN)
}
