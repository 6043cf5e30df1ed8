//! When requests are due.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use serde::{Deserialize, Serialize};

use crate::script::fraction;

/// How requests are spread over time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrivals {
    /// At even distances.
    #[default]
    Constant,
    /// At random, independent of each other, as many users are.
    Poisson,
}

impl Arrivals {
    /// When each request is due, counted from the beginning: at `per_second` on average, within `time`.
    pub(crate) fn due(self, per_second: f64, time: Duration, seed: u64) -> Vec<Duration> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut due = Vec::new();
        let mut at = 0.0;
        let mut count = 0_u32;
        loop {
            if at >= time.as_secs_f64() {
                return due;
            }
            due.push(Duration::from_secs_f64(at));
            count += 1;
            at = match self {
                // From the count, so that small errors do not add up.
                Self::Constant => f64::from(count) / per_second,
                Self::Poisson => at - (1.0 - fraction(&mut random)).ln() / per_second,
            };
        }
    }
}
