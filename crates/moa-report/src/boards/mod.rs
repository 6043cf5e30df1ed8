//! From the files of each benchmark to its boards.

mod alpaca;
mod exact;
mod flask;
mod mt_bench;

use serde::Serialize;

use crate::board::{Benchmark, Board, Judge};
use crate::input::Input;

/// All boards: the judged benchmarks first, in the article's order.
pub(crate) fn boards(input: &Input<'_>) -> Vec<Board> {
    let mut boards = alpaca::boards(input);
    boards.extend(mt_bench::boards(input));
    boards.extend(flask::boards(input));
    boards.extend(exact::boards(input));
    boards
}

/// The judges whose judgments hold no score at all, so that there is no board of theirs.
pub(crate) fn without_scores(input: &Input<'_>, boards: &[Board]) -> Vec<Unscored> {
    let mut judges = alpaca::judges(input);
    judges.extend(mt_bench::judges(input));
    judges.extend(flask::judges(input));
    let has_board = |benchmark: &Benchmark, judge: &Judge| {
        boards.iter().any(|board| board.benchmark == *benchmark && board.judge == *judge)
    };
    judges
        .into_iter()
        .filter(|(benchmark, judge, _)| !has_board(benchmark, judge))
        .map(|(benchmark, judge, judgments)| Unscored { benchmark, judge, judgments })
        .collect()
}

/// Judgments that hold no score.
#[derive(Debug, Clone, Serialize)]
pub struct Unscored {
    /// The benchmark.
    pub benchmark: Benchmark,
    /// Who judged.
    pub judge: Judge,
    /// How many judgments there are.
    pub judgments: usize,
}

impl Unscored {
    pub(crate) fn text(&self) -> String {
        format!(
            "{} was judged, but none of the {} judgments holds a score that can be read ({}).",
            self.benchmark.title(),
            self.judgments,
            self.judge.text()
        )
    }
}

/// The values without the repeated ones, in the order in which they come first.
fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut found: Vec<T> = Vec::new();
    for value in values {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}
