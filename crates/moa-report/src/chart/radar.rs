//! A radar: one spoke for each skill, one polygon for each contender.

use std::f64::consts::TAU;

use maud::{Markup, html};

use super::dots::legend;
use super::{Colour, Shape, WIDTH, drawing, number, plain};
use crate::measured::as_f64;

const RADIUS: f64 = 190.0;

/// A radar.
pub(crate) struct Radar {
    pub(crate) title: String,
    /// The names of the spokes: a line in bold, and one below it.
    pub(crate) spokes: Vec<(String, Option<&'static str>)>,
    pub(crate) range: (f64, f64),
    /// Each series, with its place among all contenders of the report, and a value for each spoke that has one.
    pub(crate) series: Vec<(String, usize, Vec<Option<f64>>)>,
}

impl Radar {
    /// The drawing.
    pub(crate) fn draw(&self) -> String {
        let names: Vec<(String, usize)> =
            self.series.iter().map(|(name, place, _)| (name.clone(), *place)).collect();
        let (legend, top) = legend(&names);
        let centre = (WIDTH / 2.0, top + RADIUS + 44.0);
        let (low, high) = self.range;
        let rings = (1..=4).map(|ring| low + (high - low) * f64::from(ring) / 4.0);
        let content = html! {
            (legend)
            @for value in rings {
                polygon class="grid" points=(self.outline(centre, |_| Some(value)).join(" ")) {}
                text class="muted" font-size="10" x=(number(centre.0 + 4.0)) y=(number(centre.1 - self.length(value) + 11.0)) {
                    (value)
                }
            }
            @for spoke in 0..self.spokes.len() { (self.spoke(centre, spoke)) }
            @for (_, place, values) in &self.series { (self.polygon(centre, *place, values)) }
        };
        drawing(&self.title, centre.1 + RADIUS + 48.0, &content)
    }

    fn length(&self, value: f64) -> f64 {
        let (low, high) = self.range;
        ((value - low) / (high - low)).clamp(0.0, 1.0) * RADIUS
    }

    /// Where a value lies on a spoke; the first one points up, the others follow clockwise.
    fn point(&self, centre: (f64, f64), spoke: usize, length: f64) -> (f64, f64) {
        let angle = TAU * as_f64(spoke) / as_f64(self.spokes.len().max(1));
        (centre.0 + length * angle.sin(), centre.1 - length * angle.cos())
    }

    fn outline(&self, centre: (f64, f64), value: impl Fn(usize) -> Option<f64>) -> Vec<String> {
        let with_value = (0..self.spokes.len()).filter_map(|spoke| Some((spoke, value(spoke)?)));
        with_value
            .map(|(spoke, value)| {
                let (x, y) = self.point(centre, spoke, self.length(value));
                format!("{},{}", number(x), number(y))
            })
            .collect()
    }

    fn spoke(&self, centre: (f64, f64), spoke: usize) -> Markup {
        let Some((name, below)) = self.spokes.get(spoke) else { return Markup::default() };
        let end = self.point(centre, spoke, RADIUS);
        let (x, y) = self.point(centre, spoke, RADIUS + 16.0);
        let anchor = match x - centre.0 {
            across if across > 20.0 => "start",
            across if across < -20.0 => "end",
            _ => "middle",
        };
        // Above the centre texts grow upwards, below it downwards.
        let y = y + 2.0 - 12.0 * ((centre.1 - y) / RADIUS).clamp(-0.4, 1.0);
        html! {
            line class="grid" x1=(number(centre.0)) y1=(number(centre.1)) x2=(number(end.0)) y2=(number(end.1)) {}
            text class="ink" x=(number(x)) y=(number(y)) text-anchor=(anchor) font-weight="bold" { (plain(name)) }
            @if let Some(below) = below {
                text class="muted ja" lang="ja" x=(number(x)) y=(number(y + 14.0)) text-anchor=(anchor) { (below) }
            }
        }
    }

    /// Spokes without a value break the line: nothing is drawn across them.
    fn polygon(&self, centre: (f64, f64), place: usize, values: &[Option<f64>]) -> Markup {
        let colour = Colour::Series(place);
        let value = |spoke: usize| values.get(spoke).copied().flatten();
        let is_whole = (0..self.spokes.len()).all(|spoke| value(spoke).is_some());
        html! {
            @if is_whole {
                polygon class={ (colour.fill()) " " (colour.line()) } fill-opacity="0.08" stroke-width="2"
                    points=(self.outline(centre, value).join(" ")) {}
            } @else {
                @for spoke in 0..self.spokes.len() {
                    @let next = (spoke + 1) % self.spokes.len();
                    @if let (Some(from), Some(to)) = (value(spoke), value(next)) {
                        @let (from, to) = (self.point(centre, spoke, self.length(from)), self.point(centre, next, self.length(to)));
                        line class=(colour.line()) stroke-width="2" x1=(number(from.0)) y1=(number(from.1)) x2=(number(to.0)) y2=(number(to.1)) {}
                    }
                }
            }
            @for spoke in 0..self.spokes.len() {
                @if let Some(value) = value(spoke) {
                    @let (x, y) = self.point(centre, spoke, self.length(value));
                    (Shape::of(place).draw(x, y, 3.5, colour))
                }
            }
        }
    }
}
