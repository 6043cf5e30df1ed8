//! Styled text: spans and lines, measured in columns, and how they become bytes.

use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Stands where text was cut off.
pub(crate) const ELLIPSIS: &str = "…";

/// A colour of the terminal's own palette, so that it fits dark and light backgrounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Color {
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
}

impl Color {
    fn code(self) -> u8 {
        match self {
            Self::Red => 31,
            Self::Green => 32,
            Self::Yellow => 33,
            Self::Blue => 34,
            Self::Magenta => 35,
            Self::Cyan => 36,
        }
    }
}

/// How a span looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an attribute that a terminal has, and they combine freely"
)]
pub(crate) struct Style {
    pub(crate) bold: bool,
    pub(crate) dim: bool,
    pub(crate) italic: bool,
    pub(crate) underlined: bool,
    pub(crate) struck: bool,
    pub(crate) color: Option<Color>,
}

impl Style {
    pub(crate) const PLAIN: Self =
        Self { bold: false, dim: false, italic: false, underlined: false, struck: false, color: None };
    pub(crate) const BOLD: Self = Self { bold: true, ..Self::PLAIN };
    pub(crate) const DIM: Self = Self { dim: true, ..Self::PLAIN };

    pub(crate) const fn colored(color: Color) -> Self {
        Self { color: Some(color), ..Self::PLAIN }
    }

    fn codes(self) -> String {
        let mut codes = String::new();
        let attributes =
            [(self.bold, 1), (self.dim, 2), (self.italic, 3), (self.underlined, 4), (self.struck, 9)];
        let set = attributes.into_iter().filter_map(|(is_set, code)| is_set.then_some(code));
        for code in set.chain(self.color.map(Color::code)) {
            if !codes.is_empty() {
                codes.push(';');
            }
            // Writing to a string cannot fail.
            let _ = write!(codes, "{code}");
        }
        codes
    }
}

/// Text of one style, without line feeds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) text: String,
    pub(crate) style: Style,
}

impl Span {
    pub(crate) fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

/// One row of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) spans: Vec<Span>,
}

impl Line {
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::styled(text, Style::PLAIN)
    }

    pub(crate) fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { spans: vec![Span::new(text, style)] }
    }

    pub(crate) fn push(&mut self, text: &str, style: Style) {
        if text.is_empty() {
            return;
        }
        match self.spans.last_mut() {
            Some(last) if last.style == style => last.text.push_str(text),
            _ => self.spans.push(Span::new(text, style)),
        }
    }

    /// This line with more at its end.
    #[must_use]
    pub(crate) fn with(mut self, text: &str, style: Style) -> Self {
        self.push(text, style);
        self
    }

    pub(crate) fn extend(&mut self, other: &Self) {
        for span in &other.spans {
            self.push(&span.text, span.style);
        }
    }

    pub(crate) fn width(&self) -> usize {
        self.spans.iter().map(|span| width(&span.text)).sum()
    }

    /// Adds spaces until the line is `columns` wide.
    pub(crate) fn pad_to(&mut self, columns: usize) {
        let missing = columns.saturating_sub(self.width());
        self.push(&" ".repeat(missing), Style::PLAIN);
    }

    /// The line cut to `columns`, with an ellipsis where something is missing.
    #[must_use]
    pub(crate) fn truncated(&self, columns: usize) -> Self {
        if self.width() <= columns {
            return self.clone();
        }
        let cut = self.cut(columns.saturating_sub(width(ELLIPSIS)));
        let style = cut.spans.last().map_or(Style::PLAIN, |span| span.style);
        if columns == 0 { cut } else { cut.with(ELLIPSIS, style) }
    }

    /// The line cut to `columns`.
    #[must_use]
    pub(crate) fn cut(&self, columns: usize) -> Self {
        let mut cut = Self::default();
        let mut left = columns;
        for span in &self.spans {
            let head = head(&span.text, left);
            left -= width(head);
            cut.push(head, span.style);
            if head.len() < span.text.len() {
                break;
            }
        }
        cut
    }

    /// Takes the spaces at the end away.
    pub(crate) fn trim_end(&mut self) {
        while let Some(last) = self.spans.last_mut() {
            let kept = last.text.trim_end_matches(' ').len();
            last.text.truncate(kept);
            if kept > 0 {
                return;
            }
            self.spans.pop();
        }
    }

    /// The line as text for a terminal; without `color` there is no escape code in it.
    pub(crate) fn to_ansi(&self, color: bool) -> String {
        let mut text = String::new();
        for span in &self.spans {
            if !color || span.style == Style::PLAIN {
                text.push_str(&span.text);
            } else {
                // Writing to a string cannot fail.
                let _ = write!(text, "\u{1b}[{}m{}\u{1b}[0m", span.style.codes(), span.text);
            }
        }
        text
    }
}

/// Lines as text, each ended by a line feed, without white space at the ends of lines that have no style.
pub(crate) fn to_ansi(lines: &[Line], color: bool) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(line.to_ansi(color).trim_end_matches(' '));
        text.push('\n');
    }
    text
}

/// The columns that `text` takes.
pub(crate) fn width(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The longest beginning of `text` that takes at most `columns`.
pub(crate) fn head(text: &str, columns: usize) -> &str {
    let mut left = columns;
    for (start, grapheme) in text.grapheme_indices(true) {
        match left.checked_sub(UnicodeWidthStr::width(grapheme)) {
            Some(rest) => left = rest,
            None => return text.get(..start).unwrap_or_default(),
        }
    }
    text
}

/// The longest end of `text` that takes at most `columns`.
pub(crate) fn tail(text: &str, columns: usize) -> &str {
    let mut left = columns;
    for (start, grapheme) in text.grapheme_indices(true).rev() {
        match left.checked_sub(UnicodeWidthStr::width(grapheme)) {
            Some(rest) => left = rest,
            None => return text.get(start + grapheme.len()..).unwrap_or_default(),
        }
    }
    text
}
