//! What the agents answered, layer by layer.

use moa_core::CallTrace;

use crate::markdown::render_markdown;
use crate::neutral::{neutral, neutral_line};
use crate::text::{Line, Style, to_ansi};

/// One answer with a heading. `width` is given where it goes to a terminal; elsewhere the text stays as it was written.
pub(crate) fn proposal_text(call: &CallTrace, width: Option<u16>, color: bool) -> String {
    let heading =
        Line::styled(format!("── layer {} · {} ──", call.call.layer, neutral_line(&call.agent)), Style::BOLD);
    let text = call.outcome.as_ref().map_or(call.text.as_str(), |outcome| outcome.text.as_str());
    let body = match width {
        Some(width) => render_markdown(text, width, color),
        None if text.is_empty() => String::new(),
        None => format!("{}\n", neutral(text)),
    };
    format!("{}{body}\n", to_ansi(&[heading], color))
}
