//! Whether models make the same mistakes.

use crate::count;

/// The correlation of two models' mistakes on the same items (phi): 1 where they fail on the same ones, 0 where one's mistakes say nothing
/// about the other's, below 0 where one fails where the other does not. Nothing where one of them is always or never right.
///
/// # Source
/// The phi coefficient: G. U. Yule, J. R. Stat. Soc. 75 (1912).
#[must_use]
pub fn phi(pairs: &[(bool, bool)]) -> Option<f64> {
    let count =
        |one: bool, other: bool| count::as_f64(pairs.iter().filter(|pair| **pair == (one, other)).count());
    let (both, first, second, none) =
        (count(true, true), count(true, false), count(false, true), count(false, false));
    let spread = ((both + first) * (second + none) * (both + second) * (first + none)).sqrt();
    (spread > 0.0).then(|| ((both * none - first * second) / spread).clamp(-1.0, 1.0))
}

/// How many answers that know nothing of each other are worth as much as `answers` whose mistakes correlate by `mean` on average; at
/// least 1, at most all of them.
///
/// # Source
/// The design effect of clustered samples: L. Kish, "Survey Sampling", 1965.
#[must_use]
pub fn effective(answers: usize, mean: f64) -> f64 {
    let all = count::as_f64(answers);
    if answers < 2 {
        return all;
    }
    let design = 1.0 + (all - 1.0) * mean;
    if design <= 0.0 { all } else { (all / design).clamp(1.0, all) }
}

#[cfg(test)]
#[path = "correlation_tests.rs"]
mod tests;
