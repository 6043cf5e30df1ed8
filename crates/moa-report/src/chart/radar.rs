//! A radar: one axis for each skill, one ring for each contender.

use std::f64::consts::{FRAC_PI_2, TAU};

use super::svg::{Colors, Svg, short};

const WIDTH: f64 = 760.0;
const RADIUS: f64 = 200.0;
const CENTER: (f64, f64) = (380.0, 290.0);
const LEGEND: f64 = 560.0;

/// An axis with its names in two languages.
pub(crate) struct Axis {
    pub(crate) name: String,
    pub(crate) second_name: String,
}

/// A contender's values, one for each axis or none.
pub(crate) struct Ring {
    pub(crate) name: String,
    pub(crate) values: Vec<Option<f64>>,
}

/// The chart.
pub(crate) struct Radar {
    pub(crate) title: String,
    pub(crate) axes: Vec<Axis>,
    pub(crate) rings: Vec<Ring>,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Radar {
    pub(crate) fn draw(&self, colors: Colors) -> String {
        let height = LEGEND + 22.0 * count(self.rings.len()) + 12.0;
        let mut svg = Svg::new(&self.title, WIDTH, height, colors);
        svg.sized_label((0.0, 18.0), "start", &self.title, 15.0, true);
        let mut grid = self.low.ceil();
        while grid <= self.high {
            let ring: Vec<(f64, f64)> = (0..self.axes.len()).map(|axis| self.place(axis, grid)).collect();
            for (from, to) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                svg.line(*from, *to, colors.faint(), 1.0);
            }
            svg.sized_label((CENTER.0 + 4.0, self.place(0, grid).1 + 4.0), "start", &short(grid), 10.0, false);
            grid += 1.0;
        }
        for (number, axis) in self.axes.iter().enumerate() {
            svg.line(CENTER, self.place(number, self.high), colors.faint(), 1.0);
            self.name(&mut svg, number, axis);
        }
        for (number, ring) in self.rings.iter().enumerate() {
            self.ring(&mut svg, ring, colors.series(number));
            let y = LEGEND + 22.0 * count(number);
            svg.bar((CENTER.0 - 150.0, y - 10.0), (12.0, 12.0), colors.series(number), &ring.name);
            svg.label((CENTER.0 - 132.0, y), "start", &ring.name);
        }
        svg.finish()
    }

    fn ring(&self, svg: &mut Svg, ring: &Ring, color: &str) {
        let known: Vec<(usize, f64)> =
            ring.values.iter().enumerate().filter_map(|(axis, value)| Some((axis, (*value)?))).collect();
        let places: Vec<(f64, f64)> = known.iter().map(|(axis, value)| self.place(*axis, *value)).collect();
        // With an axis missing the shape would claim an area that nobody measured.
        svg.path(&places, known.len() == self.axes.len(), color, &ring.name);
        for ((axis, value), place) in known.iter().zip(&places) {
            let axis = self.axes.get(*axis).map_or("", |axis| axis.name.as_str());
            svg.dot(*place, 3.5, color, &format!("{}, {axis}: {value:.2}", ring.name));
        }
    }

    fn name(&self, svg: &mut Svg, number: usize, axis: &Axis) {
        let (sine, cosine) = self.angle(number).sin_cos();
        let at = (CENTER.0 + (RADIUS + 18.0) * cosine, CENTER.1 + (RADIUS + 22.0) * sine);
        let anchor = match cosine {
            right if right > 0.2 => "start",
            left if left < -0.2 => "end",
            _ => "middle",
        };
        svg.sized_label((at.0, at.1 - 2.0), anchor, &axis.second_name, 13.0, true);
        svg.sized_label((at.0, at.1 + 13.0), anchor, &axis.name, 11.0, false);
    }

    fn place(&self, axis: usize, value: f64) -> (f64, f64) {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        let (sine, cosine) = self.angle(axis).sin_cos();
        (CENTER.0 + RADIUS * share * cosine, CENTER.1 + RADIUS * share * sine)
    }

    /// The first axis points up; the others follow clockwise.
    fn angle(&self, axis: usize) -> f64 {
        TAU * count(axis) / count(self.axes.len().max(1)) - FRAC_PI_2
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
