//! Rows of the length-controlled model in the order in which a fit reads them: eight side by side, in columns.

use std::array::from_fn;

use wide::f64x8;

use super::solver::{Sample, Vector, WIDTH};
use crate::count;

/// Rows that are read together.
const LANES: usize = 8;

/// So many factors between 1 and 2 multiply to a number that is finite, so that one logarithm serves them all.
const FACTORS: usize = 1_000;

/// The package's bound on probabilities before their logarithm is taken.
const EPSILON: f64 = 1e-15;

/// Rows, those of one weight together.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    groups: Vec<Group>,
    count: usize,
}

#[derive(Debug, Clone)]
struct Group {
    weight: f64,
    batches: Vec<Batch>,
}

/// Eight rows, or fewer and zeros.
#[derive(Debug, Clone, Copy)]
struct Batch {
    features: [f64x8; WIDTH],
    target: f64x8,
    /// One for a row, zero for none.
    present: f64x8,
}

/// Sums over rows, each times its weight: the cross-entropy of what coefficients predict, and its first two derivatives.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) loss: f64,
    pub(super) gradient: Vector,
    pub(super) curvature: [Vector; WIDTH],
}

impl Rows {
    pub(super) fn of(samples: impl IntoIterator<Item = Sample>) -> Self {
        let mut rows = Self::default();
        let mut waiting: Vec<Sample> = Vec::with_capacity(LANES);
        for sample in samples {
            let goes_on =
                waiting.first().is_none_or(|first| first.weight.to_bits() == sample.weight.to_bits());
            if !goes_on || waiting.len() == LANES {
                rows.push(&waiting);
                waiting.clear();
            }
            waiting.push(sample);
            rows.count += 1;
        }
        rows.push(&waiting);
        rows
    }

    /// Adds at most eight rows of one weight.
    fn push(&mut self, samples: &[Sample]) {
        let Some(weight) = samples.first().map(|sample| sample.weight) else { return };
        let column =
            |of: &dyn Fn(&Sample) -> f64| f64x8::from(from_fn(|lane| samples.get(lane).map_or(0.0, of)));
        let batch = Batch {
            features: from_fn(|feature| column(&|sample| sample.features[feature])),
            target: column(&|sample| sample.target),
            present: column(&|_| 1.0),
        };
        match self.groups.iter_mut().find(|group| group.weight.to_bits() == weight.to_bits()) {
            Some(group) => group.batches.push(batch),
            None => self.groups.push(Group { weight, batches: vec![batch] }),
        }
    }

    /// The cross-entropy of what the coefficients predict, its gradient and its curvature.
    pub(super) fn sums(parts: &[&Self], coefficients: &Vector) -> Sums {
        let coefficients = coefficients.map(f64x8::splat);
        let mut sums = Sums::default();
        for group in parts.iter().flat_map(|rows| &rows.groups) {
            for batches in group.batches.chunks(FACTORS) {
                let mut lanes = Lanes::default();
                for batch in batches {
                    lanes.add(batch, &coefficients);
                }
                lanes.reduce_into(&mut sums, group.weight);
            }
        }
        for row in 0..WIDTH {
            for column in 0..row {
                sums.curvature[column][row] = sums.curvature[row][column];
            }
        }
        sums
    }

    /// The weighted cross-entropy, divided by the number of rows and not by the weights, as in the package.
    pub(super) fn mean_loss(&self, coefficients: &Vector) -> f64 {
        let coefficients = coefficients.map(f64x8::splat);
        let mut loss = 0.0;
        for group in &self.groups {
            let mut lanes = f64x8::ZERO;
            for batch in &group.batches {
                let likely = batch
                    .predicted(&coefficients)
                    .probability
                    .max(f64x8::splat(EPSILON))
                    .min(f64x8::splat(1.0 - EPSILON));
                let unlikely = f64x8::ONE - likely;
                let gain = batch.target * likely.ln() + (f64x8::ONE - batch.target) * unlikely.ln();
                lanes -= gain * batch.present;
            }
            loss += group.weight * lanes.reduce_add();
        }
        loss / count::as_f64(self.count)
    }
}

/// What coefficients say of eight rows.
struct Predicted {
    logit: f64x8,
    /// `exp(-|logit|)`.
    small: f64x8,
    probability: f64x8,
    /// The derivative of the probability by the logit.
    bend: f64x8,
}

impl Batch {
    fn predicted(&self, coefficients: &[f64x8; WIDTH]) -> Predicted {
        let mut logit = f64x8::ZERO;
        for (feature, coefficient) in self.features.iter().zip(coefficients) {
            logit = feature.mul_add(*coefficient, logit);
        }
        let small = (-logit.abs()).exp();
        let inverse = f64x8::ONE / (f64x8::ONE + small);
        let probability = logit.simd_lt(f64x8::ZERO).select(small * inverse, inverse);
        Predicted { logit, small, probability, bend: small * inverse * inverse }
    }
}

/// Sums of each lane, without the weight.
struct Lanes {
    loss: f64x8,
    /// The product of `1 + exp(-|logit|)`: ln(1 + x) + ln(1 + y) is one logarithm of a product.
    product: f64x8,
    gradient: [f64x8; WIDTH],
    /// The lower half; the rest is zero.
    curvature: [[f64x8; WIDTH]; WIDTH],
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            loss: f64x8::ZERO,
            product: f64x8::ONE,
            gradient: [f64x8::ZERO; WIDTH],
            curvature: [[f64x8::ZERO; WIDTH]; WIDTH],
        }
    }
}

impl Lanes {
    /// Where there is no row, the features are zero, and so is all that they multiply.
    fn add(&mut self, batch: &Batch, coefficients: &[f64x8; WIDTH]) {
        let Predicted { logit, small, probability, bend } = batch.predicted(coefficients);
        self.loss += logit.max(f64x8::ZERO) - batch.target * logit;
        self.product *= small.mul_add(batch.present, f64x8::ONE);
        let slope = probability - batch.target;
        for row in 0..WIDTH {
            self.gradient[row] = slope.mul_add(batch.features[row], self.gradient[row]);
            let bent = bend * batch.features[row];
            for column in 0..=row {
                self.curvature[row][column] =
                    bent.mul_add(batch.features[column], self.curvature[row][column]);
            }
        }
    }

    fn reduce_into(&self, sums: &mut Sums, weight: f64) {
        sums.loss += weight * (self.loss + self.product.ln()).reduce_add();
        for row in 0..WIDTH {
            sums.gradient[row] += weight * self.gradient[row].reduce_add();
            for column in 0..=row {
                sums.curvature[row][column] += weight * self.curvature[row][column].reduce_add();
            }
        }
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
