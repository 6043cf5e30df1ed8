//! Blocks of Markdown as lines.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

use super::fence::{closing, code_line, opening};
use super::inline::{Inline, substance};
use super::stream::EXTENSIONS;
use super::table::{Table, table_lines};
use crate::text::{Color, Line, Span, Style};
use crate::wrap::{wrap, wrap_plain};

/// Blocks inside blocks are followed to this depth. Nobody reads deeper ones, and each takes stack.
const MAX_DEPTH: usize = 16;

/// Text beside the bars and bullets of what it stands in needs this many columns, or it is set without them.
const MIN_COLUMNS: usize = 4;

/// Sets `source` as lines of at most `columns` (code excepted). Nothing of the text is lost: what the parser would leave out, such
/// as a cell too many or a link's target that stands alone, makes its block appear as it was written; so does nesting that leaves
/// no room for the text.
pub(super) fn render_blocks(source: &str, columns: usize, color: bool) -> Vec<Line> {
    let events: Vec<(Event<'_>, Range<usize>)> =
        Parser::new_ext(source, EXTENSIONS).into_offset_iter().collect();
    if deepest(&events) > MAX_DEPTH {
        return literal(source, columns);
    }
    let mut renderer =
        Renderer { source, color, events: events.into_iter().peekable(), taken: 0, narrowest: columns };
    let lines = renderer.blocks(columns);
    let is_cramped = renderer.narrowest < MIN_COLUMNS.min(columns);
    if is_cramped || renderer.taken < substance(source) {
        return literal(source, columns);
    }
    lines
}

fn literal(source: &str, columns: usize) -> Vec<Line> {
    wrap_plain(source.trim_end_matches('\n'), columns, Style::PLAIN)
}

fn deepest(events: &[(Event<'_>, Range<usize>)]) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for (event, _) in events {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

struct Renderer<'source> {
    source: &'source str,
    color: bool,
    events: Peekable<IntoIter<(Event<'source>, Range<usize>)>>,
    /// Characters that carry meaning and were set so far.
    taken: usize,
    /// The fewest columns that a block inside others was left.
    narrowest: usize,
}

impl<'source> Renderer<'source> {
    /// The blocks up to the end of the one that they stand in, with a blank line between two.
    fn blocks(&mut self, columns: usize) -> Vec<Line> {
        self.narrowest = self.narrowest.min(columns);
        let mut lines: Vec<Line> = Vec::new();
        let mut inline = Inline::new(self.color, Style::PLAIN);
        while let Some((event, range)) = self.events.next() {
            match event {
                Event::Start(tag) if is_block(&tag) => {
                    // The text of a tight list item is no block of its own; what follows it is part of the item.
                    let follows_text = self.end_text(&mut inline, columns, &mut lines);
                    let block = self.block(tag, &range, columns);
                    if !lines.is_empty() && !follows_text {
                        lines.push(Line::default());
                    }
                    lines.extend(block);
                }
                Event::End(tag) if !is_inline_end(tag) => break,
                Event::Rule => {
                    self.end_text(&mut inline, columns, &mut lines);
                    if !lines.is_empty() {
                        lines.push(Line::default());
                    }
                    lines.push(Line::styled("─".repeat(columns.max(1)), Style::DIM));
                }
                event => inline.event(event, self.source.get(range).unwrap_or_default()),
            }
        }
        self.end_text(&mut inline, columns, &mut lines);
        lines
    }

    fn end_text(&mut self, inline: &mut Inline, columns: usize, lines: &mut Vec<Line>) -> bool {
        self.taken += std::mem::take(&mut inline.taken);
        let has_text = !inline.is_empty();
        if has_text {
            lines.extend(wrap(&inline.take(), columns, &Line::default(), &Line::default()));
        }
        has_text
    }

    fn block(&mut self, tag: Tag<'source>, range: &Range<usize>, columns: usize) -> Vec<Line> {
        match tag {
            Tag::Heading { level, .. } => self.heading(level, columns),
            Tag::BlockQuote(_) => self.quote(columns),
            Tag::CodeBlock(kind) => self.code(&kind),
            Tag::List(first) => self.list(first, range, columns),
            Tag::HtmlBlock => self.html(columns),
            Tag::Table(alignments) => self.table(alignments, columns),
            _ => {
                let spans = self.spans(Style::PLAIN);
                wrap(&spans, columns, &Line::default(), &Line::default())
            }
        }
    }

    /// The spans up to the end of the block.
    fn spans(&mut self, base: Style) -> Vec<Span> {
        let mut inline = Inline::new(self.color, base);
        for (event, range) in self.events.by_ref() {
            if matches!(event, Event::End(tag) if !is_inline_end(tag)) {
                break;
            }
            inline.event(event, self.source.get(range).unwrap_or_default());
        }
        self.taken += inline.taken;
        inline.take()
    }

    fn heading(&mut self, level: HeadingLevel, columns: usize) -> Vec<Line> {
        let style = match level {
            HeadingLevel::H1 => Style { underlined: true, color: Some(Color::Magenta), ..Style::BOLD },
            HeadingLevel::H2 => Style { color: Some(Color::Magenta), ..Style::BOLD },
            _ => Style::BOLD,
        };
        let spans = self.spans(style);
        let prefix = if self.color { String::new() } else { format!("{} ", "#".repeat(level as usize)) };
        wrap(&spans, columns, &Line::plain(prefix), &Line::default())
    }

    fn quote(&mut self, columns: usize) -> Vec<Line> {
        const BAR: &str = "│ ";
        let inner = self.blocks(columns.saturating_sub(2));
        inner.iter().map(|line| prefixed(&Line::styled(BAR, Style::DIM), line)).collect()
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>) -> Vec<Line> {
        let info = match kind {
            CodeBlockKind::Fenced(info) => info.as_ref(),
            CodeBlockKind::Indented => "",
        };
        self.taken += substance(info);
        let mut code = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Text(text) => code.push_str(&text),
                Event::End(_) => break,
                _ => {}
            }
        }
        self.taken += substance(&code);
        let mut lines: Vec<Line> = opening(info, self.color).into_iter().collect();
        lines.extend(
            code.strip_suffix('\n').unwrap_or(&code).split('\n').map(|line| code_line(line, self.color)),
        );
        lines.extend(closing(self.color));
        lines
    }

    fn html(&mut self, columns: usize) -> Vec<Line> {
        let mut html = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Html(text) | Event::Text(text) => html.push_str(&text),
                Event::End(_) => break,
                _ => {}
            }
        }
        self.taken += substance(&html);
        wrap_plain(html.trim_end_matches('\n'), columns, Style::DIM)
    }

    fn list(&mut self, first: Option<u64>, range: &Range<usize>, columns: usize) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        let mut number = first;
        // All numbers take the width of the last one, so that the texts stand in one column.
        let items = self.source.get(range.clone()).map_or(0, |source| source.lines().count()) as u64;
        let digits = first.map_or(0, |first| first.saturating_add(items).to_string().len().min(3));
        while let Some((event, item_range)) = self.events.next() {
            if !matches!(event, Event::Start(Tag::Item)) {
                break;
            }
            let marker = match number {
                Some(number) => format!("{number:>digits$}. "),
                None => "• ".to_owned(),
            };
            if let Some(number) = &mut number {
                // The digits of the source's own marker are markup: the list counts by itself.
                let item = self.source.get(item_range.clone()).unwrap_or_default().trim_start();
                self.taken += item.bytes().take_while(u8::is_ascii_digit).count();
                *number = number.saturating_add(1);
            }
            let is_loose = matches!(self.events.peek(), Some((Event::Start(Tag::Paragraph), _)));
            let first_prefix = Line::styled(marker, Style::colored(Color::Cyan));
            let indent = first_prefix.width();
            let rest_prefix = Line::plain(" ".repeat(indent));
            let inner = self.blocks(columns.saturating_sub(indent));
            if is_loose && !lines.is_empty() {
                lines.push(Line::default());
            }
            lines.push(prefixed(&first_prefix, inner.first().unwrap_or(&Line::default())));
            lines.extend(inner.iter().skip(1).map(|line| prefixed(&rest_prefix, line)));
        }
        lines
    }

    fn table(&mut self, alignments: Vec<pulldown_cmark::Alignment>, columns: usize) -> Vec<Line> {
        let mut rows: Vec<Vec<Vec<Span>>> = Vec::new();
        while let Some((event, _)) = self.events.next() {
            match event {
                Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(Vec::new()),
                Event::Start(Tag::TableCell) => {
                    let base = if rows.len() == 1 { Style::BOLD } else { Style::PLAIN };
                    let spans = self.spans(base);
                    if let Some(row) = rows.last_mut() {
                        row.push(spans);
                    }
                }
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        table_lines(&Table { alignments, rows }, columns)
    }
}

fn prefixed(prefix: &Line, line: &Line) -> Line {
    let mut whole = prefix.clone();
    whole.extend(line);
    whole
}

fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(
        tag,
        Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::Link { .. }
            | Tag::Image { .. }
    )
}

fn is_inline_end(tag: TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::Link
            | TagEnd::Image
    )
}
