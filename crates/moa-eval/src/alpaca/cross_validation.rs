//! The choice of the regularisation's strength.

use serde::Serialize;

use super::solver::{Sample, WIDTH, fit, sigmoid};
use crate::{EvalError, count};

/// Folds.
pub(crate) const FOLDS: usize = 5;

/// Values of C that are tried: 10^-4 to 10^4, equally far apart in the exponent (scikit-learn's `Cs=10`).
const STRENGTHS: u8 = 10;

/// The package's bound on probabilities before their logarithm is taken.
const EPSILON: f64 = 1e-15;

/// How well a strength of regularisation does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CrossValidated {
    /// The inverse strength.
    pub c: f64,
    /// Minus the mean weighted cross-entropy of the rows left out, averaged over the folds.
    pub score: f64,
}

/// The values of C, weakest first.
pub(crate) fn strengths() -> impl Iterator<Item = f64> {
    (0..STRENGTHS).map(|step| 10.0_f64.powf(-4.0 + 8.0 * f64::from(step) / f64::from(STRENGTHS - 1)))
}

/// Tries every C with folds by row number modulo five.
///
/// The official folds depend on how a sort of equal keys comes out, which differs between processors; these do not.
///
/// # Errors
///
/// Where there are fewer rows than folds.
pub(crate) fn cross_validate(samples: &[Sample]) -> Result<Vec<CrossValidated>, EvalError> {
    if samples.len() < FOLDS {
        let what = "cross-validation";
        return Err(EvalError::TooFewRows { what, rows: samples.len(), needed: FOLDS });
    }
    let mut scores: Vec<CrossValidated> = strengths().map(|c| CrossValidated { c, score: 0.0 }).collect();
    for fold in 0..FOLDS {
        let select = |inside: bool| {
            let rows = samples.iter().enumerate().filter(move |(row, _)| (row % FOLDS == fold) == inside);
            rows.map(|(_, sample)| *sample).collect::<Vec<Sample>>()
        };
        let (train, test) = (select(false), select(true));
        // The fit for one C is a good place to begin for the next.
        let mut coefficients = [0.0; WIDTH];
        for score in &mut scores {
            coefficients = fit(&train, score.c, coefficients)?;
            score.score -= mean_loss(&test, &coefficients) / count::as_f64(FOLDS);
        }
    }
    Ok(scores)
}

/// The C with the best score; the first of equals.
pub(crate) fn best(scores: &[CrossValidated]) -> Option<f64> {
    let best = scores.iter().fold(None, |best: Option<&CrossValidated>, score| match best {
        Some(best) if best.score >= score.score => Some(best),
        _ => Some(score),
    });
    best.map(|score| score.c)
}

/// The weighted cross-entropy, divided by the number of rows and not by the weights, as in the package.
fn mean_loss(samples: &[Sample], coefficients: &[f64; WIDTH]) -> f64 {
    let losses = samples.iter().map(|sample| {
        let probability = sigmoid(sample.logit(coefficients)).clamp(EPSILON, 1.0 - EPSILON);
        -sample.weight * (sample.target * probability.ln() + (1.0 - sample.target) * (1.0 - probability).ln())
    });
    losses.sum::<f64>() / count::as_f64(samples.len())
}
