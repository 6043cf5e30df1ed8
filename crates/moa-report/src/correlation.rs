//! Spearman's rank correlation.

use moa_eval::statistics::normal_interval;

use crate::measured::{Measured, as_f64};

/// The correlation of the ranks of two series, equal values sharing their mean rank; nothing for fewer than four pairs, or where one of
/// the series never changes. The interval is that of Fisher's transformation with the variance for ranks.
///
/// # Source
///
/// Bonett and Wright, "Sample size requirements for estimating Pearson, Kendall and Spearman correlations", Psychometrika 65 (2000).
pub(crate) fn spearman(pairs: &[(f64, f64)]) -> Option<Measured> {
    if pairs.len() < 4 {
        return None;
    }
    let one = ranks(&pairs.iter().map(|pair| pair.0).collect::<Vec<_>>());
    let other = ranks(&pairs.iter().map(|pair| pair.1).collect::<Vec<_>>());
    let rho = pearson(&one, &other)?;
    let error = ((1.0 + rho * rho / 2.0) / (as_f64(pairs.len()) - 3.0)).sqrt();
    // At the ends the transformation has no value, and the interval nothing to say.
    let interval = (rho.abs() < 1.0).then(|| normal_interval(rho.atanh(), error, 0.95).ok()).flatten();
    let mut measured = Measured::new(rho, interval, pairs.len());
    measured.low = measured.low.map(f64::tanh);
    measured.high = measured.high.map(f64::tanh);
    Some(measured)
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let value = |place: &usize| values.get(*place).copied().unwrap_or_default();
    order.sort_by(|one, other| value(one).total_cmp(&value(other)));
    let mut ranks = vec![0.0; values.len()];
    for group in order.chunk_by(|one, other| value(one).total_cmp(&value(other)).is_eq()) {
        let below = values.iter().filter(|of| group.first().is_some_and(|first| **of < value(first))).count();
        let mean = as_f64(below) + f64::midpoint(as_f64(group.len()), 1.0);
        for place in group {
            if let Some(rank) = ranks.get_mut(*place) {
                *rank = mean;
            }
        }
    }
    ranks
}

fn pearson(one: &[f64], other: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / as_f64(values.len());
    let (mean_one, mean_other) = (mean(one), mean(other));
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        one.iter().zip(other).map(|(a, b)| of(a - mean_one, b - mean_other)).sum()
    };
    let spread = (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt();
    (spread > 0.0).then(|| (sum(&|a, b| a * b) / spread).clamp(-1.0, 1.0))
}

#[cfg(test)]
#[path = "correlation_tests.rs"]
mod tests;
