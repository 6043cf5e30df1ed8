//! How long something takes: the same each time, or drawn from a distribution.

use std::time::Duration;

use rand_chacha::rand_core::RngCore;
use serde::{Deserialize, Serialize};

/// A duration that is drawn anew for each use, from the request's own seeded generator.
///
/// Pauses are made with tokio's timer, which rounds up to whole milliseconds; the log says how long they took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a duration such as \"50ms\", { min = \"10ms\", max = \"90ms\" } or { quantiles = [[0.5, \"20ms\"], \
                 [0.99, \"400ms\"]] }"
)]
pub enum Latency {
    /// Always the same.
    Fixed(#[serde(with = "super::duration")] Duration),
    /// Evenly spread between two durations.
    Uniform(Uniform),
    /// After a table of quantiles.
    Quantiles(Quantiles),
}

/// Evenly spread between `min` and `max`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Uniform {
    /// The shortest.
    #[serde(with = "super::duration")]
    pub min: Duration,
    /// The longest.
    #[serde(with = "super::duration")]
    pub max: Duration,
}

/// Rising pairs of a quantile in [0, 1] and its duration; what lies between two pairs is interpolated linearly, what lies outside
/// of the table takes the nearest pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Quantiles {
    /// The table.
    pub quantiles: Vec<Quantile>,
}

/// A quantile in [0, 1] and its duration.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantile(pub f64, #[serde(with = "super::duration")] pub Duration);

impl Latency {
    /// No time at all.
    pub const ZERO: Self = Self::Fixed(Duration::ZERO);

    /// So many milliseconds each time.
    #[must_use]
    pub fn ms(milliseconds: u64) -> Self {
        Self::Fixed(Duration::from_millis(milliseconds))
    }

    /// Evenly spread between `min` and `max`.
    #[must_use]
    pub fn uniform(min: Duration, max: Duration) -> Self {
        Self::Uniform(Uniform { min, max })
    }

    /// After a table of quantiles.
    #[must_use]
    pub fn quantiles(table: impl IntoIterator<Item = (f64, Duration)>) -> Self {
        let quantiles = table.into_iter().map(|(quantile, duration)| Quantile(quantile, duration)).collect();
        Self::Quantiles(Quantiles { quantiles })
    }

    /// Whether it is always zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Fixed(duration) if duration.is_zero())
    }

    /// One draw.
    pub(crate) fn sample(&self, random: &mut impl RngCore) -> Duration {
        match self {
            Self::Fixed(duration) => *duration,
            Self::Uniform(Uniform { min, max }) => *min + max.saturating_sub(*min).mul_f64(fraction(random)),
            Self::Quantiles(table) => table.at(fraction(random)),
        }
    }

    /// What is wrong with it, if anything is.
    pub(crate) fn problem(&self) -> Option<String> {
        match self {
            Self::Fixed(_) => None,
            Self::Uniform(Uniform { min, max }) => {
                (min > max).then(|| "`min` is longer than `max`".to_owned())
            }
            Self::Quantiles(Quantiles { quantiles }) if quantiles.is_empty() => {
                Some("the table of quantiles is empty".to_owned())
            }
            Self::Quantiles(Quantiles { quantiles }) => {
                let outside = quantiles.iter().any(|pair| !(0.0..=1.0).contains(&pair.0));
                let falls = quantiles.windows(2).any(|pair| pair[0].0 >= pair[1].0 || pair[0].1 > pair[1].1);
                let said = "the quantiles must rise from 0 to 1, and their durations with them";
                (outside || falls).then(|| said.to_owned())
            }
        }
    }
}

impl Default for Latency {
    fn default() -> Self {
        Self::ZERO
    }
}

impl From<Duration> for Latency {
    fn from(duration: Duration) -> Self {
        Self::Fixed(duration)
    }
}

impl Quantiles {
    fn at(&self, quantile: f64) -> Duration {
        let above = self.quantiles.iter().position(|pair| pair.0 >= quantile);
        match above {
            None => self.quantiles.last().map_or(Duration::ZERO, |pair| pair.1),
            Some(0) => self.quantiles[0].1,
            Some(index) => {
                let (Quantile(low, from), Quantile(high, to)) =
                    (self.quantiles[index - 1], self.quantiles[index]);
                from + to.saturating_sub(from).mul_f64(((quantile - low) / (high - low)).clamp(0.0, 1.0))
            }
        }
    }
}

/// A number in [0, 1) with 53 random bits.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit a float exactly")]
pub(crate) fn fraction(random: &mut impl RngCore) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}
