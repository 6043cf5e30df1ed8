//! Breaking styled text into lines of a width: where Unicode allows it, and anywhere in what is wider than a line.

use unicode_linebreak::{BreakOpportunity, linebreaks};
use unicode_segmentation::UnicodeSegmentation;

use crate::text::{Line, Span, Style, width};

/// Breaks `spans` into lines of at most `columns`, the first of which begins with `first` and the others with `rest`.
///
/// Line feeds in the text are kept; white space around a break is dropped. There is always one line at least. Where the prefixes
/// leave next to nothing, the text gets a few columns all the same.
///
/// # Source
/// The places where a line may break: Unicode Standard Annex 14, which also knows that Japanese has no spaces and which of its
/// signs may not begin a line.
pub(crate) fn wrap(spans: &[Span], columns: usize, first: &Line, rest: &Line) -> Vec<Line> {
    let text: String = spans.iter().map(|span| span.text.as_str()).collect();
    let mut wrapper = Wrapper {
        styles: Styles::of(spans),
        columns,
        rest,
        lines: Vec::new(),
        current: first.clone(),
        used: first.width(),
        prefix_width: first.width(),
    };
    let mut start = 0;
    for (end, opportunity) in linebreaks(&text) {
        let piece = text.get(start..end).unwrap_or_default();
        wrapper.piece(piece, start);
        if opportunity == BreakOpportunity::Mandatory && end < text.len() {
            wrapper.break_line();
        }
        start = end;
    }
    wrapper.finish()
}

/// Breaks text of one style into lines of at most `columns`.
pub(crate) fn wrap_plain(text: &str, columns: usize, style: Style) -> Vec<Line> {
    wrap(&[Span::new(text, style)], columns, &Line::default(), &Line::default())
}

/// The style of every byte of the joined spans.
struct Styles {
    ends: Vec<(usize, Style)>,
}

impl Styles {
    fn of(spans: &[Span]) -> Self {
        let mut end = 0;
        let ends = spans.iter().map(|span| {
            end += span.text.len();
            (end, span.style)
        });
        Self { ends: ends.collect() }
    }

    fn at(&self, byte: usize) -> Style {
        let place = self.ends.partition_point(|(end, _)| *end <= byte);
        self.ends.get(place).map_or(Style::PLAIN, |(_, style)| *style)
    }
}

struct Wrapper<'text> {
    styles: Styles,
    columns: usize,
    rest: &'text Line,
    lines: Vec<Line>,
    current: Line,
    used: usize,
    prefix_width: usize,
}

impl Wrapper<'_> {
    /// Adds text in which no break is wanted. It starts at `start` of the whole text.
    fn piece(&mut self, piece: &str, start: usize) {
        let visible = piece.trim_end_matches(['\n', ' ']);
        let visible_width = width(visible);
        if self.used > self.prefix_width && self.used + visible_width > self.limit() {
            self.break_line();
        }
        let too_wide = self.used + visible_width > self.limit();
        for (offset, grapheme) in piece.trim_end_matches('\n').grapheme_indices(true) {
            let grapheme_width = width(grapheme);
            let is_visible = offset < visible.len();
            if too_wide
                && is_visible
                && self.used > self.prefix_width
                && self.used + grapheme_width > self.limit()
            {
                self.break_line();
            }
            self.current.push(grapheme, self.styles.at(start + offset));
            self.used += grapheme_width;
        }
    }

    /// The columns that a line may fill: never less than would make progress.
    fn limit(&self) -> usize {
        const LEAST_COLUMNS: usize = 4;
        self.columns.max(self.prefix_width + LEAST_COLUMNS)
    }

    fn break_line(&mut self) {
        let mut line = std::mem::replace(&mut self.current, self.rest.clone());
        line.trim_end();
        self.lines.push(line);
        self.prefix_width = self.rest.width();
        self.used = self.prefix_width;
    }

    fn finish(mut self) -> Vec<Line> {
        self.break_line();
        self.lines
    }
}

#[cfg(test)]
#[path = "wrap_tests.rs"]
mod tests;
