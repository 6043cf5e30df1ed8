//! Markdown that arrives in pieces.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::block::render_blocks;
use super::fence::{self, Fence};
use crate::neutral::neutral;
use crate::text::{Line, Style, to_ansi};
use crate::wrap::wrap_plain;

/// The extensions of `CommonMark` that models write.
pub(super) const EXTENSIONS: Options =
    Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH).union(Options::ENABLE_TASKLISTS);

/// A block of more lines than this is written in parts, so that a long list does not keep its reader waiting and is not read
/// again from its start with every line.
const MAX_BLOCK_LINES: usize = 120;

/// What is not complete is set as text up to this length; of more, the end is shown as it was written.
const MOST_PENDING_BYTES: usize = 16_384;

/// Sets Markdown as text while it arrives: a block as soon as it is complete, fenced code line by line.
///
/// What comes out depends on the text alone and not on how it was cut into pieces. Links whose target stands in another block
/// stay as they were written. Nothing of the text is obeyed by the terminal.
#[derive(Debug)]
pub struct MarkdownStream {
    columns: usize,
    color: bool,
    /// Whole lines of the block that is not complete.
    block: String,
    /// The line that is not complete.
    line: String,
    fence: Option<Fence>,
    has_begun: bool,
}

impl MarkdownStream {
    /// A stream that breaks lines at `width` columns.
    #[must_use]
    pub fn new(width: u16, color: bool) -> Self {
        Self {
            columns: usize::from(width),
            color,
            block: String::new(),
            line: String::new(),
            fence: None,
            has_begun: false,
        }
    }

    /// Breaks the lines of later blocks at `width` columns.
    pub fn resize(&mut self, width: u16) {
        self.columns = usize::from(width);
    }

    /// Takes the next piece; gives the lines that are complete now.
    pub fn push(&mut self, piece: &str) -> String {
        to_ansi(&self.push_lines(piece), self.color)
    }

