//! Small shapes that stand for values. Their form tells them apart where colours do not.

use maud::{Markup, html};

use super::{Colour, number};

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Circle,
    Triangle,
    Square,
    Diamond,
}

impl Shape {
    /// A form for each place in a row of series.
    pub(crate) fn of(place: usize) -> Self {
        [Self::Circle, Self::Square, Self::Triangle, Self::Diamond][place % 4]
    }

    /// The form, about `radius` around a place.
    pub(super) fn draw(self, x: f64, y: f64, radius: f64, colour: Colour) -> Markup {
        let class = format!("{} rim", colour.fill());
        let corners: &[(f64, f64)] = match self {
            Self::Circle => {
                return html! { circle class=(class) cx=(number(x)) cy=(number(y)) r=(number(radius)) {} };
            }
            Self::Triangle => &[(0.0, -1.15), (1.1, 0.8), (-1.1, 0.8)],
            Self::Square => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            Self::Diamond => &[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)],
        };
        let points: Vec<String> = corners
            .iter()
            .map(|(across, down)| format!("{},{}", number(x + across * radius), number(y + down * radius)))
            .collect();
        html! { polygon class=(class) points=(points.join(" ")) {} }
    }
}
