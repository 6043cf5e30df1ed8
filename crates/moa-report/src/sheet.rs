//! The numbers of a figure: a table on the page, and a file at full precision.

use maud::{Markup, html};

use crate::measured::Measured;

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Words.
    Text(String),
    /// Words in Japanese.
    Japanese(&'static str),
    /// A number, and how many decimals a page shows of it.
    Number(Option<f64>, usize),
    /// A number with its interval and its count: four cells of a file.
    Measured(Option<Measured>, usize),
    /// How many.
    Count(Option<usize>),
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn is_number(&self) -> bool {
        !matches!(self, Self::Text(_) | Self::Japanese(_))
    }

    fn shown(&self) -> Markup {
        let dash = || "–".to_owned();
        match self {
            Self::Text(text) => html! { (text) },
            Self::Japanese(text) => html! { span lang="ja" { (text) } },
            Self::Number(value, decimals) => {
                html! { (value.map_or_else(dash, |value| format!("{value:.decimals$}"))) }
            }
            Self::Count(count) => html! { (count.map_or_else(dash, |count| count.to_string())) },
            Self::Measured(None, _) => html! { (dash()) },
            Self::Measured(Some(Measured { value, low, high, n }), decimals) => html! {
                (format!("{value:.decimals$}"))
                @if let (Some(low), Some(high)) = (low, high) {
                    " " span.interval { (format!("{low:.decimals$} to {high:.decimals$}")) }
                }
                @if let Some(n) = n { " " span.n { "n " (n) } }
            },
        }
    }

    fn cells(&self) -> Vec<String> {
        let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let count = |count: Option<usize>| count.map(|count| count.to_string()).unwrap_or_default();
        match self {
            Self::Text(text) => vec![text.clone()],
            Self::Japanese(text) => vec![(*text).to_owned()],
            Self::Number(value, _) => vec![number(*value)],
            Self::Count(value) => vec![count(*value)],
            Self::Measured(of, _) => vec![
                number(of.map(|of| of.value)),
                number(of.and_then(|of| of.low)),
                number(of.and_then(|of| of.high)),
                count(of.and_then(|of| of.n)),
            ],
        }
    }
}

/// A table. A column's cells are all of one kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sheet {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Sheet {
    pub(crate) fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new() }
    }

    /// For a page.
    pub(crate) fn table(&self) -> Markup {
        if self.rows.is_empty() {
            return Markup::default();
        }
        let is_number =
            |column: usize| self.rows.first().and_then(|row| row.get(column)).is_some_and(Cell::is_number);
        html! {
            div.scroll {
                table {
                    thead {
                        tr {
                            @for (column, name) in self.header.iter().enumerate() {
                                th.number[is_number(column)] scope="col" { (name) }
                            }
                        }
                    }
                    tbody {
                        @for row in &self.rows {
                            tr { @for cell in row { td.number[cell.is_number()] { (cell.shown()) } } }
                        }
                    }
                }
            }
        }
    }

    /// For a file. A measured column becomes four.
    pub(crate) fn csv(&self) -> String {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let mut header = Vec::new();
        for (column, name) in self.header.iter().enumerate() {
            header.push(name.clone());
            if self.rows.iter().any(|row| matches!(row.get(column), Some(Cell::Measured(..)))) {
                header.extend(["low", "high", "n"].map(|of| format!("{name}, {of}")));
            }
        }
        let rows = self
            .rows
            .iter()
            .map(|row| row.iter().flat_map(|cell| cell.cells().into_iter().map(harmless)).collect());
        for row in std::iter::once(header).chain(rows) {
            // A buffer in memory takes whatever is written.
            let _: Result<(), csv::Error> = writer.write_record(&row);
        }
        writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// A cell that no spreadsheet takes for a formula: names of models are other people's texts.
fn harmless(cell: String) -> String {
    let is_formula = cell.starts_with(['=', '+', '@', '\t', '\r'])
        || (cell.starts_with('-') && cell.parse::<f64>().is_err());
    if is_formula { format!("'{cell}") } else { cell }
}
