//! Mc Nemar's test: do two systems get different items right more often in one direction?

use serde::Serialize;
use statrs::function::beta::beta_reg;

use crate::count;

/// The test's outcome.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct McNemar {
    /// Items that only the first system gets right.
    pub only_first: usize,
    /// Items that only the second system gets right.
    pub only_second: usize,
    /// The probability of a split at least as uneven if neither were better (two-sided).
    pub p_value: f64,
}

/// The exact test: under the hypothesis that neither is better, the items that only one gets right split like coins. It needs no
/// minimum of items.
///
/// # Source
///
/// Q. Mc Nemar, Psychometrika 12 (1947), with the binomial distribution in place of its approximation.
#[must_use]
pub fn mcnemar(only_first: usize, only_second: usize) -> McNemar {
    let fewer = only_first.min(only_second);
    let p_value = if only_first == only_second {
        // The two tails meet: twice the half is more than one.
        1.0
    } else {
        // P(X <= k) for n coins is the regularised incomplete beta function I(n - k, k + 1) at one half.
        let (n, k) = (count::as_f64(only_first.saturating_add(only_second)), count::as_f64(fewer));
        (2.0 * beta_reg(n - k, k + 1.0, 0.5)).min(1.0)
    };
    McNemar { only_first, only_second, p_value }
}
