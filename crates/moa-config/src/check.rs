//! Ranges of numbers.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::kind::ProblemKind;
use crate::place::Placed;
use crate::problem::Problem;

/// Whole numbers that count something.
pub(crate) const POSITIVE: &str = "a whole number of at least 1";

/// Amounts of money.
pub(crate) const USD: &str = "an amount in US dollars from 0 to 1000000";

/// A range of numbers, in figures and in words.
pub(crate) struct Bounds {
    range: RangeInclusive<f64>,
    words: &'static str,
}

/// Allowed temperatures.
pub(crate) const TEMPERATURE: Bounds = Bounds { range: 0.0..=2.0, words: "from 0 to 2" };
/// Allowed shares of the probability mass.
pub(crate) const TOP_P: Bounds = Bounds { range: f64::MIN_POSITIVE..=1.0, words: "above 0 and at most 1" };
/// Allowed shares of the most likely token.
pub(crate) const MIN_P: Bounds = Bounds { range: 0.0..=1.0, words: "from 0 to 1" };
/// Allowed divisors of the logits of repeated tokens.
pub(crate) const REPEAT_PENALTY: Bounds =
    Bounds { range: f64::MIN_POSITIVE..=10.0, words: "above 0 and at most 10" };
/// Allowed penalties that are subtracted.
pub(crate) const PENALTY: Bounds = Bounds { range: -2.0..=2.0, words: "from -2 to 2" };

/// The number, where it lies within the bounds; NaN lies nowhere.
pub(crate) fn within(key: &str, written: &Placed<'_, &f64>, bounds: &Bounds) -> Result<f32, Problem> {
    #[expect(clippy::cast_possible_truncation, reason = "sampling has no use for more digits")]
    let narrow = *written.value as f32;
    // A number above zero that is too small for an f32 would become the zero that the bounds exclude.
    let kept_sign = narrow != 0.0 || *written.value == 0.0;
    if bounds.range.contains(written.value) && kept_sign {
        return Ok(narrow);
    }
    Err(out_of_range(key, written, bounds.words))
}

/// The most that anything may cost, in US dollars: more is a slip of the hand.
const MOST_USD: f64 = 1_000_000.0;

/// An amount of money in US dollars; NaN is none.
pub(crate) fn usd(key: &str, written: &Placed<'_, &f64>) -> Result<f64, Problem> {
    if is_usd(*written.value) {
        return Ok(*written.value);
    }
    Err(out_of_range(key, written, USD))
}

/// Whether a number is an amount of money that can be meant.
pub(crate) fn is_usd(amount: f64) -> bool {
    (0.0..=MOST_USD).contains(&amount)
}

/// The number, where it is not zero.
pub(crate) fn positive(key: &str, written: &Placed<'_, &u32>) -> Result<u32, Problem> {
    up_to(key, written, u32::MAX, POSITIVE)
}

/// The number, where it lies between 1 and `most`.
pub(crate) fn up_to(
    key: &str,
    written: &Placed<'_, &u32>,
    most: u32,
    words: &'static str,
) -> Result<u32, Problem> {
    if (1..=most).contains(written.value) {
        Ok(*written.value)
    } else {
        Err(out_of_range(key, written, words))
    }
}

/// The number, where it is not above `most`.
pub(crate) fn at_most(
    key: &str,
    written: &Placed<'_, &u32>,
    most: u32,
    words: &'static str,
) -> Result<u32, Problem> {
    if *written.value <= most { Ok(*written.value) } else { Err(out_of_range(key, written, words)) }
}

fn out_of_range<T: Display>(key: &str, written: &Placed<'_, &T>, range: &'static str) -> Problem {
    let kind = ProblemKind::OutOfRange { key: key.to_owned(), written: written.value.to_string(), range };
    Problem::at(&written.place, kind)
}
