//! Drawings: SVG that a page can hold as it is and whose colours follow the page, one kind of chart a file.
//!
//! Nothing is drawn by a library: those for Rust write fixed colours, so that a drawing cannot follow a dark page, have no radar, or need
//! a browser's engine. What is here is rectangles, lines and texts at computed places.

mod axis;
pub(crate) mod bars;
pub(crate) mod colour;
pub(crate) mod dots;
mod glyph;
mod labels;
pub(crate) mod matrix;
pub(crate) mod radar;
pub(crate) mod scatter;

pub(crate) use colour::Colour;
pub(crate) use glyph::Shape;

use maud::{Markup, html};
use unicode_width::UnicodeWidthStr as _;

/// The width of every drawing, in units that are pixels where the page is wide enough.
pub(crate) const WIDTH: f64 = 760.0;

/// The size of letters.
const FONT_SIZE: f64 = 12.0;

/// A drawing of so much height.
fn drawing(title: &str, height: f64, content: &Markup) -> String {
    let view = format!("0 0 {WIDTH} {}", number(height));
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(view) width=(WIDTH) height=(number(height)) role="img"
            aria-label=(plain(title)) font-size=(FONT_SIZE) font-family="sans-serif" {
            (content)
        }
    }
    .into_string()
}

/// A coordinate, to a tenth.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// About how wide a text is, in a font that is rather wide.
fn text_width(text: &str) -> f64 {
    crate::measured::as_f64(text.width()) * FONT_SIZE * 0.63
}

/// A text without characters that XML has no place for.
fn plain(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

/// A text that is at most so wide; what is too much is left out of its middle, since names differ at their ends.
fn shortened(text: &str, width: f64) -> String {
    let text = plain(text);
    if text_width(&text) <= width {
        return text;
    }
    let letters: Vec<char> = text.chars().collect();
    for left_out in 1..letters.len() {
        let kept = letters.len() - left_out;
        let start: String = letters.iter().take(kept.div_ceil(2)).collect();
        let end: String = letters.iter().skip(kept.div_ceil(2) + left_out).collect();
        let short = format!("{start}…{end}");
        if text_width(&short) <= width {
            return short;
        }
    }
    "…".to_owned()
}

#[cfg(test)]
mod tests;
