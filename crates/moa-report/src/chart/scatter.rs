//! Points with names, and the line of those that nothing beats.

use super::svg::{Colors, Svg, short, ticks};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 40.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 52.0;

/// A contender.
pub(crate) struct Point {
    pub(crate) name: String,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) interval: Option<[f64; 2]>,
    pub(crate) is_published: bool,
}

/// The chart.
pub(crate) struct Scatter {
    pub(crate) title: String,
    pub(crate) x_name: String,
    pub(crate) y_name: String,
    pub(crate) points: Vec<Point>,
    /// Whether the points are joined that no other one beats in both: less of x, more of y.
    pub(crate) with_front: bool,
}

impl Scatter {
    pub(crate) fn draw(&self, colors: Colors) -> String {
        let mut svg = Svg::new(&self.title, WIDTH, HEIGHT, colors);
        svg.sized_label((0.0, 18.0), "start", &self.title, 15.0, true);
        let all = |of: fn(&Point) -> [f64; 2]| self.points.iter().flat_map(of).collect::<Vec<f64>>();
        let xs = range(&all(|point| [point.x, point.x]));
        let ys = range(&all(|point| point.interval.unwrap_or([point.y, point.y])));
        let place = |x: f64, y: f64| {
            let share = |value: f64, (low, high): (f64, f64)| ((value - low) / (high - low)).clamp(0.0, 1.0);
            (LEFT + share(x, xs) * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - share(y, ys) * (HEIGHT - TOP - BOTTOM))
        };
        for tick in ticks(xs.0, xs.1) {
            let (x, _) = place(tick, ys.0);
            svg.line((x, TOP), (x, HEIGHT - BOTTOM), colors.faint(), 1.0);
            svg.sized_label((x, HEIGHT - BOTTOM + 16.0), "middle", &short(tick), 11.0, false);
        }
        for tick in ticks(ys.0, ys.1) {
            let (_, y) = place(xs.0, tick);
            svg.line((LEFT, y), (WIDTH - RIGHT, y), colors.faint(), 1.0);
            svg.sized_label((LEFT - 6.0, y + 4.0), "end", &short(tick), 11.0, false);
        }
        svg.label(((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12.0), "middle", &self.x_name);
        svg.label((LEFT, TOP - 8.0), "start", &self.y_name);
        if self.with_front {
            let front: Vec<(f64, f64)> = front(&self.points).into_iter().map(|(x, y)| place(x, y)).collect();
            svg.path(&front, false, colors.faint(), "nobody does better for as little");
        }
        for (number, point) in self.points.iter().enumerate() {
            let color = if point.is_published { colors.published() } else { colors.series(number) };
            let at = place(point.x, point.y);
            if let Some([low, high]) = point.interval {
                svg.line(place(point.x, low), place(point.x, high), color, 1.5);
            }
            svg.dot(at, 5.0, color, &format!("{}: {} {:.2}", point.name, short(point.x), point.y));
            let (anchor, x) = if at.0 > WIDTH * 0.7 { ("end", at.0 - 9.0) } else { ("start", at.0 + 9.0) };
            svg.sized_label((x, at.1 - 6.0), anchor, &point.name, 12.0, !point.is_published);
        }
        svg.finish()
    }
}

/// The points that no other one beats in both, from left to right.
pub(super) fn front(points: &[Point]) -> Vec<(f64, f64)> {
    let mut sorted: Vec<(f64, f64)> = points.iter().map(|point| (point.x, point.y)).collect();
    sorted.sort_by(|left, right| left.0.total_cmp(&right.0).then(right.1.total_cmp(&left.1)));
    let mut best = f64::NEG_INFINITY;
    sorted.retain(|(_, y)| {
        let is_better = *y > best;
        best = best.max(*y);
        is_better
    });
    sorted
}

/// What an axis has to show, with some room around.
fn range(values: &[f64]) -> (f64, f64) {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    if low > high {
        return (0.0, 1.0);
    }
    let room = ((high - low) * 0.12).max(high.abs() * 0.05).max(1e-6);
    // What cannot be below nothing has an axis that begins there.
    (if low >= 0.0 { (low - room).max(0.0) } else { low - room }, high + room)
}

#[cfg(test)]
#[path = "scatter_tests.rs"]
mod tests;
