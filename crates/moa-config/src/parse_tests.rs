use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::FileKind;
use crate::fixture::{rendered, user};

fn parsed(text: &str) -> Result<SourceFile, Vec<Problem>> {
    let path = PathBuf::from("x.toml");
    parse(SourceFile { kind: FileKind::User, path, text: text.to_owned(), raw: RawFile::default() })
}

/// Pieces that a mistake may put anywhere.
const PIECES: [&str; 18] = [
    "\"",
    "'",
    "=",
    "[",
    "]",
    "{",
    "}",
    "\n",
    "[[presets.local.layer]]\n",
    "presets.local.layers = 1\n",
    "-1",
    "nan",
    "true",
    "\u{0}",
    "é",
    "api-key = \"x\"",
    "extends = \"moa\"",
    "1e999",
];

proptest! {
    #[test]
    fn rubbish_is_answered_and_never_panics(text in "\\PC{0,200}") {
        if let Err(error) = user(&text) {
            prop_assert!(!rendered(&error).is_empty());
        }
    }

    #[test]
    fn a_damaged_file_is_answered_and_never_panics(
        at in 0_usize..6000,
        cut in 0_usize..40,
        piece in proptest::sample::select(PIECES.as_slice()),
    ) {
        let text: Vec<char> = include_str!("builtin.toml").chars().collect();
        let start = at.min(text.len());
        let end = (start + cut).min(text.len());
        let damaged: String =
            text[..start].iter().copied().chain(piece.chars()).chain(text[end..].iter().copied()).collect();
        if let Err(error) = user(&damaged) {
            prop_assert!(!rendered(&error).is_empty());
        }
    }
}

#[test]
fn many_mistakes_are_cut_short() {
    let lines: Vec<String> = (0..100).map(|index| format!("key-{index} = 1")).collect();
    let text = lines.join("\n");
    assert_eq!(parsed(&text).unwrap_err().len(), MOST_MISTAKES);
}

#[test]
fn deep_nesting_is_refused_without_a_crash() {
    for (open, close) in [("[", "]"), ("{ a = ", "}")] {
        let text = format!("models = {}1{}", open.repeat(100_000), close.repeat(100_000));
        assert!(parsed(&text).is_err());
    }
    let dotted = format!("{}a = 1", "a.".repeat(100_000));
    assert!(parsed(&dotted).is_err());
    let header = format!("[{}a]", "a.".repeat(100_000));
    assert!(parsed(&header).is_err());
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_accepted() {
    let file = parsed("\u{feff}default-preset = \"tiny\"\r\n\r\n[engine]\r\ncores = 2\r\n").unwrap();
    let cores = file.raw.engine.cores.as_ref().unwrap();
    assert_eq!(file.origin(cores.span().start).to_string(), "user x.toml:4");
}
