//! What the agents answered, layer by layer: whole texts, and the table of how the answers changed.

mod list;
mod table;
mod totals;

use moa_core::{CallTrace, LayerRole, Trace};

use self::totals::totals;
use crate::markdown::render_markdown;
use crate::neutral::{neutral, neutral_line};
use crate::text::{Color, Line, Style, to_ansi};
use crate::view::{ending, verdicts};
use crate::wrap::wrap;

/// How the answers changed from layer to layer, `width` columns wide: a row for each agent and a column for each layer, or a list
/// by layer where that is too narrow; then totals and warnings. Nothing where no layer has begun.
///
/// # Source
/// The article's figure 5.
#[must_use]
pub fn layers_table(trace: &Trace, width: u16, color: bool) -> String {
    const LEAST_COLUMNS: usize = 70;
    let columns = usize::from(width);
    if trace.layers.is_empty() {
        return String::new();
    }
    let wide = if columns < LEAST_COLUMNS { None } else { table::layers_as_table(trace, columns) };
    let mut lines = wide.unwrap_or_else(|| list::layers_as_list(trace, columns));
    lines.push(Line::default());
    for layer in &trace.layers {
        for verdict in verdicts(trace, layer) {
            let text = format!("{}: {verdict}", layer_title(layer));
            lines.extend(wrap(&Line::plain(text).spans, columns, &Line::plain("→ "), &Line::plain("  ")));
        }
    }
    lines.extend(wrap(&totals(trace).spans, columns, &Line::default(), &Line::default()));
    let sign = Line::styled("! ", Style::colored(Color::Yellow));
    for warning in trace.warnings() {
        let text = Line::plain(neutral_line(&warning));
        lines.extend(wrap(&text.spans, columns, &sign, &Line::plain("  ")));
    }
    to_ansi(&lines, color)
}

/// The whole answers with headings, layer by layer; of one agent where `agent` names one. Markdown is set as text where `width`
/// is given; otherwise the texts stay as they were written.
#[must_use]
pub fn answers_by_layer(trace: &Trace, agent: Option<&str>, width: Option<u16>, color: bool) -> String {
    let asked = trace.calls().filter(|call| agent.is_none_or(|name| call.agent == name));
    asked.map(|call| answer_text(call, width, color)).collect::<Vec<_>>().join("\n")
}

/// One answer with a heading.
pub(crate) fn answer_text(call: &CallTrace, width: Option<u16>, color: bool) -> String {
    let mut heading =
        Line::styled(format!("── layer {} · {} ──", call.call.layer, neutral_line(&call.agent)), Style::BOLD);
    let text = call.outcome.as_ref().map_or(call.text.as_str(), |outcome| outcome.text.as_str());
    if let Some(failure) =
        call.outcome.as_ref().and_then(|outcome| Some((outcome.status, outcome.error.as_ref()?)))
    {
        let (sign, word, style) = ending(failure.0);
        heading.push(&format!(" {sign} {word}: {}", neutral_line(&failure.1.message)), style);
    }
    let body = match width {
        Some(width) => render_markdown(text, width, color),
        None if text.is_empty() => String::new(),
        None => format!("{}\n", neutral(text)),
    };
    format!("{}{body}", to_ansi(&[heading], color))
}

/// The agent's answer in the layer before `call`'s, if it gave one.
fn answer_before<'trace>(trace: &'trace Trace, call: &CallTrace) -> Option<&'trace str> {
    let before = trace.layers.iter().rev().find(|layer| layer.index < call.call.layer)?;
    let same = before.answers().find(|other| other.agent == call.agent)?;
    same.outcome.as_ref().map(|outcome| outcome.text.as_str())
}

/// What a column or a section of the layers is called.
fn layer_title(layer: &moa_core::LayerTrace) -> String {
    match layer.role {
        LayerRole::Proposers => format!("layer {}", layer.index),
        LayerRole::Aggregator => format!("layer {}: answer", layer.index),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
