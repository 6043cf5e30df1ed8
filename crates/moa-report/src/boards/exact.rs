//! Tasks whose answers are right or wrong: a board for each benchmark.

use moa_eval::exact::Scores;

use super::distinct;
use crate::board::{Benchmark, Board, Judge, Row};
use crate::facts::{Facts, answers, members};
use crate::input::Input;
use crate::measured::Measured;

pub(super) fn boards(input: &Input<'_>) -> Vec<Board> {
    let benchmarks = distinct(input.exact.iter().map(|scores| scores.benchmark.as_str()));
    let board = |benchmark: &str| {
        let of = input.exact.iter().filter(|scores| scores.benchmark == benchmark);
        let rows: Vec<Row> = of.filter_map(|scores| row(input, scores)).collect();
        let judge = Judge { name: None, note: None };
        Board::new(Benchmark::Exact(benchmark.to_owned()), judge, rows, input.base.as_deref())
    };
    benchmarks.into_iter().map(board).filter(|board| !board.rows.is_empty()).collect()
}

fn row(input: &Input<'_>, scores: &Scores) -> Option<Row> {
    let summary = scores.summary().ok()?;
    let set = answers(input, &scores.benchmark, &scores.contender);
    Some(Row {
        contender: scores.contender.clone(),
        members: members(set),
        score: Measured::new(summary.accuracy, Some(summary.interval), summary.n).times(100.0),
        score_name: "right answers",
        n_invalid: summary.invalid,
        parts: Vec::new(),
        facts: facts(scores, set.map(|set| Facts::of(Some(set)))),
        against_base: None,
        against_member: None,
        // What cannot be marked counts as not right, as in the share.
        items: scores.item_scores(true),
    })
}

/// The marks say what the answers took too; their lengths only the journal does.
fn facts(scores: &Scores, of_journal: Option<Facts>) -> Facts {
    let items = &scores.items;
    let mean = |values: Vec<f64>| Measured::mean_of(&values);
    let costs: Option<Vec<f64>> = items.iter().map(|item| item.usage.cost_usd).collect();
    Facts {
        characters: of_journal.and_then(|facts| facts.characters),
        written_tokens: mean(items.iter().map(|of| f64::from(of.usage.completion_tokens)).collect()),
        read_tokens: mean(items.iter().map(|of| f64::from(of.usage.prompt_tokens)).collect()),
        seconds: mean(items.iter().map(|of| of.wall_ms / 1e3).collect()),
        cost_usd: costs.and_then(mean),
        cut_off: Some(items.iter().filter(|item| item.is_cut_off).count()),
        degraded: Some(items.iter().filter(|item| item.degraded).count()),
    }
}
