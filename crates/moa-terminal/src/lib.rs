//! Readers of the event stream for the terminal.
//!
//! [`RunView`] draws a run while it happens: the answer on one writer, all else on another. [`layers_table`] shows afterwards
//! how the answers changed from layer to layer, [`DownloadView`] shows a download, and [`ChatInput`] reads what a person types.
//!
//! Nothing here asks a model, reads a file of weights or knows the command line.

mod download;
mod grid;
mod input;
mod layers;
mod markdown;
mod neutral;
mod options;
mod quantity;
mod restore;
mod similarity;
mod status_line;
#[cfg(test)]
mod testing;
mod text;
mod view;
mod wrap;

pub use download::DownloadView;
pub use input::{ChatInput, ChatInputOptions, Input, InputError, SlashCommand};
pub use layers::{answers_by_layer, layers_table};
pub use markdown::{MarkdownStream, render_markdown};
pub use neutral::{neutral, neutral_line};
pub use options::{AnswerMode, TerminalSize, TraceMode, ViewOptions, color_is_wanted};
pub use restore::{restore_terminal, restore_terminal_on_panic};
pub use status_line::StatusLine;
pub use view::RunView;
/// Numbers as people read them.
pub mod quantities {
    pub use crate::quantity::{bytes, count, counted, duration, milliseconds, percent, tokens_per_second};
}
