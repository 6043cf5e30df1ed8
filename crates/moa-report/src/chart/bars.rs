//! Horizontal bars with error bars, several to a row where a row has several values.

use super::svg::{Colors, Svg, short, ticks};

const WIDTH: f64 = 760.0;
const LABELS: f64 = 230.0;
const VALUES: f64 = 60.0;
const THICKNESS: f64 = 15.0;
const GAP: f64 = 9.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 30.0;

/// One value.
pub(crate) struct Bar {
    pub(crate) value: f64,
    pub(crate) interval: Option<[f64; 2]>,
    /// What it says to whoever points at it.
    pub(crate) says: String,
}

/// A chart of rows, each with one bar for each series.
pub(crate) struct Bars {
    pub(crate) title: String,
    /// The names of the series; one without a name needs no legend.
    pub(crate) series: Vec<String>,
    /// Name, whether others published it, and one bar (or none) for each series.
    pub(crate) rows: Vec<(String, bool, Vec<Option<Bar>>)>,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Bars {
    pub(crate) fn draw(&self, colors: Colors) -> String {
        let per_row = count(self.series.len().max(1)) * THICKNESS + GAP;
        let legend = if self.series.len() > 1 { 22.0 } else { 0.0 };
        let height = TOP + legend + count(self.rows.len()) * per_row + BOTTOM;
        let mut svg = Svg::new(&self.title, WIDTH, height, colors);
        svg.sized_label((0.0, 18.0), "start", &self.title, 15.0, true);
        if self.series.len() > 1 {
            let mut x = LABELS;
            for (number, name) in self.series.iter().enumerate() {
                svg.bar((x, TOP), (12.0, 12.0), self.color(colors, number, false), name);
                svg.label((x + 17.0, TOP + 11.0), "start", name);
                x += 40.0 + 8.0 * count(name.chars().count());
            }
        }
        let (top, bottom) = (TOP + legend, height - BOTTOM);
        for tick in ticks(self.low, self.high) {
            let x = self.place(tick);
            svg.line((x, top), (x, bottom), colors.faint(), 1.0);
            svg.sized_label((x, bottom + 16.0), "middle", &short(tick), 11.0, false);
        }
        for (row, (name, is_published, bars)) in self.rows.iter().enumerate() {
            let y = top + count(row) * per_row + GAP / 2.0;
            let middle = y + (per_row - GAP) / 2.0 + 4.5;
            svg.sized_label((LABELS - 10.0, middle), "end", &shortened(name), 13.0, !is_published);
            for (series, bar) in bars.iter().enumerate() {
                let Some(bar) = bar else { continue };
                self.bar(&mut svg, bar, y + count(series) * THICKNESS, self.color(colors, series, *is_published));
            }
        }
        svg.line((LABELS, top), (LABELS, bottom), colors.ink(), 1.0);
        svg.finish()
    }

    fn bar(&self, svg: &mut Svg, bar: &Bar, y: f64, color: &str) {
        let end = self.place(bar.value);
        svg.bar((LABELS, y + 1.0), (end - LABELS, THICKNESS - 2.0), color, &bar.says);
        let mut reach = end;
        if let Some([low, high]) = bar.interval {
            let (low, high, middle) = (self.place(low), self.place(high), y + THICKNESS / 2.0);
            let ink = svg.colors().ink();
            svg.line((low, middle), (high, middle), ink, 1.5);
            for x in [low, high] {
                svg.line((x, middle - 3.5), (x, middle + 3.5), ink, 1.5);
            }
            reach = reach.max(high);
        }
        svg.sized_label((reach + 6.0, y + THICKNESS - 3.5), "start", &format!("{:.2}", bar.value), 11.0, false);
    }

    fn color(&self, colors: Colors, series: usize, is_published: bool) -> &'static str {
        match (is_published, self.series.len()) {
            (true, _) => colors.published(),
            (false, _) => colors.series(series),
        }
    }

    fn place(&self, value: f64) -> f64 {
        let span = (self.high - self.low).max(f64::MIN_POSITIVE);
        let share = if value.is_finite() { ((value - self.low) / span).clamp(0.0, 1.0) } else { 0.0 };
        LABELS + share * (WIDTH - LABELS - VALUES)
    }
}

/// A name that fits beside its bar.
fn shortened(name: &str) -> String {
    const MOST: usize = 30;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    name.chars().take(MOST - 1).chain(['…']).collect()
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
