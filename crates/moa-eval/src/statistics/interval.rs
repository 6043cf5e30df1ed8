//! Intervals.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF as _, Normal};

use crate::{EvalError, count};

/// What lies between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

/// Checks that a level of confidence lies between 0 and 1.
pub(crate) fn check_confidence(confidence: f64) -> Result<(), EvalError> {
    if confidence > 0.0 && confidence < 1.0 {
        return Ok(());
    }
    let reason = format!("{confidence} does not lie between 0 and 1");
    Err(EvalError::InvalidOption { name: "the level of confidence", reason })
}

/// The interval around a mean with a standard error, were its errors spread as in a normal distribution. Of many items only: the
/// bounds may lie outside of what the mean can be.
///
/// # Errors
///
/// Where there is no sensible level of confidence.
pub fn normal_interval(mean: f64, standard_error: f64, confidence: f64) -> Result<Interval, EvalError> {
    check_confidence(confidence)?;
    let half = Normal::standard().inverse_cdf(0.5 + confidence / 2.0) * standard_error;
    Ok(Interval { low: mean - half, high: mean + half })
}

/// Wilson's score interval of a share, without correction of continuity: sensible for few items and for shares near 0 and 1.
///
/// # Errors
///
/// Where there are no trials, more successes than trials, or no sensible level of confidence.
///
/// # Source
///
/// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", J. Am. Stat. Assoc. 22 (1927).
pub fn wilson(successes: usize, trials: usize, confidence: f64) -> Result<Interval, EvalError> {
    check_confidence(confidence)?;
    if trials == 0 {
        return Err(EvalError::NothingToScore { what: "the trials" });
    }
    if successes > trials {
        let reason = format!("{successes} of {trials}");
        return Err(EvalError::InvalidOption { name: "the number of successes", reason });
    }
    let z = Normal::standard().inverse_cdf(0.5 + confidence / 2.0);
    let (n, share) = (count::as_f64(trials), count::as_f64(successes) / count::as_f64(trials));
    let denominator = 1.0 + z * z / n;
    let centre = (share + z * z / (2.0 * n)) / denominator;
    let half = z / denominator * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    // At the ends the bounds are exact; rounding must not push them past.
    let low = if successes == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if successes == trials { 1.0 } else { (centre + half).min(1.0) };
    Ok(Interval { low, high })
}
