//! Tables on standard output: aligned to read, or CSV.

use super::arguments::TableFormat;
use crate::complaint::Complaint;

/// A column: its name, and what it shows of a row.
pub(super) struct Column<R> {
    name: &'static str,
    is_number: bool,
    cell: Box<dyn Fn(&R) -> String>,
}

impl<R> Column<R> {
    /// Text, which begins where the column begins.
    pub(super) fn text(name: &'static str, cell: impl Fn(&R) -> String + 'static) -> Self {
        Self { name, is_number: false, cell: Box::new(cell) }
    }

    /// A number, which ends where the column ends.
    pub(super) fn number(name: &'static str, cell: impl Fn(&R) -> String + 'static) -> Self {
        Self { name, is_number: true, cell: Box::new(cell) }
    }

    /// The same column of rows that hold such a row.
    pub(super) fn of<S>(self, part: impl Fn(&S) -> &R + 'static) -> Column<S>
    where
        R: 'static,
    {
        let Self { name, is_number, cell } = self;
        Column { name, is_number, cell: Box::new(move |row| cell(part(row))) }
    }
}

/// Prints rows as an aligned table or as CSV.
pub(super) fn print<R>(format: TableFormat, columns: &[Column<R>], rows: &[R]) -> Result<(), Complaint> {
    let header: Vec<String> = columns.iter().map(|column| column.name.to_owned()).collect();
    let cells = rows.iter().map(|row| columns.iter().map(|column| (column.cell)(row)).collect());
    let lines: Vec<Vec<String>> = std::iter::once(header).chain(cells).collect();
    let text = match format {
        TableFormat::Csv => lines.iter().map(|line| csv_line(line)).collect(),
        _ => aligned(columns, &lines),
    };
    crate::commands::print(&text)
}

fn aligned<R>(columns: &[Column<R>], lines: &[Vec<String>]) -> String {
    let width = |place: usize| {
        lines.iter().filter_map(|line| line.get(place)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let mut text = String::new();
    for line in lines {
        let cells = columns.iter().zip(line).enumerate().map(|(place, (column, cell))| {
            let width = width(place);
            if column.is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn csv_line(cells: &[String]) -> String {
    let quoted = cells.iter().map(|cell| {
        if cell.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    });
    quoted.collect::<Vec<_>>().join(",") + "\n"
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
