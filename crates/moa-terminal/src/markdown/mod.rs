//! Markdown on a terminal: read with `pulldown-cmark`, set as lines, also while it is still being written.

mod block;
mod fence;
mod inline;
mod stream;
mod table;

pub use stream::{MarkdownStream, render_markdown};
