//! Numbers with what a reader needs to believe them.

use std::fmt::Write as _;

use moa_eval::statistics::{Bootstrap, Estimate, Interval};
use serde::Serialize;

/// A count as a number to divide by. Exact up to 2^53, which no file reaches.
#[expect(clippy::cast_precision_loss, reason = "counts of rows stay below 2^53")]
pub(crate) fn as_f64(count: usize) -> f64 {
    count as f64
}

/// A number, where it lies with 95 % confidence, and of how many things it is a mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measured {
    /// The number.
    pub value: f64,
    /// The lower bound; nothing where none is known.
    pub low: Option<f64>,
    /// The upper bound.
    pub high: Option<f64>,
    /// Of so many things; nothing where a publication does not say.
    pub n: Option<usize>,
}

impl Measured {
    pub(crate) fn new(value: f64, interval: Option<Interval>, n: usize) -> Self {
        let bounds = interval.filter(|interval| interval.low.is_finite() && interval.high.is_finite());
        Self { value, low: bounds.map(|of| of.low), high: bounds.map(|of| of.high), n: Some(n) }
    }

    /// A number that somebody else published without saying how sure it is.
    pub(crate) fn published(value: f64) -> Self {
        Self { value, low: None, high: None, n: None }
    }

    /// The mean of groups of values that are drawn together. Nothing of nothing.
    pub(crate) fn mean<'a>(groups: impl IntoIterator<Item = &'a [f64]>) -> Option<Self> {
        Bootstrap::default().mean(groups).ok().map(|estimate| Self::from(&estimate))
    }

    /// The mean of independent values.
    pub(crate) fn mean_of(values: &[f64]) -> Option<Self> {
        Self::mean(values.chunks(1))
    }

    /// Everything times a factor: a share as a percentage.
    pub(crate) fn times(self, factor: f64) -> Self {
        let scaled = |value: f64| value * factor;
        Self { value: scaled(self.value), low: self.low.map(scaled), high: self.high.map(scaled), ..self }
    }

    /// `61.2 (58.0 to 64.4), n 805`
    pub(crate) fn text(&self, decimals: usize) -> String {
        let mut text = format!("{:.decimals$}", self.value);
        if let (Some(low), Some(high)) = (self.low, self.high) {
            let _ = write!(text, " ({low:.decimals$} to {high:.decimals$})");
        }
        if let Some(n) = self.n {
            let _ = write!(text, ", n {n}");
        }
        text
    }
}

impl From<&Estimate> for Measured {
    fn from(estimate: &Estimate) -> Self {
        // Of one item nothing is known of the spread: the draws are all the same.
        let interval = (estimate.items > 1).then_some(estimate.interval);
        Self::new(estimate.mean, interval, estimate.values)
    }
}
