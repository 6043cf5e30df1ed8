//! Drawings as pictures, with the fonts of the system: none comes with the program.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use skrifa::MetadataProvider as _;

/// How many pixels a unit of a drawing takes.
const SCALE: f32 = 2.0;

/// Fonts without serifs, in the order in which they are preferred.
const FAMILIES: [&str; 8] = [
    "Noto Sans",
    "DejaVu Sans",
    "Liberation Sans",
    "Helvetica Neue",
    "Helvetica",
    "Arial",
    "Segoe UI",
    "Roboto",
];

/// A character that a font for Japanese has.
const JAPANESE: char = '堅';

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PngError {
    /// No font is installed.
    #[error("no font is installed, and a picture without letters says nothing")]
    NoFont,
    /// The drawing cannot be read.
    #[error("the drawing cannot be read: {0}")]
    Drawing(#[from] resvg::usvg::Error),
    /// The picture cannot be made.
    #[error("the picture cannot be made: {0}")]
    Picture(String),
}

/// Turns drawings into pictures.
pub struct PngWriter {
    options: Options<'static>,
    has_japanese: bool,
}

impl std::fmt::Debug for PngWriter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PngWriter").field("has_japanese", &self.has_japanese).finish_non_exhaustive()
    }
}

impl PngWriter {
    /// Looks for the fonts of the system.
    ///
    /// # Errors
    /// Where there is none.
    pub fn new() -> Result<Self, PngError> {
        let mut fonts = fontdb::Database::new();
        fonts.load_system_fonts();
        Self::with_fonts(fonts)
    }

    fn with_fonts(mut fonts: fontdb::Database) -> Result<Self, PngError> {
        let families: Vec<String> =
            fonts.faces().filter_map(|face| face.families.first().map(|(name, _)| name.clone())).collect();
        let preferred = FAMILIES.iter().find(|name| families.iter().any(|family| family == *name));
        let family = preferred.map(|name| (*name).to_owned()).or_else(|| families.first().cloned());
        fonts.set_sans_serif_family(family.ok_or(PngError::NoFont)?);
        let ids: Vec<fontdb::ID> = fonts.faces().map(|face| face.id).collect();
        let has_japanese = ids.into_iter().any(|id| has_character(&fonts, id, JAPANESE));
        let options = Options { fontdb: Arc::new(fonts), ..Options::default() };
        Ok(Self { options, has_japanese })
    }

    /// Whether a font has the characters of Japanese labels. Where none has them, pictures have only the English ones.
    #[must_use]
    pub fn has_japanese(&self) -> bool {
        self.has_japanese
    }

    /// The picture of a drawing that stands alone.
    ///
    /// # Errors
    /// Where the drawing cannot be read.
    pub fn png(&self, svg: &str) -> Result<Vec<u8>, PngError> {
        let without_japanese = || svg.replacen("<style>", "<style>.ja{display:none}", 1);
        let svg = if self.has_japanese { svg.to_owned() } else { without_japanese() };
        let tree = Tree::from_str(&svg, &self.options)?;
        let size = tree.size().to_int_size().scale_by(SCALE);
        let size = size.ok_or_else(|| PngError::Picture("it has no size".to_owned()))?;
        let mut picture = Pixmap::new(size.width(), size.height())
            .ok_or_else(|| PngError::Picture("it has no size".to_owned()))?;
        resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
        picture.encode_png().map_err(|error| PngError::Picture(error.to_string()))
    }
}

fn has_character(fonts: &fontdb::Database, id: fontdb::ID, character: char) -> bool {
    let found = fonts.with_face_data(id, |data, index| {
        let font = skrifa::FontRef::from_index(data, index).ok()?;
        font.charmap().map(character).filter(|glyph| glyph.to_u32() != 0)
    });
    found.flatten().is_some()
}

#[cfg(test)]
mod tests {
    use super::{PngError, PngWriter, fontdb};

    #[test]
    fn without_any_font_there_are_no_pictures_and_the_reason_is_told() {
        let error = PngWriter::with_fonts(fontdb::Database::new()).unwrap_err();
        assert!(matches!(error, PngError::NoFont), "{error}");
    }
}
