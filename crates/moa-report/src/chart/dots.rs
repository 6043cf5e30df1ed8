//! Values of several series, part by part, with their intervals.

use maud::{Markup, html};

use super::axis::Axis;
use super::{Colour, Shape, WIDTH, drawing, number, plain, shortened, text_width};
use crate::measured::Measured;

const STEP: f64 = 13.0;
const NAMES: f64 = 110.0;

/// A chart of dots.
pub(crate) struct Dots {
    pub(crate) title: String,
    pub(crate) scale: String,
    pub(crate) range: (f64, f64),
    /// The series, each with its place among all contenders of the report.
    pub(crate) series: Vec<(String, usize)>,
    /// Each part with a value for each series that has one.
    pub(crate) parts: Vec<(String, Vec<Option<Measured>>)>,
}

impl Dots {
    /// The drawing.
    pub(crate) fn draw(&self) -> String {
        let (legend, top) = legend(&self.series);
        let axis = Axis::new(self.range, NAMES + 10.0, WIDTH - 14.0);
        let height = STEP * crate::measured::as_f64(self.series.len()) + 10.0;
        let place = |part: usize| top + height * crate::measured::as_f64(part);
        let bottom = place(self.parts.len());
        let content = html! {
            (legend)
            @for (value, text) in axis.ticks() {
                line class="grid" x1=(number(axis.at(value))) x2=(number(axis.at(value))) y1=(number(top)) y2=(number(bottom)) {}
                text class="muted" x=(number(axis.at(value))) y=(number(bottom + 16.0)) text-anchor="middle" { (text) }
            }
            text class="muted" x="0" y=(number(bottom + 16.0)) { (plain(&self.scale)) }
            @for (part, (name, values)) in self.parts.iter().enumerate() {
                line class="grid" x1="0" x2=(number(WIDTH - 14.0)) y1=(number(place(part))) y2=(number(place(part))) {}
                text class="ink" x=(number(NAMES)) y=(number(place(part) + height / 2.0 + 4.0)) text-anchor="end" {
                    (shortened(name, NAMES))
                }
                @for (series, value) in values.iter().enumerate() {
                    @if let Some(value) = value {
                        (dot(&axis, value, self.colour_of(series), place(part) + 5.0 + STEP * (crate::measured::as_f64(series) + 0.5)))
                    }
                }
            }
        };
        drawing(&self.title, bottom + 24.0, &content)
    }

    fn colour_of(&self, series: usize) -> usize {
        self.series.get(series).map_or(series, |(_, place)| *place)
    }
}

fn dot(axis: &Axis, value: &Measured, place: usize, y: f64) -> Markup {
    let colour = Colour::Series(place);
    html! {
        @if let (Some(low), Some(high)) = (value.low, value.high) {
            line class=(colour.line()) stroke-width="1.6" x1=(number(axis.at(low))) x2=(number(axis.at(high))) y1=(number(y)) y2=(number(y)) {}
        }
        (Shape::of(place).draw(axis.at(value.value), y, 4.5, colour))
    }
}

/// The names of series with their forms, in as many lines as they take, and how high they are.
pub(super) fn legend(series: &[(String, usize)]) -> (Markup, f64) {
    let (mut left, mut y) = (0.0, 10.0);
    let mut placed = Vec::new();
    for (name, place) in series {
        let name = shortened(name, 330.0);
        let width = text_width(&name) + 34.0;
        if left > 0.0 && left + width > WIDTH {
            (left, y) = (0.0, y + 18.0);
        }
        placed.push((*place, name, left, y));
        left += width;
    }
    let markup = html! {
        @for (place, name, left, y) in placed {
            (Shape::of(place).draw(left + 6.0, y, 4.5, Colour::Series(place)))
            text class="ink" x=(number(left + 16.0)) y=(number(y + 4.0)) { (name) }
        }
    };
    (markup, y + 16.0)
}
