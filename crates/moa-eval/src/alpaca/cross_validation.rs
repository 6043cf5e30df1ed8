//! The choice of the regularisation's strength.

use serde::Serialize;

use super::rows::Rows;
use super::solver::{Descent, Sample, WIDTH};
use crate::{EvalError, count};

/// Folds.
pub(crate) const FOLDS: usize = 5;

/// Values of C that are tried: 10^-4 to 10^4, equally far apart in the exponent (scikit-learn's `Cs=10`).
const STRENGTHS: u8 = 10;

/// Where a fit that is only compared with others may end: what is left is of the order of its square, and scores differ by far more.
const LAST_STEP: f64 = 1e-4;

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
    let part = |fold: usize| {
        let rows = samples.iter().enumerate().filter(move |(row, _)| row % FOLDS == fold);
        Rows::of(rows.map(|(_, sample)| *sample))
    };
    let parts: [Rows; FOLDS] = std::array::from_fn(part);
    for (fold, test) in parts.iter().enumerate() {
        let train: Vec<&Rows> =
            parts.iter().enumerate().filter(|(part, _)| *part != fold).map(|(_, rows)| rows).collect();
        let mut descent = Descent::from(&train, [0.0; WIDTH]);
        for score in &mut scores {
            let coefficients = descent.to(score.c, LAST_STEP)?;
            score.score -= test.mean_loss(&coefficients) / count::as_f64(FOLDS);
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
