//! A region at the end of a terminal's output that is drawn over and over in place, below lines that stay.

use std::io::{self, Write};

use crossterm::QueueableCommand as _;
use crossterm::cursor::{Hide, MoveToColumn, MoveUp, Show};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate,
};

use crate::options::TerminalSize;
use crate::text::Line;

/// The region and the terminal below it.
///
/// The cursor stays at the end of the region's last line. Lines are cut to the terminal's width, so that one line is one row.
/// Everything of one change leaves in one write, and as one update where the terminal can do that, so that nothing flickers.
#[derive(Debug)]
pub(super) struct Screen<W: Write> {
    writer: W,
    size: TerminalSize,
    color: bool,
    drawn: Vec<Line>,
    cursor_is_hidden: bool,
    is_suspended: bool,
    /// The size for which the region was drawn.
    drawn_size: TerminalSize,
}

impl<W: Write> Screen<W> {
    pub(super) fn new(writer: W, size: TerminalSize, color: bool) -> Self {
        Self {
            writer,
            size,
            color,
            drawn: Vec::new(),
            cursor_is_hidden: false,
            is_suspended: false,
            drawn_size: size,
        }
    }

    pub(super) fn size(&self) -> TerminalSize {
        self.size
    }

    pub(super) fn resize(&mut self, size: TerminalSize) {
        self.size = size;
    }

    /// Shows `lines` as the region. What does not fit the height loses its beginning.
    pub(super) fn draw(&mut self, lines: &[Line]) -> io::Result<()> {
        let frame = self.frame(lines);
        if frame == self.drawn && !self.is_suspended && self.drawn_size == self.size {
            return Ok(());
        }
        let mut bytes = Vec::new();
        bytes.queue(BeginSynchronizedUpdate)?;
        self.queue_frame(&mut bytes, frame)?;
        bytes.queue(EndSynchronizedUpdate)?;
        self.is_suspended = false;
        self.send(&bytes)
    }

    /// Writes `text`, whole lines, above the region, where it stays, and shows `lines` as the region below it.
    pub(super) fn print(&mut self, text: &str, lines: &[Line]) -> io::Result<()> {
        if self.drawn.is_empty() && lines.is_empty() && !self.cursor_is_hidden && !self.is_suspended {
            return self.write_plain(text);
        }
        let mut bytes = Vec::new();
        bytes.queue(BeginSynchronizedUpdate)?;
        self.queue_clear(&mut bytes)?;
        bytes.extend_from_slice(text.as_bytes());
        let frame = self.frame(lines);
        self.queue_frame(&mut bytes, frame)?;
        bytes.queue(EndSynchronizedUpdate)?;
        self.is_suspended = false;
        self.send(&bytes)
    }

    /// Writes to what is no terminal, or to one that must not be steered.
    pub(super) fn write_plain(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() { Ok(()) } else { self.send(text.as_bytes()) }
    }

    /// Takes the region away so that somebody else can write to the same terminal. The next [`Self::draw`] brings it back, and
    /// until then the terminal shows nothing of it all, if it can.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        bytes.queue(BeginSynchronizedUpdate)?;
        self.queue_clear(&mut bytes)?;
        self.is_suspended = true;
        self.send(&bytes)
    }

    /// Takes the region away for good and leaves the terminal as it was found.
    pub(super) fn restore(&mut self) -> io::Result<()> {
        if self.drawn.is_empty() && !self.cursor_is_hidden && !self.is_suspended {
            return Ok(());
        }
        let mut bytes = Vec::new();
        self.queue_clear(&mut bytes)?;
        bytes.queue(EnableLineWrap)?.queue(Show)?.queue(EndSynchronizedUpdate)?;
        self.cursor_is_hidden = false;
        self.is_suspended = false;
        self.send(&bytes)
    }

    /// The lines as they will stand on the screen.
    fn frame(&self, lines: &[Line]) -> Vec<Line> {
        // One row stays free, so that the region never pushes its own beginning off the screen.
        let rows = usize::from(self.size.height).saturating_sub(1).max(1);
        let columns = usize::from(self.size.width).saturating_sub(1).max(1);
        let skipped = lines.len().saturating_sub(rows);
        let row = |line: &Line| {
            let mut row = line.truncated(columns);
            // Terminals disagree on whether these take a second row where there is no room for them.
            row.trim_end();
            row
        };
        lines.iter().skip(skipped).map(row).collect()
    }

    fn queue_frame(&mut self, bytes: &mut Vec<u8>, frame: Vec<Line>) -> io::Result<()> {
        let Some(last) = frame.len().checked_sub(1) else {
            self.queue_clear(bytes)?;
            if self.cursor_is_hidden {
                bytes.queue(Show)?;
                self.cursor_is_hidden = false;
            }
            return Ok(());
        };
        if !self.cursor_is_hidden {
            bytes.queue(Hide)?;
            self.cursor_is_hidden = true;
        }
        if self.drawn_size != self.size {
            // Rows that the terminal itself has broken stay tied together when they are merely written over: the next change of size
            // would join them again.
            self.queue_clear(bytes)?;
        }
        self.queue_return_to_top(bytes)?;
        // Terminals disagree on the width of some emoji: what turns out too wide is clipped instead of taking a second row.
        bytes.queue(DisableLineWrap)?;
        for (row, line) in frame.iter().enumerate() {
            bytes.extend_from_slice(line.to_ansi(self.color).as_bytes());
            bytes.queue(Clear(ClearType::UntilNewLine))?;
            if row < last {
                bytes.extend_from_slice(b"\r\n");
            }
        }
        bytes.queue(EnableLineWrap)?;
        if frame.len() < self.drawn.len() || self.rows_above_cursor() > last {
            bytes.queue(Clear(ClearType::FromCursorDown))?;
        }
        self.drawn = frame;
        self.drawn_size = self.size;
        Ok(())
    }

    fn queue_clear(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        if !self.drawn.is_empty() {
            self.queue_return_to_top(bytes)?;
            bytes.queue(Clear(ClearType::FromCursorDown))?;
            self.drawn.clear();
        }
        Ok(())
    }

    fn queue_return_to_top(&self, bytes: &mut Vec<u8>) -> io::Result<()> {
        if self.drawn.is_empty() {
            return Ok(());
        }
        let rows = self.rows_above_cursor();
        if rows > 0 {
            bytes.queue(MoveUp(u16::try_from(rows).unwrap_or(u16::MAX)))?;
        }
        bytes.queue(MoveToColumn(0))?;
        Ok(())
    }

    /// Rows between the region's first row and the cursor. A terminal that became narrower has broken the drawn lines anew.
    fn rows_above_cursor(&self) -> usize {
        let columns = usize::from(self.size.width).max(1);
        let rows: usize = self.drawn.iter().map(|line| line.width().div_ceil(columns).max(1)).sum();
        rows.saturating_sub(1)
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_all(bytes)?;
        self.writer.flush()
    }
}
