//! Bars that lie, with their intervals, names on the left and numbers on the right.

use maud::{Markup, html};

use super::axis::Axis;
use super::{Colour, Shape, WIDTH, drawing, number, plain, shortened, text_width};
use crate::measured::Measured;

const ROW: f64 = 26.0;
const BAR: f64 = 12.0;
const NUMBERS: f64 = 176.0;
const NAMES: (f64, f64) = (90.0, 260.0);

/// A chart of bars.
pub(crate) struct Bars {
    pub(crate) title: String,
    /// What the scale measures.
    pub(crate) scale: String,
    pub(crate) range: (f64, f64),
    pub(crate) decimals: usize,
    pub(crate) groups: Vec<BarGroup>,
    /// What the forms on the bars stand for.
    pub(crate) forms: Vec<(Shape, &'static str)>,
}

/// Bars under a heading.
pub(crate) struct BarGroup {
    pub(crate) heading: String,
    pub(crate) bars: Vec<Bar>,
}

/// One bar.
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) measured: Measured,
    pub(crate) colour: Colour,
    /// Further values, shown as forms.
    pub(crate) forms: Vec<(Shape, f64)>,
}

impl Bars {
    /// The drawing.
    pub(crate) fn draw(&self) -> String {
        let bars = || self.groups.iter().flat_map(|group| &group.bars);
        let names = bars().map(|bar| text_width(&bar.name)).fold(NAMES.0, f64::max).min(NAMES.1);
        let axis = Axis::new(self.range, names + 12.0, WIDTH - NUMBERS);
        let mut y = 6.0;
        let legend = self.legend(&mut y, names + 12.0);
        let top = y;
        let mut rows = Vec::new();
        for group in self.groups.iter().filter(|group| !group.bars.is_empty()) {
            if !group.heading.is_empty() {
                y += 4.0;
                rows.push(html! {
                    text class="muted" x="0" y=(number(y + 14.0)) font-weight="bold" { (plain(&group.heading)) }
                });
                y += 22.0;
            }
            for bar in &group.bars {
                rows.push(self.row(bar, &axis, y, names));
                y += ROW;
            }
        }
        let content = html! {
            (legend)
            @for (value, text) in axis.ticks() {
                line class="grid" x1=(number(axis.at(value))) x2=(number(axis.at(value))) y1=(number(top)) y2=(number(y)) {}
                text class="muted" x=(number(axis.at(value))) y=(number(y + 16.0)) text-anchor="middle" { (text) }
            }
            text class="muted" x=(number(WIDTH)) y=(number(y + 16.0)) text-anchor="end" { (plain(&self.scale)) }
            @for row in &rows { (row) }
        };
        drawing(&self.title, y + 24.0, &content)
    }

    fn legend(&self, y: &mut f64, x: f64) -> Markup {
        if self.forms.is_empty() {
            return Markup::default();
        }
        let (at, mut left) = (*y + 8.0, x);
        *y += 24.0;
        let mut placed = Vec::new();
        for (shape, text) in &self.forms {
            placed.push((*shape, *text, left));
            left += text_width(text) + 34.0;
        }
        html! {
            @for (shape, text, left) in placed {
                (shape.draw(left + 5.0, at, 4.5, Colour::Published))
                text class="muted" x=(number(left + 15.0)) y=(number(at + 4.0)) { (text) }
            }
        }
    }

    fn row(&self, bar: &Bar, axis: &Axis, y: f64, names: f64) -> Markup {
        let (middle, start) = (y + ROW / 2.0, axis.at(self.range.0));
        let Measured { value, low, high, .. } = bar.measured;
        html! {
            text class="ink" x=(number(names)) y=(number(middle + 4.0)) text-anchor="end" {
                title { (plain(&bar.name)) }
                (shortened(&bar.name, names))
            }
            rect class=(bar.colour.fill()) x=(number(start)) y=(number(middle - BAR / 2.0)) height=(number(BAR)) rx="2"
                width=(number((axis.at(value) - start).max(1.0))) {}
            @if let (Some(low), Some(high)) = (low, high) { (whisker(axis, low, high, middle)) }
            @for (shape, value) in &bar.forms { (shape.draw(axis.at(*value), middle, 4.5, bar.colour)) }
            text class="ink" x=(number(WIDTH - NUMBERS + 12.0)) y=(number(middle + 4.0)) {
                (bar.measured.text(self.decimals))
            }
        }
    }
}

/// A line from bound to bound, with ends.
fn whisker(axis: &Axis, low: f64, high: f64, y: f64) -> Markup {
    let (from, to) = (axis.at(low), axis.at(high));
    let path = format!(
        "M{from} {top}V{bottom}M{from} {y}H{to}M{to} {top}V{bottom}",
        from = number(from),
        to = number(to),
        y = number(y),
        top = number(y - 4.0),
        bottom = number(y + 4.0)
    );
    html! { path class="whisker" stroke-width="1.4" d=(path) {} }
}
