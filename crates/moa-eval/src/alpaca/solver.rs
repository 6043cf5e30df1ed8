//! Logistic regression on soft labels with an L1 penalty, solved to the end.
//!
//! The official package has liblinear approximate the same optimum (tolerance 1e-4). Three coefficients allow better: proximal Newton
//! steps, whose quadratic problem is solved at once, with a line search that always goes down (Lee, Sun and Saunders,
//! "Proximal Newton-type methods for minimizing composite functions", SIAM J. Optim. 2014).

use super::rows::{Rows, Sums};
use crate::EvalError;

/// Coefficients.
pub(crate) const WIDTH: usize = 3;

pub(super) type Vector = [f64; WIDTH];

/// The last step of a fit whose coefficients are told: its square is no more than rounding.
const LAST_STEP: f64 = 1e-6;

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

/// How well linear equations have to be met.
const RESIDUAL: f64 = 1e-10;

/// Keeps the quadratic problem solvable where the data say nothing of a coefficient.
const LEAST_CURVATURE: f64 = 1e-12;

/// One row: features, a label in [0, 1] and a weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    pub(crate) features: Vector,
    pub(crate) target: f64,
    pub(crate) weight: f64,
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
pub(super) fn fit(rows: &[&Rows], c: f64, start: Vector) -> Result<Vector, EvalError> {
    Descent::from(rows, start).to(c, LAST_STEP)
}

/// Goes down to one optimum after the other, each from where the last one was approached.
pub(super) struct Descent<'a> {
    rows: &'a [&'a Rows],
    coefficients: Vector,
    /// What is known at these coefficients, for any C.
    sums: Sums,
}

impl<'a> Descent<'a> {
    pub(super) fn from(rows: &'a [&'a Rows], coefficients: Vector) -> Self {
        Self { rows, coefficients, sums: Rows::sums(rows, &coefficients) }
    }

    /// The optimum for this C. A Newton step shorter than `last_step` is the last one: what is left after it is of the order of its
    /// square.
    ///
    /// # Errors
    ///
    /// Where the coefficients do not come to rest.
    pub(super) fn to(&mut self, c: f64, last_step: f64) -> Result<Vector, EvalError> {
        for _ in 0..MOST_STEPS {
            let here = Smooth::of(&self.sums, c);
            let step = newton_step(&here, &self.coefficients);
            let size = step
                .iter()
                .zip(&self.coefficients)
                .fold(0.0_f64, |size, (step, coefficient)| size.max(step.abs() / coefficient.abs().max(1.0)));
            if !size.is_finite() {
                return Err(EvalError::NotConverged { c });
            }
            let whole = added(&self.coefficients, &step, 1.0);
            if size <= last_step {
                return Ok(whole);
            }
            let objective = here.loss + norm(&self.coefficients);
            let descent = dot(&here.gradient, &step) + norm(&whole) - norm(&self.coefficients);
            if descent.abs() <= NOISE * objective.abs() {
                // What is left to gain drowns in rounding, so that a line search would only see noise; Newton's step is safe this near.
                *self = Self::from(self.rows, whole);
            } else if !self.search(&step, c, objective, descent) {
                return Ok(self.coefficients);
            }
        }
        Err(EvalError::NotConverged { c })
    }

    /// Takes as much of the step as goes down by enough; nothing if the objective is flat to the last bit.
    fn search(&mut self, step: &Vector, c: f64, objective: f64, descent: f64) -> bool {
        let mut share = 1.0;
        for _ in 0..MOST_HALVINGS {
            let there = Self::from(self.rows, added(&self.coefficients, step, share));
            let limit = objective + SUFFICIENT * share * descent + f64::EPSILON * objective.abs();
            if c * there.sums.loss + norm(&there.coefficients) <= limit {
                *self = there;
                return true;
            }
            share *= 0.5;
        }
        false
    }
}

/// The smooth part of the objective at a point.
struct Smooth {
    loss: f64,
    gradient: Vector,
    curvature: [Vector; WIDTH],
}

impl Smooth {
    fn of(sums: &Sums, c: f64) -> Self {
        let mut curvature = sums.curvature.map(|row| row.map(|value| c * value));
        for (index, row) in curvature.iter_mut().enumerate() {
            row[index] += LEAST_CURVATURE;
        }
        Self { loss: c * sums.loss, gradient: sums.gradient.map(|value| c * value), curvature }
    }
}

/// Minimises the quadratic model plus the penalty.
fn newton_step(smooth: &Smooth, coefficients: &Vector) -> Vector {
    step_of_equal_signs(smooth, coefficients).unwrap_or_else(|| coordinate_descent(smooth, coefficients))
}

/// The minimum if every coefficient keeps its sign, or stays zero: there the penalty is a plane, and the step solves linear equations.
/// Nothing if the minimum lies elsewhere.
fn step_of_equal_signs(smooth: &Smooth, coefficients: &Vector) -> Option<Vector> {
    let is_zero = |index: usize| coefficients[index] == 0.0;
    let (mut matrix, mut right) = (smooth.curvature, [0.0; WIDTH]);
    for row in 0..WIDTH {
        if is_zero(row) {
            matrix[row] = [0.0; WIDTH];
            matrix[row][row] = 1.0;
        } else {
            right[row] = -(smooth.gradient[row] + coefficients[row].signum());
        }
    }
    let step = solved(matrix, right);
    let is_minimum = (0..WIDTH).all(|index| {
        let slope = smooth.gradient[index] + dot(&smooth.curvature[index], &step);
        if is_zero(index) {
            slope.abs() <= 1.0
        } else {
            let sign = coefficients[index].signum();
            let residual = (slope + sign).abs();
            (coefficients[index] + step[index]) * sign > 0.0 && residual <= RESIDUAL * (1.0 + slope.abs())
        }
    });
    is_minimum.then_some(step)
}

/// The solution of linear equations, by elimination; no number where they have none.
fn solved(mut matrix: [Vector; WIDTH], mut right: Vector) -> Vector {
    for pivot in 0..WIDTH {
        let above = matrix[pivot];
        for row in pivot + 1..WIDTH {
            let share = matrix[row][pivot] / above[pivot];
            for (value, above) in matrix[row].iter_mut().zip(above) {
                *value -= share * above;
            }
            right[row] -= share * right[pivot];
        }
    }
    for row in (0..WIDTH).rev() {
        let known: f64 = (row + 1..WIDTH).map(|column| matrix[row][column] * right[column]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    right
}

/// Minimises one coefficient after the other, with soft thresholds, until none moves.
fn coordinate_descent(smooth: &Smooth, coefficients: &Vector) -> Vector {
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
