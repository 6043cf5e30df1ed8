//! Numbers from -1 to 1 for every pair, the stronger the further from 0.

use maud::html;

use super::{Colour, WIDTH, drawing, number, plain, shortened};
use crate::measured::as_f64;

const NAMES: f64 = 230.0;
const ROW: f64 = 34.0;
const WIDEST: f64 = 120.0;

/// A chart of pairs.
pub(crate) struct Matrix {
    pub(crate) title: String,
    pub(crate) names: Vec<String>,
    /// Row by row; nothing where there is no number.
    pub(crate) values: Vec<Vec<Option<f64>>>,
}

impl Matrix {
    /// The drawing.
    pub(crate) fn draw(&self) -> String {
        let width = ((WIDTH - NAMES - 10.0) / as_f64(self.names.len().max(1))).min(WIDEST);
        let left = |column: usize| NAMES + 10.0 + width * as_f64(column);
        let top = |row: usize| 26.0 + ROW * as_f64(row);
        let content = html! {
            @for (column, name) in self.names.iter().enumerate() {
                text class="muted" x=(number(left(column) + width / 2.0)) y="16" text-anchor="middle" {
                    title { (plain(name)) }
                    (shortened(name, width - 6.0))
                }
            }
            @for (row, (name, values)) in self.names.iter().zip(&self.values).enumerate() {
                text class="ink" x=(number(NAMES)) y=(number(top(row) + ROW / 2.0 + 4.0)) text-anchor="end" {
                    title { (plain(name)) }
                    (shortened(name, NAMES))
                }
                @for (column, value) in values.iter().enumerate() {
                    @if let Some(value) = value {
                        @let colour = Colour::Series(usize::from(*value < 0.0));
                        rect class=(colour.fill()) fill-opacity=(format!("{:.2}", value.abs().min(1.0) * 0.55)) rx="2"
                            x=(number(left(column) + 1.0)) y=(number(top(row) + 1.0)) width=(number(width - 2.0)) height=(number(ROW - 2.0)) {}
                    }
                    text class="ink" x=(number(left(column) + width / 2.0)) y=(number(top(row) + ROW / 2.0 + 4.0)) text-anchor="middle" {
                        (value.map_or_else(|| "–".to_owned(), |value| format!("{value:+.2}")))
                    }
                }
            }
        };
        drawing(&self.title, top(self.names.len()) + 6.0, &content)
    }
}
