//! Cells of text in columns.

use crate::text::{Line, Style};

/// What stands between two columns.
const SEPARATOR: &str = " │ ";

/// Rows of cells; a cell is lines.
pub(crate) type Row = Vec<Vec<Line>>;

/// Sets rows of cells in columns of the given widths, with a rule below the first row and, if `ruled`, between all rows.
pub(crate) fn grid(widths: &[usize], rows: &[Row], ruled: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        if number == 1 || (ruled && number > 1) {
            lines.push(rule(widths));
        }
        let height = row.iter().map(Vec::len).max().unwrap_or(0).max(1);
        for at in 0..height {
            let mut line = Line::default();
            let mut end = 0;
            for (column, width) in widths.iter().enumerate() {
                if column > 0 {
                    line.push(SEPARATOR, Style::DIM);
                    end += SEPARATOR_COLUMNS;
                }
                end += width;
                if let Some(text) = row.get(column).and_then(|cell| cell.get(at)) {
                    line.extend(text);
                }
                line.pad_to(end);
            }
            lines.push(line);
        }
    }
    lines
}

/// The columns of [`SEPARATOR`].
pub(crate) const SEPARATOR_COLUMNS: usize = 3;

fn rule(widths: &[usize]) -> Line {
    let parts: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    Line::styled(parts.join("─┼─"), Style::DIM)
}

/// Column widths for cells that would like `natural` columns each, in `available` columns with the separators. Wide columns are
/// narrowed evenly, none below `least`; `None` where even that does not fit.
pub(crate) fn fit_widths(natural: &[usize], least: usize, available: usize) -> Option<Vec<usize>> {
    let room = available.checked_sub(SEPARATOR_COLUMNS * natural.len().saturating_sub(1))?;
    let narrowest: usize = natural.iter().map(|width| (*width).min(least)).sum();
    if narrowest > room {
        return None;
    }
    // The largest cap for which the columns fit; what rounding leaves over stays empty.
    let fits = |cap: usize| natural.iter().map(|width| (*width).min(cap)).sum::<usize>() <= room;
    let cap = (least..=room.max(least)).rev().find(|cap| fits(*cap)).unwrap_or(least);
    Some(natural.iter().map(|width| (*width).min(cap).max(1)).collect())
}
