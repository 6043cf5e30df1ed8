//! Plain tables for people: the first column to the left, numbers to the right, and long words at the end, where they break no line before them.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use crate::complaint::Complaint;

/// A table with a header.
pub(crate) struct Columns {
    rows: Vec<Vec<String>>,
    /// Whether the last column stands to the left, too.
    ends_in_words: bool,
}

impl Columns {
    /// A table with these headings.
    pub(crate) fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self { rows: vec![headings.map(str::to_owned).to_vec()], ends_in_words: false }
    }

    /// Has the last column to the left.
    pub(crate) fn ending_in_words(self) -> Self {
        Self { ends_in_words: true, ..self }
    }

    /// Adds headings.
    pub(crate) fn extend_header<'a>(&mut self, headings: impl Iterator<Item = &'a str>) {
        if let Some(header) = self.rows.first_mut() {
            header.extend(headings.map(str::to_owned));
        }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }
}

impl std::fmt::Display for Columns {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..count).map(widest).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let padding = " ".repeat(width - cell.width());
                let _ = match column {
                    0 => write!(line, "{cell}{padding}"),
                    last if self.ends_in_words && last + 1 == count => write!(line, "  {cell}"),
                    _ => write!(line, "  {padding}{cell}"),
                };
            }
            writeln!(formatter, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A number with two decimals; a dash for none.
pub(crate) fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
}

/// An interval.
pub(crate) fn interval(interval: Option<moa_eval::statistics::Interval>) -> String {
    match interval.filter(|interval| interval.low.is_finite() && interval.high.is_finite()) {
        Some(interval) => format!("{:.2} to {:.2}", interval.low, interval.high),
        None => "-".to_owned(),
    }
}

/// Rows as CSV.
pub(crate) fn csv(rows: impl IntoIterator<Item = Vec<String>>) -> Result<String, Complaint> {
    let failed = |error: &dyn std::fmt::Display| Complaint::failed(format!("cannot write CSV: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).map_err(|error| failed(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

#[cfg(test)]
#[path = "columns_tests.rs"]
mod tests;
