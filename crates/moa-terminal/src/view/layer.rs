//! The running layer as a few rows: what is drawn in place.

use moa_core::{CallTrace, LayerRole, LayerTrace, Trace};

use super::row::{
    ROW_COLUMNS_BESIDE_LABEL, elapsed_ms, ending, first_word, label, row, spinner, state, written_tokens,
};
use crate::quantity;
use crate::text::{Color, Line, Style, width};

/// The layer that runs now, in at most `rows` rows of at most `columns` columns.
pub(super) fn layer_lines(
    trace: &Trace,
    layer: &LayerTrace,
    now_ms: f64,
    columns: usize,
    rows: usize,
) -> Vec<Line> {
    let mut lines = vec![heading(trace, layer, now_ms)];
    let room = rows.saturating_sub(1);
    let label_columns = label_columns(layer, columns);
    if layer.calls.len() <= room {
        lines.extend(layer.calls.iter().map(|call| row(call, now_ms, columns, label_columns)));
        return lines;
    }
    // What still works is worth more than what is done when both cannot be shown.
    let mut shown: Vec<&CallTrace> = layer.calls.iter().collect();
    shown.sort_by_key(|call| (call.outcome.is_some(), call.first_token_at_ms.is_none(), call.call));
    let (shown, hidden) = shown.split_at(room.saturating_sub(1).min(shown.len()));
    let mut shown = shown.to_vec();
    shown.sort_by_key(|call| call.call);
    lines.extend(shown.into_iter().map(|call| row(call, now_ms, columns, label_columns)));
    if room > 0 {
        lines.push(Line::styled(
            format!("    … and {} more: {}", hidden.len(), tally(hidden, now_ms)),
            Style::DIM,
        ));
    }
    lines
}

/// The agent that writes the answer, below the answer.
pub(super) fn speaker_line(call: &CallTrace, now_ms: f64) -> Line {
    let mut facts = vec![quantity::counted(written_tokens(call).into(), "token")];
    facts.extend(call.tokens_per_second().map(quantity::tokens_per_second));
    facts.push(quantity::milliseconds(elapsed_ms(call, now_ms)));
    Line::styled(spinner(now_ms), Style::colored(Color::Cyan))
        .with(&format!(" {}", facts.join(", ")), Style::PLAIN)
        .with(&format!("  {}", label(call)), Style::DIM)
}

/// `Layer 2 of 3`, or what the one layer of a lone model is called.
pub(super) fn layer_name(trace: &Trace, layer: &LayerTrace) -> String {
    match trace.start.as_ref().map(|start| start.mixture.layer_count()) {
        Some(1) => "answer".to_owned(),
        Some(count) => format!("layer {} of {count}", layer.index),
        None => format!("layer {}", layer.index),
    }
}

fn heading(trace: &Trace, layer: &LayerTrace, now_ms: f64) -> Line {
    let started_at_ms = layer.calls.iter().map(|call| call.started_at_ms).reduce(f64::min).unwrap_or(now_ms);
    let mut line = Line::styled(spinner(now_ms), Style::colored(Color::Cyan))
        .with(" ", Style::PLAIN)
        .with(&layer_name(trace, layer), Style::BOLD);
    match layer.role {
        LayerRole::Proposers => {
            let done = layer.calls.iter().filter(|call| call.outcome.is_some()).count();
            line.push(&format!("  {done} of {} done", layer.calls.len()), Style::PLAIN);
        }
        LayerRole::Aggregator => line.push("  aggregator", Style::PLAIN),
    }
    line.push(&format!("  {}", quantity::milliseconds((now_ms - started_at_ms).max(0.0))), Style::DIM);
    line
}

/// The columns of the agents' names: as many as the longest needs, but not more than a good third of the line, and on a narrow
/// one what state and time leave.
fn label_columns(layer: &LayerTrace, columns: usize) -> usize {
    const LEAST_COLUMNS: usize = 8;
    let longest = layer.calls.iter().map(|call| width(&label(call))).max().unwrap_or(0);
    let most = (columns * 35 / 100).min(columns.saturating_sub(ROW_COLUMNS_BESIDE_LABEL));
    longest.min(most.max(LEAST_COLUMNS))
}

/// `2 writing, 1 queued`.
fn tally(calls: &[&CallTrace], now_ms: f64) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for call in calls {
        let word = match &call.outcome {
            Some(outcome) => ending(outcome.status).1.to_owned(),
            None => first_word(&state(call, now_ms).word).to_owned(),
        };
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    let counts: Vec<String> = counts.into_iter().map(|(word, count)| format!("{count} {word}")).collect();
    counts.join(", ")
}
