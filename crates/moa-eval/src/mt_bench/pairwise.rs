//! The scores of pairwise comparison.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{GameWinner, PairJudgment};
use crate::{EvalError, count};

/// The games of one model. Rates are fractions, as the official script prints them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairwiseRow {
    /// The model.
    pub model: String,
    /// Comparisons won in both games.
    pub win: usize,
    /// Comparisons lost in both games.
    pub loss: usize,
    /// Comparisons that ended otherwise.
    pub tie: usize,
    /// Wins among all.
    pub win_rate: f64,
    /// Losses among all.
    pub loss_rate: f64,
    /// The same with half a win for each tie.
    pub win_rate_adjusted: f64,
}

/// Sums up comparisons per model, best first by the adjusted rate (equals by name). A model wins a comparison if it wins both games.
/// Comparisons in which a game has no verdict are left out.
///
/// With a `baseline` only comparisons with it count, and it gets no row itself.
///
/// # Errors
///
/// Where nothing is left.
///
/// # Source
///
/// `display_result_pairwise` in `show_result.py`.
pub fn score_pairwise(
    judgments: &[PairJudgment],
    baseline: Option<&str>,
) -> Result<Vec<PairwiseRow>, EvalError> {
    let mut models: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut add = |model, outcome: usize| models.entry(model).or_default()[outcome] += 1;
    let (win, loss, tie) = (0, 1, 2);
    for row in judgments {
        let has_error = [row.g1_winner, row.g2_winner].contains(&GameWinner::Error);
        let concerns = |baseline: &str| row.model_1 == baseline || row.model_2 == baseline;
        if has_error || !baseline.is_none_or(concerns) {
            continue;
        }
        let (first, second) = match (row.g1_winner, row.g2_winner) {
            (GameWinner::Model1, GameWinner::Model1) => (win, loss),
            (GameWinner::Model2, GameWinner::Model2) => (loss, win),
            _ => (tie, tie),
        };
        add(row.model_1.as_str(), first);
        add(row.model_2.as_str(), second);
    }
    let mut rows: Vec<PairwiseRow> = models
        .into_iter()
        .filter(|(model, _)| baseline != Some(*model))
        .map(|(model, [win, loss, tie])| row(model, win, loss, tie))
        .collect();
    if rows.is_empty() {
        return Err(EvalError::NothingToScore { what: "the judgments" });
    }
    rows.sort_by(|left, right| right.win_rate_adjusted.total_cmp(&left.win_rate_adjusted));
    Ok(rows)
}

fn row(model: &str, win: usize, loss: usize, tie: usize) -> PairwiseRow {
    let games = count::as_f64(win + loss + tie);
    let (wins, ties) = (count::as_f64(win), count::as_f64(tie));
    PairwiseRow {
        model: model.to_owned(),
        win,
        loss,
        tie,
        win_rate: wins / games,
        loss_rate: count::as_f64(loss) / games,
        win_rate_adjusted: (wins + 0.5 * ties) / games,
    }
}
