//! The layers as a table: agents down, layers across.

use moa_core::{CallTrace, Trace};

use super::{answer_before, layer_title};
use crate::grid::{Row, SEPARATOR_COLUMNS, grid};
use crate::markdown::markdown_lines;
use crate::neutral::neutral_line;
use crate::quantity;
use crate::similarity::kept_share;
use crate::text::{ELLIPSIS, Line, Style, width};
use crate::view::{ending, written_tokens};
use crate::wrap::{wrap, wrap_plain};

/// Lines of an answer that a cell shows.
const CELL_LINES: usize = 5;

/// Only so much of an answer can be seen in a cell, whatever its width; the rest need not be looked at.
const CELL_CHARACTERS: usize = 2_000;

/// The table, or nothing where `columns` do not suffice for so many layers.
pub(super) fn layers_as_table(trace: &Trace, columns: usize) -> Option<Vec<Line>> {
    const LEAST_CELL_COLUMNS: usize = 18;
    let names = agent_names(trace);
    let widest = names.iter().map(|name| width(&neutral_line(name))).max().unwrap_or(0);
    let name_columns = widest.clamp(5, (columns / 5).max(10));
    let count = trace.layers.len();
    let cell_columns = columns.checked_sub(name_columns + SEPARATOR_COLUMNS * count)? / count.max(1);
    if cell_columns < LEAST_CELL_COLUMNS {
        return None;
    }
    let mut head: Row = vec![vec![Line::styled("agent", Style::BOLD)]];
    head.extend(trace.layers.iter().map(|layer| vec![Line::styled(layer_title(layer), Style::BOLD)]));
    let mut rows = vec![head];
    for name in names {
        let mut row: Row = vec![name_cell(trace, name, name_columns)];
        for layer in &trace.layers {
            // Two calls of one layer have different names, so there is one at most.
            let call = layer.answers().find(|call| call.agent == name);
            row.push(call.map_or_else(Vec::new, |call| call_cell(trace, call, cell_columns)));
        }
        rows.push(row);
    }
    let mut widths = vec![name_columns];
    widths.extend(std::iter::repeat_n(cell_columns, count));
    Some(grid(&widths, &rows, true))
}

/// The agents in the order in which they first spoke.
fn agent_names(trace: &Trace) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for call in trace.layers.iter().flat_map(moa_core::LayerTrace::answers) {
        if !names.contains(&call.agent.as_str()) {
            names.push(&call.agent);
        }
    }
    names
}

fn name_cell(trace: &Trace, name: &str, columns: usize) -> Vec<Line> {
    let mut lines = wrap_plain(&neutral_line(name), columns, Style::BOLD);
    let model = trace.calls().find(|call| call.agent == name).map(|call| call.model.as_str());
    if let Some(model) = model.filter(|model| *model != name && !model.is_empty()) {
        lines.extend(wrap_plain(&neutral_line(model), columns, Style::DIM));
    }
    lines
}

/// The beginning of an answer, what it took, and how much of the answer before is still in it.
pub(super) fn call_cell(trace: &Trace, call: &CallTrace, columns: usize) -> Vec<Line> {
    let mut lines = beginning(call, columns);
    if let Some(outcome) = &call.outcome
        && let Some(failure) = &outcome.error
    {
        let (sign, word, style) = ending(outcome.status);
        let reason = Line::styled(format!("{sign} {word}: {}", neutral_line(&failure.message)), style);
        lines.extend(shortened(wrap(&reason.spans, columns, &Line::default(), &Line::plain("  ")), columns));
    }
    lines.extend(wrap_plain(&figures(trace, call), columns, Style::DIM));
    lines
}

fn beginning(call: &CallTrace, columns: usize) -> Vec<Line> {
    let text = call.outcome.as_ref().map_or(call.text.trim(), |outcome| outcome.text.as_str());
    if text.is_empty() {
        return Vec::new();
    }
    let start: String = text.chars().take(CELL_CHARACTERS).collect();
    let lines = markdown_lines(&start, columns);
    // Blank lines would take the room of words.
    let lines = lines.iter().filter(|line| line.width() > 0).map(|line| line.truncated(columns));
    shortened(lines.collect(), columns)
}

/// At most [`CELL_LINES`] lines, with an ellipsis where there were more.
fn shortened(mut lines: Vec<Line>, columns: usize) -> Vec<Line> {
    if lines.len() <= CELL_LINES {
        return lines;
    }
    lines.truncate(CELL_LINES);
    if let Some(last) = lines.last_mut() {
        let room = columns.saturating_sub(width(ELLIPSIS) + 1);
        // An ellipsis that is already there says enough.
        if last.width() <= room {
            last.push(" ", Style::PLAIN);
        } else {
            *last = last.cut(room);
        }
        last.push(ELLIPSIS, Style::DIM);
    }
    lines
}

/// `148 tokens, 6.1 s, 62 % kept`
fn figures(trace: &Trace, call: &CallTrace) -> String {
    let mut figures = vec![quantity::counted(written_tokens(call).into(), "token")];
    let Some(outcome) = &call.outcome else {
        figures.push("not finished".to_owned());
        return figures.join(", ");
    };
    figures.push(quantity::milliseconds(outcome.wall_ms));
    if let Some(certainty) = &outcome.certainty {
        figures.push(quantity::certainty(**certainty));
    }
    let before = answer_before(trace, call).filter(|_| !outcome.text.is_empty());
    if let Some(share) = before.and_then(|before| kept_share(before, &outcome.text)) {
        figures.push(format!("{} kept", quantity::percent(share)));
    }
    figures.join(", ")
}
