//! All that the report says, as data.

use serde::Serialize;

use crate::board::{Benchmark, Board, Row};
use crate::boards::{Unscored, boards, without_scores};
use crate::examples::{Examples, examples};
use crate::input::Input;
use crate::layers::{LayerGain, layer_gain};
use crate::likeness::{MixtureLikeness, likenesses};

/// What was found. This is the report's JSON document.
#[derive(Debug, Clone, Serialize)]
pub struct Findings {
    /// The heading.
    pub title: String,
    /// When the report was made.
    pub made_at: String,
    /// Each benchmark under each judge.
    pub boards: Vec<Board>,
    /// Judgments out of which no score could be read.
    pub unscored: Vec<Unscored>,
    /// What each layer gains, where proposals were marked.
    pub layers: Vec<LayerGain>,
    /// The mixtures of which nothing can be said of layers, and why.
    pub without_layers: Vec<String>,
    /// How alike answers and proposals are.
    pub likeness: Vec<MixtureLikeness>,
    /// The best and the worst items.
    pub examples: Vec<Examples>,
    /// What a reader has to know of how the files were read.
    pub remarks: Vec<String>,
}

impl Findings {
    pub(crate) fn of(input: &Input<'_>) -> Self {
        let boards = boards(input);
        let layers: Vec<LayerGain> = input.exact.iter().filter_map(layer_gain).collect();
        Self {
            title: input.title.clone(),
            made_at: input.made_at.clone(),
            unscored: without_scores(input, &boards),
            without_layers: without_layers(&boards, &layers),
            likeness: boards.iter().flat_map(|board| likenesses(input, board)).collect(),
            examples: boards.iter().flat_map(|board| examples(input, board)).collect(),
            remarks: input.remarks.clone(),
            boards,
            layers,
        }
    }

    /// What there is to say of a benchmark that has no board: that its judgments hold no scores, or `otherwise`.
    pub(crate) fn why_missing(&self, is_wanted: impl Fn(&Benchmark) -> bool, otherwise: &str) -> Vec<String> {
        let unscored: Vec<String> =
            self.unscored.iter().filter(|of| is_wanted(&of.benchmark)).map(Unscored::text).collect();
        let has_board = self.boards.iter().any(|board| is_wanted(&board.benchmark));
        if unscored.is_empty() && !has_board { vec![otherwise.to_owned()] } else { unscored }
    }

    /// The rows of mixtures, each with its board.
    pub(crate) fn mixtures(&self) -> impl Iterator<Item = (&Board, &Row)> {
        self.boards
            .iter()
            .flat_map(|board| board.rows.iter().filter(|row| row.is_mixture()).map(move |row| (board, row)))
    }
}

fn without_layers(boards: &[Board], layers: &[LayerGain]) -> Vec<String> {
    let mixtures = boards
        .iter()
        .flat_map(|board| board.rows.iter().filter(|row| row.is_mixture()).map(move |row| (board, row)));
    let missing = mixtures.filter(|(board, row)| {
        !layers.iter().any(|of| of.benchmark == board.benchmark.key() && of.contender == row.contender)
    });
    missing
        .map(|(board, row)| {
            let reason = if board.judge.name.is_some() {
                "the proposals of its layers are kept, but no judge has read them"
            } else {
                "its proposals are not marked: mark the answers anew with `score`"
            };
            format!("{}, {}: {reason}", board.label(), row.contender)
        })
        .collect()
}
