//! CSV tables whose columns are found by name.

use csv::{ReaderBuilder, StringRecord};

use crate::EvalError;

/// A table with a header.
pub(crate) struct Table<'a> {
    what: &'static str,
    header: StringRecord,
    reader: csv::Reader<&'a [u8]>,
}

impl<'a> Table<'a> {
    pub(crate) fn open(what: &'static str, text: &'a [u8]) -> Result<Self, EvalError> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        if text.trim_ascii().is_empty() {
            return Err(EvalError::invalid_file(what, None, "it is empty"));
        }
        let mut reader = ReaderBuilder::new().from_reader(text);
        let header = reader.headers().map_err(|error| EvalError::invalid_file(what, None, error))?.clone();
        Ok(Self { what, header, reader })
    }

    /// The place of a column.
    pub(crate) fn column(&self, column: &'static str) -> Result<usize, EvalError> {
        self.optional_column(column).ok_or(EvalError::MissingColumn { what: self.what, column })
    }

    /// The place of a column that may be missing.
    pub(crate) fn optional_column(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|name| name == column)
    }

    /// Calls `row` with each row.
    pub(crate) fn each(
        &mut self,
        mut row: impl FnMut(Row<'_>) -> Result<(), EvalError>,
    ) -> Result<(), EvalError> {
        let what = self.what;
        for record in self.reader.records() {
            let record = record.map_err(|error| EvalError::invalid_file(what, None, error))?;
            let line = record.position().and_then(|place| usize::try_from(place.line()).ok());
            row(Row { what, line, record: &record })?;
        }
        Ok(())
    }
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    what: &'static str,
    line: Option<usize>,
    record: &'a StringRecord,
}

impl Row<'_> {
    /// The text of a cell; nothing where the row is too short.
    pub(crate) fn text(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or_default()
    }

    /// The number in a cell, unless it is empty or says that there is none.
    pub(crate) fn optional_number(&self, column: usize) -> Result<Option<f64>, EvalError> {
        let text = self.text(column).trim();
        if text.is_empty() || text.eq_ignore_ascii_case("nan") {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(self.error(format!("{text:?} is no number"))),
        }
    }

    /// The number in a cell.
    pub(crate) fn number(&self, column: usize) -> Result<f64, EvalError> {
        self.optional_number(column)?.ok_or_else(|| self.error("a number is missing"))
    }

    /// The whole number in a cell; pandas may have written it as a float.
    pub(crate) fn index(&self, column: usize) -> Result<usize, EvalError> {
        let text = self.text(column).trim();
        let text = text.strip_suffix(".0").unwrap_or(text);
        text.parse().map_err(|_| self.error(format!("{text:?} is no whole number")))
    }

    pub(crate) fn error(&self, reason: impl ToString) -> EvalError {
        EvalError::invalid_file(self.what, self.line, reason)
    }
}

/// Writes rows as CSV; `line_end` is what the tool that reads it writes itself.
pub(crate) fn write(
    what: &'static str,
    terminator: csv::Terminator,
    rows: &[Vec<String>],
) -> Result<String, EvalError> {
    let mut writer = csv::WriterBuilder::new().terminator(terminator).flexible(true).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(|error| EvalError::invalid_file(what, None, error))?;
    }
    let bytes = writer.into_inner().map_err(|error| EvalError::invalid_file(what, None, error))?;
    String::from_utf8(bytes).map_err(|error| EvalError::invalid_file(what, None, error))
}
