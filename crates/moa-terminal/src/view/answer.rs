//! The answer on its way to standard output.

use crate::markdown::MarkdownStream;
use crate::neutral::neutral;
use crate::options::{AnswerMode, ViewOptions};
use crate::text::Line;

/// Longer lines are hard to read, however wide the terminal is.
const MOST_COLUMNS: u16 = 100;

/// Turns the pieces of an answer into what is written: without white space around it, ended by exactly one line feed.
#[derive(Debug)]
pub(super) enum Answer {
    /// For a file or another program: the model's own bytes.
    Verbatim(Trimmed),
    /// For a terminal, as written but harmless.
    Neutral(Trimmed),
    /// For a terminal, set as text.
    Markdown(Box<MarkdownStream>),
}

impl Answer {
    pub(super) fn new(options: &ViewOptions) -> Self {
        match options.answer {
            _ if !options.stdout_is_terminal => Self::Verbatim(Trimmed::default()),
            AnswerMode::Raw => Self::Neutral(Trimmed::default()),
            AnswerMode::Markdown => {
                Self::Markdown(Box::new(MarkdownStream::new(columns(options.size.width), options.color)))
            }
        }
    }

    pub(super) fn resize(&mut self, width: u16) {
        if let Self::Markdown(stream) = self {
            stream.resize(columns(width));
        }
    }

    /// Takes the next piece; gives what can be written now.
    pub(super) fn push(&mut self, piece: &str) -> String {
        match self {
            Self::Verbatim(trimmed) => trimmed.push(piece),
            Self::Neutral(trimmed) => neutral(&trimmed.push(piece)).into_owned(),
            Self::Markdown(stream) => stream.push(piece),
        }
    }

    /// The rest of it, with the last line feed. Nothing if there was no answer.
    pub(super) fn finish(&mut self) -> String {
        match self {
            Self::Verbatim(trimmed) | Self::Neutral(trimmed) => trimmed.finish(),
            Self::Markdown(stream) => stream.finish(),
        }
    }

    /// What was taken but not yet written, as it would look.
    pub(super) fn pending(&self) -> Vec<Line> {
        match self {
            Self::Verbatim(_) | Self::Neutral(_) => Vec::new(),
            Self::Markdown(stream) => stream.pending(),
        }
    }

    /// Whether everything written so far ends at the end of a line, so that other things can be drawn below it.
    pub(super) fn ends_line(&self) -> bool {
        match self {
            Self::Verbatim(trimmed) | Self::Neutral(trimmed) => !trimmed.has_begun,
            Self::Markdown(_) => true,
        }
    }
}

/// The columns of an answer on a terminal of this width. The last column stays free, as it does in what is drawn in place, so that
/// lines do not move when they are complete.
fn columns(terminal_width: u16) -> u16 {
    terminal_width.saturating_sub(1).min(MOST_COLUMNS)
}

/// Leaves out white space at the beginning and at the end of a text that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Trimmed {
    has_begun: bool,
    held_back: String,
}

impl Trimmed {
    fn push(&mut self, piece: &str) -> String {
        let piece = if self.has_begun { piece } else { piece.trim_start() };
        let kept = piece.trim_end();
        if kept.is_empty() {
            self.held_back.push_str(piece);
            return String::new();
        }
        self.has_begun = true;
        let mut text = std::mem::take(&mut self.held_back);
        text.push_str(kept);
        self.held_back.push_str(piece.get(kept.len()..).unwrap_or_default());
        text
    }

    fn finish(&mut self) -> String {
        self.held_back.clear();
        let end = if self.has_begun { "\n" } else { "" };
        self.has_begun = false;
        end.to_owned()
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
