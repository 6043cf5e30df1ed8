//! Points in a plane, named, with their intervals, and the front of those that nothing beats.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::axis::Axis;
use super::dots::legend;
use super::labels::{Room, Spot, places};
use super::{Colour, Shape, WIDTH, drawing, number, plain, shortened, text_width};
use crate::measured::Measured;

const HEIGHT: f64 = 360.0;
const LEFT: f64 = 52.0;
const TOP: f64 = 28.0;

/// A chart of points.
pub(crate) struct Scatter {
    pub(crate) title: String,
    pub(crate) across: String,
    pub(crate) up: String,
    pub(crate) points: Vec<Point>,
    /// What the colours and forms stand for, where names at the points do not say it.
    pub(crate) legend: Vec<(String, usize)>,
}

/// One point.
pub(crate) struct Point {
    pub(crate) name: String,
    pub(crate) across: f64,
    pub(crate) up: Measured,
    pub(crate) colour: Colour,
    pub(crate) shape: Shape,
    pub(crate) is_on_front: bool,
    /// Whether its name stands beside it; it is told to whoever points at it in any case.
    pub(crate) is_named: bool,
}

impl Scatter {
    /// The drawing.
    pub(crate) fn draw(&self) -> String {
        let x = Axis::around(self.points.iter().map(|point| point.across), LEFT, WIDTH - 16.0);
        let ups = self.points.iter().flat_map(|point| {
            let Measured { value, low, high, .. } = point.up;
            [Some(value), low, high].into_iter().flatten()
        });
        // Scores are never shown by powers of ten: a difference is what matters.
        let (low, high) = ups
            .clone()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |of, value| (of.0.min(value), of.1.max(value)));
        let room = ((high - low) * 0.12).max(0.5);
        let y = Axis::new((low - room, high + room), HEIGHT - 40.0, TOP);
        let bottom = HEIGHT - 40.0;
        let content = html! {
            @for (value, text) in y.ticks() {
                line class="grid" x1=(number(LEFT)) x2=(number(WIDTH - 16.0)) y1=(number(y.at(value))) y2=(number(y.at(value))) {}
                text class="muted" x=(number(LEFT - 8.0)) y=(number(y.at(value) + 4.0)) text-anchor="end" { (text) }
            }
            @for (value, text) in x.ticks() {
                line class="grid" x1=(number(x.at(value))) x2=(number(x.at(value))) y1=(number(TOP)) y2=(number(bottom)) {}
                text class="muted" x=(number(x.at(value))) y=(number(bottom + 16.0)) text-anchor="middle" { (text) }
            }
            text class="muted" x="0" y="12" { (plain(&self.up)) }
            text class="muted" x=(number(WIDTH - 16.0)) y=(number(HEIGHT - 6.0)) text-anchor="end" { (plain(&self.across)) }
            (self.front(&x, &y))
            @for point in &self.points { (drawn(point, &x, &y)) }
            (self.names(&x, &y))
        };
        if self.legend.is_empty() {
            return drawing(&self.title, HEIGHT, &content);
        }
        let (legend, below) = legend(&self.legend);
        let content = html! {
            (legend)
            g transform=(format!("translate(0 {})", number(below))) { (content) }
        };
        drawing(&self.title, HEIGHT + below, &content)
    }

    /// The names, each beside its point, or led to it by a line where there is no room.
    fn names(&self, x: &Axis, y: &Axis) -> Markup {
        let spots: Vec<Spot> = self
            .points
            .iter()
            .map(|point| {
                let (across, of) = (x.at(point.across), point.up);
                Spot {
                    across,
                    up: y.at(of.value),
                    interval: of.high.zip(of.low).map(|(high, low)| (y.at(high), y.at(low))),
                    width: point.is_named.then(|| text_width(&label(point))),
                }
            })
            .collect();
        let corners = self.corners(x, y);
        let lines = corners.iter().zip(corners.iter().skip(1)).map(|(from, to)| {
            let (left, right) = (from.0.min(to.0), from.0.max(to.0));
            (left - 1.0, from.1.min(to.1) - 1.0, right + 1.0, from.1.max(to.1) + 1.0)
        });
        let places = places(&spots, &lines.collect::<Vec<Room>>(), (LEFT, TOP - 12.0, WIDTH, HEIGHT - 38.0));
        html! {
            @for ((point, spot), place) in self.points.iter().zip(&spots).zip(places) {
                @if let Some(place) = place {
                    @if let Some((across, up)) = place.leader {
                        line class="axis" stroke-width="0.8" x1=(number(spot.across)) y1=(number(spot.up)) x2=(number(across)) y2=(number(up)) {}
                    }
                    text class="ink" x=(number(place.across)) y=(number(place.top + 11.0)) text-anchor=(if place.is_on_the_left { "end" } else { "start" }) {
                        title { (plain(&point.name)) }
                        (label(point))
                    }
                }
            }
        }
    }

    /// Steps through the points that nothing beats.
    fn front(&self, x: &Axis, y: &Axis) -> Markup {
        let corners = self.corners(x, y);
        let Some((first, rest)) = corners.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            return Markup::default();
        };
        let mut path = format!("M{} {}", number(first.0), number(first.1));
        for (across, up) in rest {
            let _ = write!(path, "L{} {}", number(*across), number(*up));
        }
        html! { path class="axis" stroke-width="1.4" stroke-dasharray="5 4" d=(path) {} }
    }

    /// Where the steps turn: at each point that nothing beats, and below the next one.
    fn corners(&self, x: &Axis, y: &Axis) -> Vec<(f64, f64)> {
        let mut on: Vec<(f64, f64)> = self
            .points
            .iter()
            .filter(|point| point.is_on_front)
            .map(|point| (x.at(point.across), y.at(point.up.value)))
            .collect();
        on.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut corners: Vec<(f64, f64)> = Vec::new();
        for (across, up) in on {
            if let Some((_, before)) = corners.last().copied() {
                corners.push((across, before));
            }
            corners.push((across, up));
        }
        corners
    }
}

fn label(point: &Point) -> String {
    shortened(&point.name, 240.0)
}

fn drawn(point: &Point, x: &Axis, y: &Axis) -> Markup {
    let (across, up) = (x.at(point.across), y.at(point.up.value));
    html! {
        @if let (Some(low), Some(high)) = (point.up.low, point.up.high) {
            line class=(point.colour.line()) stroke-width=(if point.is_named { "1.4" } else { "0.7" }) stroke-opacity=(if point.is_named { "1" } else { "0.45" }) x1=(number(across)) x2=(number(across))
                y1=(number(y.at(low))) y2=(number(y.at(high))) {}
        }
        (point.shape.draw(across, up, if point.is_named { 5.0 } else { 3.5 }, point.colour))
    }
}
