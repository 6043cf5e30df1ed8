//! The win rate that knows nothing of lengths.

use serde::Serialize;

use super::verdict::DRAW;
use crate::{EvalError, count};

/// How often the model is preferred. Rates are percentages.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WinRate {
    /// The mean preference for the model.
    pub win_rate: f64,
    /// Its standard error; NaN (null in JSON) for a single row.
    pub standard_error: f64,
    /// Rows in which the model is better.
    pub n_wins: usize,
    /// Rows in which the baseline is better.
    pub n_wins_base: usize,
    /// Rows whose preference is exactly 1.5, or 0 as older files write it.
    pub n_draws: usize,
    /// Rows with a preference.
    pub n_total: usize,
    /// The mean where each preference counts as a win, a draw or a loss.
    pub discrete_win_rate: f64,
}

impl WinRate {
    /// Sums up the preferences of a file. Those that are missing or not within [1, 2] are left out.
    ///
    /// # Errors
    ///
    /// Where none is left.
    ///
    /// # Source
    ///
    /// `metrics.get_winrate` with its two scoring rules.
    pub fn of(preferences: impl Iterator<Item = Option<f64>> + Clone) -> Result<Self, EvalError> {
        let scores: Vec<f64> = preferences.clone().filter_map(score).collect();
        if scores.is_empty() {
            return Err(EvalError::NothingToScore { what: "the annotations" });
        }
        // This rule rounds first and looks at the range then, so 0.9 counts here and not above.
        let discrete: Vec<f64> = preferences
            .clone()
            .filter_map(|preference| {
                score(preference.map(|value| if value == DRAW { DRAW } else { value.round_ties_even() }))
            })
            .collect();
        let is_draw =
            |preference: &Option<f64>| preference.is_some_and(|value| value == DRAW || value == 0.0);
        Ok(Self {
            win_rate: 100.0 * count::mean(&scores),
            standard_error: 100.0 * count::standard_deviation(&scores) / count::as_f64(scores.len()).sqrt(),
            n_wins: scores.iter().filter(|score| **score > 0.5).count(),
            n_wins_base: scores.iter().filter(|score| **score < 0.5).count(),
            n_draws: preferences.filter(is_draw).count(),
            n_total: scores.len(),
            discrete_win_rate: 100.0 * count::mean(&discrete),
        })
    }
}

/// The preference for the model in [0, 1]; nothing where there is none.
pub(crate) fn score(preference: Option<f64>) -> Option<f64> {
    let value = preference?;
    let value = if value == 0.0 { DRAW } else { value };
    (1.0..=2.0).contains(&value).then_some(value - 1.0)
}
