//! Bootstrap intervals of means, with whole items drawn.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};
use serde::Serialize;

use super::Interval;
use super::interval::check_confidence;
use crate::{EvalError, count};

/// How an interval is computed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bootstrap {
    /// How often the items are drawn anew.
    pub resamples: usize,
    /// The share of the draws that the interval holds.
    pub confidence: f64,
    /// The same seed gives the same interval.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 10_000, confidence: 0.95, seed: 0 }
    }
}

/// A mean with what is known of its precision.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean over all values.
    pub mean: f64,
    /// Where it lies, by the percentiles of the draws.
    pub interval: Interval,
    /// The standard deviation of the draws.
    pub standard_error: f64,
    /// Items.
    pub items: usize,
    /// Values.
    pub values: usize,
}

impl Bootstrap {
    /// The mean of values that come in groups: the answers to one item, which are no independent evidence and so are drawn together.
    /// Groups without values are passed over.
    ///
    /// # Errors
    ///
    /// Where there is no value, a value is not finite, or the options make no sense.
    pub fn mean<'a>(&self, groups: impl IntoIterator<Item = &'a [f64]>) -> Result<Estimate, EvalError> {
        check_confidence(self.confidence)?;
        if self.resamples == 0 {
            let reason = "it has to be at least 1".to_owned();
            return Err(EvalError::InvalidOption { name: "the number of resamples", reason });
        }
        let sums: Vec<(f64, usize)> = groups
            .into_iter()
            .filter(|values| !values.is_empty())
            .map(|values| (values.iter().sum(), values.len()))
            .collect();
        let (total, values) = sums.iter().fold((0.0, 0), |(sum, count), of| (sum + of.0, count + of.1));
        if values == 0 {
            return Err(EvalError::NothingToScore { what: "the items" });
        }
        if !total.is_finite() {
            let reason = "a score is not a finite number".to_owned();
            return Err(EvalError::InvalidOption { name: "the scores", reason });
        }
        let mut draws = self.draws(&sums);
        draws.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - self.confidence) / 2.0;
        Ok(Estimate {
            mean: total / count::as_f64(values),
            interval: Interval { low: quantile(&draws, tail), high: quantile(&draws, 1.0 - tail) },
            standard_error: if draws.len() < 2 { 0.0 } else { count::standard_deviation(&draws) },
            items: sums.len(),
            values,
        })
    }

    /// The means of the resampled items.
    fn draws(&self, sums: &[(f64, usize)]) -> Vec<f64> {
        let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
        let draw = |_| {
            let (mut sum, mut values) = (0.0, 0);
            for _ in 0..sums.len() {
                if let Some((group, count)) = sums.get(below(&mut generator, sums.len())) {
                    sum += group;
                    values += count;
                }
            }
            sum / count::as_f64(values)
        };
        (0..self.resamples).map(draw).collect()
    }
}

/// A number below a bound, each as likely as the others (Lemire's method; ACM Trans. Model. Comput. Simul. 29, 2019).
#[expect(
    clippy::cast_possible_truncation,
    reason = "the halves of a product are what is wanted, and the upper one is below the bound"
)]
fn below(generator: &mut ChaCha8Rng, bound: usize) -> usize {
    let bound = bound as u64;
    let threshold = bound.wrapping_neg() % bound.max(1);
    loop {
        let product = u128::from(generator.next_u64()) * u128::from(bound);
        if product as u64 >= threshold {
            return (product >> 64) as usize;
        }
    }
}

/// A quantile of sorted values, with linear interpolation (R's type 7, `NumPy`'s default).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the place lies within the values"
)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * count::as_f64(sorted.len().saturating_sub(1));
    let index = place as usize;
    let (Some(low), Some(high)) = (sorted.get(index), sorted.get(index + 1).or_else(|| sorted.last())) else {
        return f64::NAN;
    };
    low + (place - count::as_f64(index)) * (high - low)
}
