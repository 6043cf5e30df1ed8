//! A Markdown table in columns, or row by row where there is no room for columns.

use pulldown_cmark::Alignment;

use crate::grid::{fit_widths, grid};
use crate::text::{Line, Span, Style, width};
use crate::wrap::wrap;

/// A table: the first row is its head.
pub(super) struct Table {
    pub(super) alignments: Vec<Alignment>,
    pub(super) rows: Vec<Vec<Vec<Span>>>,
}

/// The table in at most `columns` columns.
pub(super) fn table_lines(table: &Table, columns: usize) -> Vec<Line> {
    const LEAST_COLUMNS: usize = 8;
    let count = table.rows.iter().map(Vec::len).max().unwrap_or(0);
    let natural: Vec<usize> = (0..count)
        .map(|column| table.rows.iter().filter_map(|row| row.get(column)).map(|cell| span_width(cell)).max())
        .map(|widest| widest.unwrap_or(0).max(1))
        .collect();
    let Some(widths) = fit_widths(&natural, LEAST_COLUMNS, columns) else {
        return row_by_row(table, columns);
    };
    let rows: Vec<Vec<Vec<Line>>> = table
        .rows
        .iter()
        .map(|row| {
            row.iter()
                .zip(&widths)
                .zip(table.alignments.iter().copied().chain(std::iter::repeat(Alignment::None)))
                .map(|((cell, width), alignment)| {
                    let lines = wrap(cell, *width, &Line::default(), &Line::default());
                    lines.iter().map(|line| aligned(line, *width, alignment)).collect()
                })
                .collect()
        })
        .collect();
    grid(&widths, &rows, false)
}

fn aligned(line: &Line, columns: usize, alignment: Alignment) -> Line {
    let free = columns.saturating_sub(line.width());
    let before = match alignment {
        Alignment::Right => free,
        Alignment::Center => free / 2,
        Alignment::None | Alignment::Left => 0,
    };
    let mut moved = Line::plain(" ".repeat(before));
    moved.extend(line);
    moved
}

/// Each cell on its own line, after the head of its column.
fn row_by_row(table: &Table, columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let Some((head, rows)) = table.rows.split_first() else { return lines };
    if rows.is_empty() {
        return head
            .iter()
            .flat_map(|cell| wrap(cell, columns, &Line::default(), &Line::default()))
            .collect();
    }
    for (number, row) in rows.iter().enumerate() {
        if number > 0 {
            lines.push(Line::default());
        }
        for (at, cell) in row.iter().enumerate() {
            let mut spans = head.get(at).cloned().unwrap_or_default();
            if !spans.is_empty() {
                spans.push(Span::new(": ", Style::PLAIN));
            }
            spans.extend(cell.iter().cloned());
            lines.extend(wrap(&spans, columns, &Line::default(), &Line::plain("  ")));
        }
    }
    lines
}

fn span_width(cell: &[Span]) -> usize {
    cell.iter().map(|span| width(&span.text)).sum()
}
