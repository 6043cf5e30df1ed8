//! The layers as a list, for terminals that are too narrow for a table.

use moa_core::Trace;

use super::layer_title;
use super::table::call_cell;
use crate::neutral::neutral_line;
use crate::text::{Line, Style};

/// Layer by layer, the answers one below the other.
pub(super) fn layers_as_list(trace: &Trace, columns: usize) -> Vec<Line> {
    const INDENT: &str = "  ";
    let inner = columns.saturating_sub(INDENT.len()).max(1);
    let mut lines = Vec::new();
    for layer in &trace.layers {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::styled(format!("── {} ──", layer_title(layer)), Style::BOLD).truncated(columns));
        for call in layer.answers() {
            lines.push(Line::styled(neutral_line(&call.agent), Style::BOLD).truncated(columns));
            for line in call_cell(trace, call, inner) {
                let mut indented = Line::plain(INDENT);
                indented.extend(&line);
                lines.push(indented);
            }
        }
    }
    lines
}