    fn push_lines(&mut self, piece: &str) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut rest = piece;
        while let Some((end, after)) = rest.split_once('\n') {
            self.line.push_str(end);
            rest = after;
            let line = std::mem::take(&mut self.line);
            self.take_line(line.strip_suffix('\r').unwrap_or(&line), &mut lines);
        }
        self.line.push_str(rest);
        lines
    }

    /// The rest, and a new beginning: what is pushed afterwards is another text.
    pub fn finish(&mut self) -> String {
        let lines = self.unfinished();
        *self = Self::new(u16::try_from(self.columns).unwrap_or(u16::MAX), self.color);
        to_ansi(&lines, self.color)
    }

    /// What was taken but not given, as it would look if nothing more came.
    pub(crate) fn pending(&self) -> Vec<Line> {
        const TABLE_SIGN: &str = "|";
        if self.fence.is_none() && self.block.starts_with(TABLE_SIGN) {
            // Until its second line is complete a table is not known to be one, and its rows would be joined to a paragraph.
            let rows = neutral(&self.block).into_owned() + &neutral(&self.line);
            let gap = self.has_begun.then(Line::default);
            return gap.into_iter().chain(rows.trim_end().lines().map(Line::plain)).collect();
        }
        if self.block.len() + self.line.len() > MOST_PENDING_BYTES {
            // Setting all of it many times a second would cost more than it shows.
            let start = self.line.ceil_char_boundary(self.line.len().saturating_sub(MOST_PENDING_BYTES));
            let end = neutral(self.line.get(start..).unwrap_or_default()).into_owned();
            return wrap_plain(&end, self.columns, Style::PLAIN);
        }
        let mut lines = self.unfinished();
        if self.fence.is_some() && !self.color {
            // The closing fence would come and go with every line.
            lines.pop();
        }
        lines
    }

    fn unfinished(&self) -> Vec<Line> {
        let mut rest = Self {
            block: self.block.clone(),
            line: String::new(),
            fence: self.fence.clone(),
            ..Self::new(0, self.color)
        };
        rest.columns = self.columns;
        rest.has_begun = self.has_begun;
        let mut lines = Vec::new();
        let line = self.line.strip_suffix('\r').unwrap_or(&self.line);
        if !line.is_empty() {
            rest.take_line(line, &mut lines);
        }
        if rest.fence.take().is_some() {
            lines.extend(fence::closing(self.color));
        }
        let end = rest.block.len();
        rest.flush(end, &mut lines);
        lines
    }

    fn take_line(&mut self, line: &str, lines: &mut Vec<Line>) {
        let line = neutral(line);
        if let Some(fence) = &self.fence {
            if fence.is_closed_by(&line) {
                lines.extend(fence::closing(self.color));
                self.fence = None;
            } else {
                lines.push(fence.line(&line, self.color));
            }
            return;
        }
        if self.block.is_empty() && line.trim().is_empty() {
            return;
        }
        // What surrounds the text does not count, so an indented first line is no code.
        let is_first = !self.has_begun && self.block.is_empty();
        self.block.push_str(if is_first { line.trim_start() } else { &line });
        self.block.push('\n');
        self.settle(line.trim().is_empty(), lines);
    }

    /// Writes what is complete of the current block: everything before the last block in it, and that one too where no line to
    /// come can change it.
    fn settle(&mut self, is_after_blank_line: bool, lines: &mut Vec<Line>) {
        let mut last_start = 0;
        let mut last_is_complete = is_after_blank_line;
        let mut depth = 0_usize;
        for (event, range) in Parser::new_ext(&self.block, EXTENSIONS).into_offset_iter() {
            match &event {
                Event::Start(tag) => {
                    if depth == 0 {
                        last_start = range.start;
                        last_is_complete = match tag {
                            Tag::Heading { .. } => true,
                            Tag::Paragraph | Tag::Table(_) => is_after_blank_line,
                            _ => false,
                        };
                    }
                    depth += 1;
                }
                Event::End(_) => depth = depth.saturating_sub(1),
                Event::Rule if depth == 0 => {
                    last_start = range.start;
                    last_is_complete = true;
                }
                _ => {}
            }
        }
        let is_too_long = self.block.bytes().filter(|byte| *byte == b'\n').count() >= MAX_BLOCK_LINES;
        let end =
            if last_is_complete || is_too_long { self.block.len() } else { self.line_start(last_start) };
        self.flush(end, lines);
        let opened = self.block.strip_suffix('\n').and_then(Fence::opened_by);
        if let Some(fence) = opened {
            self.block.clear();
            self.separate(lines);
            lines.extend(fence.opening(self.color));
            self.fence = Some(fence);
        }
    }

    /// The start of the line of the current block in which the byte `at` stands.
    fn line_start(&self, at: usize) -> usize {
        self.block.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
    }

    /// Writes the current block up to the byte `end`.
    fn flush(&mut self, end: usize, lines: &mut Vec<Line>) {
        let rest = self.block.split_off(end);
        let source = std::mem::replace(&mut self.block, rest);
        if source.trim().is_empty() {
            return;
        }
        self.separate(lines);
        lines.extend(render_blocks(&source, self.columns, self.color));
    }

    /// A blank line between two blocks.
    fn separate(&mut self, lines: &mut Vec<Line>) {
        if self.has_begun {
            lines.push(Line::default());
        }
        self.has_begun = true;
    }
}

/// The lines of a whole text.
pub(super) fn lines(text: &str, columns: usize, color: bool) -> Vec<Line> {
    let mut stream = MarkdownStream { columns, ..MarkdownStream::new(0, color) };
    let mut lines = stream.push_lines(text);
    lines.extend(stream.unfinished());
    lines
}

/// Sets a whole Markdown text.
#[must_use]
pub fn render_markdown(text: &str, width: u16, color: bool) -> String {
    let mut stream = MarkdownStream::new(width, color);
    let mut lines = stream.push(text);
    lines.push_str(&stream.finish());
    lines
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
