//! The drawings as pictures.

use super::fixture::{empty, mixture, mt_bench};
use crate::{Input, PngWriter, report};

#[test]
fn every_drawing_stands_alone_and_becomes_a_picture() {
    let mut input = Input {
        mt_bench: mt_bench([9.0, 7.0, 4.0, 6.0], None),
        ..mixture("+-++", "-+--", &[&[("a", "++--"), ("b", "+-+-")]])
    };
    // A name with what XML has no place for, and with what it has to escape.
    for scores in &mut input.exact {
        scores.contender = format!("{} <&\u{1b}\u{0}> \"x\"", scores.contender);
    }
    let report = report(&input);
    let drawings: Vec<String> = report.figures.iter().filter_map(crate::Figure::standalone_svg).collect();
    assert!(drawings.len() >= 6, "{}", drawings.len());
    let Ok(writer) = PngWriter::new() else { return };
    for drawing in drawings {
        let png = writer.png(&drawing).unwrap_or_else(|error| panic!("{error}\n{drawing}"));
        let picture = resvg::tiny_skia::Pixmap::decode_png(&png).unwrap();
        let colours: std::collections::BTreeSet<u32> = picture
            .pixels()
            .iter()
            .map(|pixel| u32::from_be_bytes([pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]))
            .collect();
        assert!(
            picture.width() == 1520 && colours.len() > 8,
            "{} wide, {} colours",
            picture.width(),
            colours.len()
        );
    }
}

#[test]
fn a_report_of_nothing_has_drawings_too() {
    let names: Vec<String> = report(&empty())
        .figures
        .into_iter()
        .filter(|figure| figure.svg.is_some())
        .map(|figure| figure.name)
        .collect();
    assert_eq!(names, ["figure-2-alpaca-eval", "figure-3-mt-bench"]);
}
