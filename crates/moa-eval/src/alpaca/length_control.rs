//! The length-controlled win rate: how often the model would be preferred if its answers were as long as the baseline's.

use serde::Serialize;

use super::cross_validation::{CrossValidated, best, cross_validate};
use super::rows::Rows;
use super::solver::{Sample, WIDTH, fit};
use super::weights::{Coefficients, Predicted};
use super::win_rate::score;
use super::{Comparison, Difficulty, DifficultyOf, GamedRows};
use crate::{EvalError, count};

/// Which terms the model has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub enum Variant {
    /// `length_controlled_v1`, the leaderboard's: lengths, difficulties, and the gamed baselines as regularisation.
    #[default]
    #[serde(rename = "length_controlled_v1")]
    V1,
    /// `length_controlled_noreg`: without the gamed baselines.
    #[serde(rename = "length_controlled_noreg")]
    NoRegularization,
    /// `length_controlled_minimal`: without the gamed baselines and the difficulties.
    #[serde(rename = "length_controlled_minimal")]
    Minimal,
}

/// What the fit gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LengthControlled {
    /// The variant.
    pub variant: Variant,
    /// The win rate at equal lengths, over all rows of the file.
    pub length_controlled_winrate: f64,
    /// Its standard error.
    pub lc_standard_error: f64,
    /// The inverse strength of the regularisation; nothing for the baseline itself, which is not fitted.
    pub c: Option<f64>,
    /// What the fit learned.
    pub coefficients: Coefficients,
    /// How every C did, where C was not fixed.
    pub cross_validation: Vec<CrossValidated>,
    /// The prediction of each row, in [0, 1]: `glm_preference` of the annotations.
    #[serde(skip)]
    pub predictions: Vec<f64>,
}

/// What the fit is made from.
pub(crate) struct Inputs<'a> {
    pub(crate) rows: &'a [Comparison],
    pub(crate) difficulty: Option<&'a Difficulty>,
    pub(crate) difficulty_of: DifficultyOf,
    pub(crate) gamed: Option<&'a GamedRows>,
}

impl LengthControlled {
    /// The baseline against itself: by construction a draw.
    pub(crate) fn of_baseline(variant: Variant, rows: usize) -> Self {
        Self {
            variant,
            length_controlled_winrate: 50.0,
            lc_standard_error: 0.0,
            c: None,
            coefficients: Coefficients::default(),
            cross_validation: Vec::new(),
            predictions: vec![0.5; rows],
        }
    }

    /// Fits the model with a given C or the one that cross-validation likes best.
    ///
    /// # Errors
    ///
    /// Where there is too little to fit, or a difficulty is not known.
    pub(crate) fn fitted(inputs: &Inputs<'_>, variant: Variant, c: Option<f64>) -> Result<Self, EvalError> {
        let difficulties = difficulties(inputs, variant)?;
        let model = model_samples(inputs.rows, &difficulties)?;
        // The gamed rows come first: folds go by the number of the row.
        let mut samples = match (variant, inputs.gamed) {
            (Variant::V1, Some(gamed)) => gamed.samples().to_vec(),
            _ => Vec::new(),
        };
        samples.extend(model);
        let cross_validation = if c.is_some() { Vec::new() } else { cross_validate(&samples)? };
        let c = c.or_else(|| best(&cross_validation)).ok_or(EvalError::NotConverged { c: f64::NAN })?;
        let [length, difficulty, constant] = fit(&[&Rows::of(samples)], c, [0.0; WIDTH])?;
        let coefficients = Coefficients { length, difficulty, constant };
        let predictions: Vec<f64> = difficulties.iter().map(|value| coefficients.predict(*value)).collect();
        let predicted = Predicted::of(&predictions);
        Ok(Self {
            variant,
            length_controlled_winrate: predicted.win_rate,
            lc_standard_error: predicted.standard_error,
            c: Some(c),
            coefficients,
            cross_validation,
            predictions,
        })
    }
}

/// The difficulty of each row; zero, which takes the term away, where the variant has none.
fn difficulties(inputs: &Inputs<'_>, variant: Variant) -> Result<Vec<f64>, EvalError> {
    let rows = inputs.rows.iter().enumerate();
    match (variant, inputs.difficulty) {
        (Variant::Minimal, _) => Ok(vec![0.0; inputs.rows.len()]),
        (_, Some(difficulty)) => rows
            .map(|(row, comparison)| difficulty.of(row, &comparison.instruction, inputs.difficulty_of))
            .collect(),
        (_, None) => Err(EvalError::UnknownDifficulty { instruction: "any instruction".to_owned() }),
    }
}

/// The rows with a preference. Lengths are standardised by the deviation over all rows, with no mean taken off.
fn model_samples(rows: &[Comparison], difficulties: &[f64]) -> Result<Vec<Sample>, EvalError> {
    let differences: Vec<f64> =
        rows.iter().map(|row| count::as_f64(row.output_1.0) - count::as_f64(row.output_2.0)).collect();
    let deviation = count::standard_deviation(&differences);
    let samples: Vec<Sample> = rows
        .iter()
        .zip(&differences)
        .zip(difficulties)
        .filter_map(|((row, difference), difficulty)| {
            let features = [standardized(*difference, deviation).tanh(), *difficulty, 1.0];
            score(row.preference).map(|target| Sample { features, target, weight: 1.0 })
        })
        .collect();
    if samples.is_empty() || !deviation.is_finite() {
        let what = "the length-controlled win rate";
        return Err(EvalError::TooFewRows { what, rows: samples.len(), needed: 2 });
    }
    Ok(samples)
}

/// Equal lengths stay equal where all rows differ by the same, and division by zero would say nothing.
fn standardized(difference: f64, deviation: f64) -> f64 {
    if difference == 0.0 { 0.0 } else { difference / deviation }
}
