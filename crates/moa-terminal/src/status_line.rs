//! One line that says how far something is.

use std::io::{self, IsTerminal, Write};

use crate::neutral::neutral_line;
use crate::options::TerminalSize;
use crate::restore::is_dumb;
use crate::text::head;

/// Back to the start of the line, which is emptied.
const EMPTY_LINE: &str = "\r\x1b[2K";

/// A line that is drawn over on a terminal. Elsewhere lines follow each other, a new one with each step.
#[derive(Debug)]
pub struct StatusLine<W: Write> {
    writer: W,
    is_live: bool,
    /// The last step for which a plain line was written.
    step: Option<u64>,
}

impl StatusLine<io::Stderr> {
    /// On standard error.
    #[must_use]
    pub fn stderr() -> Self {
        let is_live = io::stderr().is_terminal() && !is_dumb();
        Self { writer: io::stderr(), is_live, step: None }
    }
}

impl<W: Write> StatusLine<W> {
    /// A line on a writer, which is a terminal (`is_live`) or not.
    pub fn new(writer: W, is_live: bool) -> Self {
        Self { writer, is_live, step: None }
    }

    /// Shows `text`; elsewhere than on a terminal only where `step` is another one than before.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn show(&mut self, text: &str, step: u64) -> io::Result<()> {
        let text = neutral_line(text);
        if self.is_live {
            // A line that wraps could not be drawn over.
            let columns = usize::from(TerminalSize::detect().width).saturating_sub(1);
            write!(self.writer, "{EMPTY_LINE}{}", head(&text, columns))?;
            return self.writer.flush();
        }
        if self.step.replace(step) == Some(step) {
            return Ok(());
        }
        writeln!(self.writer, "{text}")
    }

    /// Leaves `text` for good.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn leave(&mut self, text: &str) -> io::Result<()> {
        let start = if self.is_live { EMPTY_LINE } else { "" };
        writeln!(self.writer, "{start}{}", neutral_line(text))
    }
}

#[cfg(test)]
#[path = "status_line_tests.rs"]
mod tests;
