//! The parts that charts are made of.

use std::fmt::Write as _;

/// Where the colours of a chart come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colors {
    /// The page's, whatever they are in light, in dark and on paper.
    Page,
    /// Those of light paper, for a picture that stands alone.
    Light,
}

impl Colors {
    /// Text and axes.
    pub(crate) fn ink(self) -> &'static str {
        self.pick("var(--ink)", "#1f2328")
    }

    /// Lines that should not be seen first.
    pub(crate) fn faint(self) -> &'static str {
        self.pick("var(--line)", "#d0d7de")
    }

    /// What others published.
    pub(crate) fn published(self) -> &'static str {
        self.pick("var(--published)", "#8c959f")
    }

    /// The ground.
    pub(crate) fn ground(self) -> &'static str {
        self.pick("var(--ground)", "#ffffff")
    }

    /// One of several series. Eight colours that most people can tell apart (Okabe and Ito); more series repeat them.
    pub(crate) fn series(self, number: usize) -> &'static str {
        const PAGE: [&str; 8] =
            ["var(--c0)", "var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--c6)", "var(--c7)"];
        let place = number % PAGE.len();
        match self {
            Self::Page => PAGE[place],
            Self::Light => SERIES[place],
        }
    }

    fn pick(self, page: &'static str, light: &'static str) -> &'static str {
        match self {
            Self::Page => page,
            Self::Light => light,
        }
    }
}

/// Okabe and Ito's palette on light paper.
pub(crate) const SERIES: [&str; 8] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6d00", "#5b5b5b"];

/// An SVG that grows.
pub(crate) struct Svg {
    text: String,
    colors: Colors,
}

impl Svg {
    pub(crate) fn new(title: &str, width: f64, height: f64, colors: Colors) -> Self {
        let mut text = String::new();
        let _ = write!(
            text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
             height=\"{height:.0}\" role=\"img\" font-family=\"system-ui, 'Noto Sans', 'Noto Sans CJK JP', sans-serif\" \
             font-size=\"13\"><title>{}</title>",
            escape(title)
        );
        if colors == Colors::Light {
            let _ = write!(text, "<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>", colors.ground());
        }
        Self { text, colors }
    }

    pub(crate) fn colors(&self) -> Colors {
        self.colors
    }

    /// A line from one place to another.
    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), color: &str, width: f64) {
        let _ = write!(
            self.text,
            "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{color}\" stroke-width=\"{width}\"/>",
            from.0, from.1, to.0, to.1
        );
    }

    /// A filled rectangle that says something to whoever points at it.
    pub(crate) fn bar(&mut self, corner: (f64, f64), size: (f64, f64), color: &str, says: &str) {
        let _ = write!(
            self.text,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"2\" fill=\"{color}\"><title>{}</title></rect>",
            corner.0,
            corner.1,
            size.0.max(0.0),
            size.1.max(0.0),
            escape(says)
        );
    }

    /// A dot that says something.
    pub(crate) fn dot(&mut self, at: (f64, f64), radius: f64, color: &str, says: &str) {
        let _ = write!(
            self.text,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius}\" fill=\"{color}\"><title>{}</title></circle>",
            at.0,
            at.1,
            escape(says)
        );
    }

    /// A closed or open line through places, filled faintly where it is closed.
    pub(crate) fn path(&mut self, places: &[(f64, f64)], is_closed: bool, color: &str, says: &str) {
        let points: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let (name, fill) =
            if is_closed { ("polygon", format!("{color}\" fill-opacity=\"0.12")) } else { ("polyline", "none".to_owned()) };
        let _ = write!(
            self.text,
            "<{name} points=\"{}\" fill=\"{fill}\" stroke=\"{color}\" stroke-width=\"2\"><title>{}</title></{name}>",
            points.join(" "),
            escape(says)
        );
    }

    /// Text; `anchor` is start, middle or end.
    pub(crate) fn label(&mut self, at: (f64, f64), anchor: &str, text: &str) {
        self.sized_label(at, anchor, text, 13.0, false);
    }

    /// Text of a size.
    pub(crate) fn sized_label(&mut self, at: (f64, f64), anchor: &str, text: &str, size: f64, is_bold: bool) {
        let weight = if is_bold { " font-weight=\"600\"" } else { "" };
        let _ = write!(
            self.text,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"{}\"{weight}>{}</text>",
            at.0,
            at.1,
            self.colors.ink(),
            escape(text)
        );
    }

    /// The whole.
    pub(crate) fn finish(mut self) -> String {
        self.text.push_str("</svg>");
        self.text
    }
}

/// Text that is no markup, in elements and in attributes. Characters that XML cannot hold become the replacement character.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' => escaped.push(character),
            control if control.is_control() || ['\u{fffe}', '\u{ffff}'].contains(&control) => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Steps for an axis from `low` to `high`: about five, at round numbers.
pub(crate) fn ticks(low: f64, high: f64) -> Vec<f64> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 {
        return vec![low];
    }
    let rough = span / 5.0;
    let power = 10.0_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(10.0 * power);
    let mut ticks = Vec::new();
    let mut tick = (low / step).ceil() * step;
    while tick <= high + step * 1e-9 && ticks.len() < 20 {
        ticks.push(tick);
        tick += step;
    }
    ticks
}

/// A number of an axis, as short as it can be.
pub(crate) fn short(value: f64) -> String {
    let text = if value != 0.0 && value.abs() < 0.01 { format!("{value:.4}") } else { format!("{value:.2}") };
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
