//! Charts as SVG.

mod bars;
mod radar;
mod scatter;
mod svg;

pub(crate) use bars::{Bar, Bars};
pub(crate) use radar::{Axis, Radar, Ring};
pub(crate) use scatter::{Point, Scatter};
pub(crate) use svg::{Colors, escape};
