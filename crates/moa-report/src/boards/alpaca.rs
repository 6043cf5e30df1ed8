//! `AlpacaEval`: a board for each judge.

use moa_eval::alpaca::{self, AlpacaScore, Comparison, Options, References, WinRate};
use moa_eval::statistics::{ItemScore, normal_interval};

use super::distinct;
use crate::board::{Benchmark, Board, Judge, Part, PartKind, Row};
use crate::facts::{Facts, answers, members};
use crate::input::{AlpacaFile, Input};
use crate::measured::Measured;

pub(super) const LENGTH_CONTROLLED: &str = "length-controlled win rate";
const PLAIN: &str = "win rate";
const DISCRETE: &str = "discrete win rate";

pub(super) fn boards(input: &Input<'_>) -> Vec<Board> {
    let files = &input.alpaca.files;
    distinct(files.iter().map(judge)).into_iter().filter_map(|of| board(input, &of)).collect()
}

/// Who judged, and how often.
pub(super) fn judges(input: &Input<'_>) -> Vec<(Benchmark, Judge, usize)> {
    let files = &input.alpaca.files;
    let count =
        |of: &Judge| files.iter().filter(|file| judge(file) == *of).map(|file| file.annotations.len()).sum();
    distinct(files.iter().map(judge))
        .into_iter()
        .map(|of| (Benchmark::AlpacaEval, of.clone(), count(&of)))
        .collect()
}

fn judge(file: &AlpacaFile) -> Judge {
    let first = file.annotations.first();
    Judge {
        name: Some(first.map_or_else(|| "an unnamed judge".to_owned(), |row| row.annotator.clone())),
        note: file.annotations.iter().find_map(|row| row.note.clone()),
    }
}

fn board(input: &Input<'_>, of: &Judge) -> Option<Board> {
    let (mut rows, mut warnings) = (Vec::new(), Vec::new());
    for file in input.alpaca.files.iter().filter(|file| judge(file) == *of) {
        match row(input, file) {
            Ok((row, of_row)) => {
                warnings.extend(of_row.into_iter().map(|warning| format!("{}: {warning}", file.contender)));
                rows.push(row);
            }
            Err(error) => warnings.push(format!("{}: {error}", file.contender)),
        }
    }
    if rows.is_empty() {
        return None;
    }
    let board = Board::new(Benchmark::AlpacaEval, of.clone(), rows, input.base.as_deref());
    Some(Board { warnings, ..board })
}

fn row(input: &Input<'_>, file: &AlpacaFile) -> Result<(Row, Vec<String>), moa_eval::EvalError> {
    let comparisons: Vec<Comparison> = file.annotations.iter().map(Comparison::from).collect();
    let references =
        References { difficulty: input.alpaca.difficulty.as_ref(), gamed: input.alpaca.gamed.as_ref() };
    let options = Options { model: Some(file.contender.clone()), ..Options::default() };
    let score = alpaca::score(&comparisons, &references, &options)?;
    let parts = parts(&score);
    let main = parts.iter().find(|part| part.name == LENGTH_CONTROLLED).or_else(|| parts.first());
    let Some(main) = main else {
        return Err(moa_eval::EvalError::NothingToScore { what: "the annotations" });
    };
    let set = answers(input, "alpaca-eval", &file.contender);
    let texts = file.annotations.iter().map(|row| row.output_2.as_str());
    let row = Row {
        contender: file.contender.clone(),
        members: members(set),
        score: main.measured,
        score_name: if main.name == LENGTH_CONTROLLED { LENGTH_CONTROLLED } else { PLAIN },
        n_invalid: comparisons.len() - score.win_rate.n_total,
        facts: Facts::of(set).with_texts(texts),
        against_base: None,
        against_member: None,
        items: comparisons.iter().map(item).collect(),
        parts,
    };
    Ok((row, score.warnings))
}

/// The preference for the model in [0, 1], by the rules of the win rate.
fn item(comparison: &Comparison) -> ItemScore {
    let rate = WinRate::of(std::iter::once(comparison.preference)).ok();
    ItemScore { item: comparison.instruction.clone(), score: rate.map(|rate| rate.win_rate / 100.0) }
}

fn parts(score: &AlpacaScore) -> Vec<Part> {
    let rates = &score.win_rate;
    let part = |name: &str, value: f64, error: Option<f64>, n: usize| {
        let interval = error.and_then(|error| normal_interval(value, error, 0.95).ok());
        Part { kind: PartKind::Rate, name: name.to_owned(), measured: Measured::new(value, interval, n) }
    };
    let mut parts = vec![
        part(PLAIN, rates.win_rate, Some(rates.standard_error), rates.n_total),
        part(DISCRETE, rates.discrete_win_rate, None, rates.n_total),
    ];
    if let Some(value) = score.length_controlled_winrate {
        parts.insert(0, part(LENGTH_CONTROLLED, value, score.lc_standard_error, score.n_rows));
    }
    parts
}
