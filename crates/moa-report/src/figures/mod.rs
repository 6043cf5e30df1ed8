//! The figures, one subject a file.

mod alpaca;
mod exact;
mod flask;
mod layers;
mod length;
mod likeness;
mod mt_bench;
mod price;
mod question;

use std::collections::HashSet;

use crate::board::{Benchmark, Board};
use crate::figure::Section;
use crate::findings::Findings;
use crate::input::Input;
use crate::palette::Palette;

/// What the figures are drawn from.
struct Source<'a> {
    input: &'a Input<'a>,
    findings: &'a Findings,
    palette: Palette,
}

impl Source<'_> {
    fn boards(&self, wanted: impl Fn(&Benchmark) -> bool) -> impl Iterator<Item = &Board> {
        self.findings.boards.iter().filter(move |board| wanted(&board.benchmark))
    }
}

/// All sections with figures, in the order of the page.
pub(crate) fn sections(input: &Input<'_>, findings: &Findings) -> Vec<Section> {
    let source = Source { input, findings, palette: Palette::of(&findings.boards) };
    let mut sections = vec![
        question::section(&source),
        alpaca::section(&source),
        mt_bench::section(&source),
        flask::section(&source),
        exact::section(&source),
        length::section(&source),
        price::section(&source),
        layers::section(&source),
        likeness::section(&source),
    ];
    make_names_unique(&mut sections);
    sections
}

/// Names of contenders and judges may differ in nothing that a file's name can hold.
fn make_names_unique(sections: &mut [Section]) {
    let mut taken = HashSet::new();
    for figure in sections.iter_mut().flat_map(|section| &mut section.figures) {
        let name = figure.name.clone();
        let mut number = 2;
        while !taken.insert(figure.name.clone()) {
            figure.name = format!("{name}-{number}");
            number += 1;
        }
    }
}

/// What stands under a figure of a board.
fn caption(board: &Board) -> Vec<String> {
    vec![format!(
        "{}: {}; intervals {}; n as stated; {}.",
        board.benchmark.title(),
        board.benchmark.score_name(),
        board.benchmark.interval_name(),
        board.judge.text()
    )]
}

/// A name as a part of a file's name.
fn file_part(name: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "._".contains(character);
    name.chars().map(|character| if is_plain(character) { character } else { '-' }).collect()
}

/// The part of a file's name that tells boards apart.
fn board_part(board: &Board) -> String {
    let judge = board.judge.name.as_ref().map(|name| format!("-{}", file_part(name))).unwrap_or_default();
    format!("{}{judge}", file_part(board.benchmark.key()))
}
