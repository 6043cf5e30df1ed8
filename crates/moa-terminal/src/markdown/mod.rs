//! Markdown on a terminal: read with `pulldown-cmark`, set as lines, also while it is still being written.

mod block;
mod fence;
mod inline;
mod stream;
mod table;

use crate::text::Line;

pub use stream::{MarkdownStream, render_markdown};

/// The lines of a whole text, as a terminal with colours shows them.
pub(crate) fn markdown_lines(text: &str, columns: usize) -> Vec<Line> {
    stream::lines(text, columns, true)
}
