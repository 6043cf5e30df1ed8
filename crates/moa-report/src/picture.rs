//! Figures as PNG.

use resvg::{tiny_skia, usvg};

use crate::error::ReportError;
use crate::figure::Figure;

/// Pixels to a unit of the drawing, so that print and dense screens are sharp.
const SCALE: f32 = 2.0;

/// A figure as PNG, with the fonts of this machine. Where it has none, a picture has no text.
///
/// # Errors
///
/// Where the figure cannot be drawn.
pub fn png(figure: &Figure) -> Result<Vec<u8>, ReportError> {
    let failed = |reason: String| ReportError::Picture { name: figure.name.to_owned(), reason };
    let mut options = usvg::Options { font_family: "sans-serif".to_owned(), ..usvg::Options::default() };
    options.fontdb_mut().load_system_fonts();
    let tree = usvg::Tree::from_str(&figure.svg(), &options).map_err(|error| failed(error.to_string()))?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or_else(|| failed("it has no size".to_owned()))?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| failed("it is too large".to_owned()))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| failed(error.to_string()))
}
