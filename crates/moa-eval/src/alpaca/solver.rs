//! Logistic regression on soft labels with an L1 penalty, solved to the end.
//!
//! The official package has liblinear approximate the same optimum (tolerance 1e-4). Three coefficients allow better: proximal Newton
//! steps, whose quadratic problem coordinate descent solves at once, with a line search that always goes down (Lee, Sun and Saunders,
//! "Proximal Newton-type methods for minimizing composite functions", SIAM J. Optim. 2014).

use crate::EvalError;

/// Coefficients.
pub(crate) const WIDTH: usize = 3;

type Vector = [f64; WIDTH];

/// A Newton step shorter than this is the last one: what is left after it is of the order of its square, which is no more than rounding.
const LAST_STEP: f64 = 1e-6;

/// So many factors between 1 and 2 multiply to a number that is finite, so that one logarithm serves them all.
const FACTORS: usize = 1_000;

/// Far more steps than any fit takes; separable data take some tens.
const MOST_STEPS: usize = 500;

/// Halvings of a step before the objective counts as flat.
const MOST_HALVINGS: usize = 60;

/// Sweeps of coordinate descent over the quadratic problem.
const MOST_SWEEPS: usize = 1_000;

/// A predicted descent below this share of the objective cannot be told from rounding.
const NOISE: f64 = 1e-11;

/// The share of the predicted descent that a step has to bring (Armijo's rule).
const SUFFICIENT: f64 = 1e-4;

/// Keeps the quadratic problem solvable where the data say nothing of a coefficient.
const LEAST_CURVATURE: f64 = 1e-12;

/// One row: features, a label in [0, 1] and a weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    pub(crate) features: Vector,
    pub(crate) target: f64,
    pub(crate) weight: f64,
}

impl Sample {
    /// The logit that the coefficients predict.
    pub(crate) fn logit(&self, coefficients: &Vector) -> f64 {
        dot(&self.features, coefficients)
    }
}

/// The logistic function.
pub(crate) fn sigmoid(logit: f64) -> f64 {
    let small = (-logit.abs()).exp();
    if logit < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) }
}

/// The coefficients that minimise `|b| + C * sum of weighted cross-entropies`.
///
/// # Errors
///
/// Where they do not come to rest.
pub(crate) fn fit(samples: &[Sample], c: f64, start: Vector) -> Result<Vector, EvalError> {
    let mut coefficients = start;
    let mut here = Smooth::at(samples, c, &coefficients);
    for _ in 0..MOST_STEPS {
        let step = newton_step(&here, &coefficients);
        let size = step
            .iter()
            .zip(&coefficients)
            .fold(0.0_f64, |size, (step, coefficient)| size.max(step.abs() / coefficient.abs().max(1.0)));
        if !size.is_finite() {
            return Err(EvalError::NotConverged { c });
        }
        if size <= LAST_STEP {
            return Ok(added(&coefficients, &step, 1.0));
        }
        let objective = here.loss + norm(&coefficients);
        let descent =
            dot(&here.gradient, &step) + norm(&added(&coefficients, &step, 1.0)) - norm(&coefficients);
        if descent.abs() <= NOISE * objective.abs() {
            // What is left to gain drowns in rounding, so that a line search would only see noise; Newton's step is safe this near.
            coefficients = added(&coefficients, &step, 1.0);
            here = Smooth::at(samples, c, &coefficients);
            continue;
        }
        let mut share = 1.0;
        let mut halvings = 0;
        loop {
            let candidate = added(&coefficients, &step, share);
            let there = Smooth::at(samples, c, &candidate);
            let limit = objective + SUFFICIENT * share * descent + f64::EPSILON * objective.abs();
            if there.loss + norm(&candidate) <= limit {
                (coefficients, here) = (candidate, there);
                break;
            }
            share *= 0.5;
            halvings += 1;
            if halvings == MOST_HALVINGS {
                // No shorter step goes down either: the objective is flat to the last bit.
                return Ok(coefficients);
            }
        }
    }
    Err(EvalError::NotConverged { c })
}

/// The smooth part of the objective at a point.
struct Smooth {
    loss: f64,
    gradient: Vector,
    curvature: [Vector; WIDTH],
}

impl Smooth {
    fn at(samples: &[Sample], c: f64, coefficients: &Vector) -> Self {
        let mut smooth = Self { loss: 0.0, gradient: [0.0; WIDTH], curvature: [[0.0; WIDTH]; WIDTH] };
        // Rows of one weight lie together, so that ln(1 + x) + ln(1 + y) can be taken as one logarithm of a product.
        for samples in samples.chunk_by(|left, right| left.weight.to_bits() == right.weight.to_bits()) {
            for samples in samples.chunks(FACTORS) {
                smooth.add(samples, coefficients);
            }
        }
        smooth.loss *= c;
        for row in 0..WIDTH {
            smooth.gradient[row] *= c;
            for column in 0..=row {
                smooth.curvature[row][column] *= c;
                smooth.curvature[column][row] = smooth.curvature[row][column];
            }
            smooth.curvature[row][row] += LEAST_CURVATURE;
        }
        smooth
    }

    /// Adds rows of one weight, at most [`FACTORS`] of them, with the lower half of the curvature.
    fn add(&mut self, samples: &[Sample], coefficients: &Vector) {
        let (mut loss, mut product) = (0.0, 1.0);
        for sample in samples {
            let logit = sample.logit(coefficients);
            let small = (-logit.abs()).exp();
            let inverse = 1.0 / (1.0 + small);
            let probability = if logit < 0.0 { small * inverse } else { inverse };
            loss += logit.max(0.0) - sample.target * logit;
            product *= 1.0 + small;
            let slope = sample.weight * (probability - sample.target);
            let bend = sample.weight * small * inverse * inverse;
            for row in 0..WIDTH {
                self.gradient[row] += slope * sample.features[row];
                for column in 0..=row {
                    self.curvature[row][column] += bend * sample.features[row] * sample.features[column];
                }
            }
        }
        let weight = samples.first().map_or(0.0, |sample| sample.weight);
        self.loss += weight * (loss + product.ln());
    }
}

/// Minimises the quadratic model plus the penalty by coordinate descent with soft thresholds.
fn newton_step(smooth: &Smooth, coefficients: &Vector) -> Vector {
    let mut step = [0.0; WIDTH];
    for _ in 0..MOST_SWEEPS {
        let mut moved = 0.0_f64;
        for index in 0..WIDTH {
            let curvature = smooth.curvature[index][index];
            let gradient = smooth.gradient[index] + dot(&smooth.curvature[index], &step);
            let current = coefficients[index] + step[index];
            let next = soft_threshold(curvature * current - gradient, 1.0) / curvature;
            moved = moved.max((next - current).abs());
            step[index] = next - coefficients[index];
        }
        let scale = coefficients.iter().chain(&step).fold(0.0_f64, |scale, value| scale.max(value.abs()));
        if moved <= f64::EPSILON * scale || !moved.is_finite() {
            break;
        }
    }
    step
}

fn soft_threshold(value: f64, threshold: f64) -> f64 {
    value.signum() * (value.abs() - threshold).max(0.0)
}

fn dot(left: &Vector, right: &Vector) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

fn norm(vector: &Vector) -> f64 {
    vector.iter().map(|value| value.abs()).sum()
}

fn added(coefficients: &Vector, step: &Vector, share: f64) -> Vector {
    let mut sum = *coefficients;
    for (value, step) in sum.iter_mut().zip(step) {
        *value += share * step;
    }
    sum
}

#[cfg(test)]
#[path = "solver_tests.rs"]
mod tests;
