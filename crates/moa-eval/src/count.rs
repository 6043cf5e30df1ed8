//! Counts as floating-point numbers.

/// A count as a number to divide by. Exact up to 2^53, which no file reaches.
#[expect(clippy::cast_precision_loss, reason = "counts of rows stay below 2^53")]
pub(crate) fn as_f64(count: usize) -> f64 {
    count as f64
}

/// The mean; NaN of nothing.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / as_f64(values.len())
}

/// The standard deviation with one degree of freedom less, as pandas computes it; NaN of fewer than two values.
pub(crate) fn standard_deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / as_f64(values.len() - 1)).sqrt()
}
