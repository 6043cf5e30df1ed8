//! How long first tokens took of late.

use std::collections::VecDeque;
use std::time::Duration;

/// As many of the latest times are kept: enough for a steady 90th percentile, few enough to follow an endpoint that changes.
const KEPT: usize = 512;

/// Before as many were seen, a quantile says nothing.
const FEWEST: usize = 20;

/// The latest times to the first token. Exact quantiles of a few hundred numbers are cheap, and are asked for once per attempt.
#[derive(Debug, Default)]
pub(crate) struct Latencies {
    latest: VecDeque<Duration>,
}

impl Latencies {
    /// Notes a time. For a request that was given up before it answered, the time until then: it is a lower bound, and leaving it out
    /// would make the endpoint look faster than it is.
    pub(crate) fn record(&mut self, time: Duration) {
        if self.latest.len() == KEPT {
            self.latest.pop_front();
        }
        self.latest.push_back(time);
    }

    /// The time that the share `quantile` of the requests does not exceed; `None` while too few were seen.
    pub(crate) fn quantile(&self, quantile: f64) -> Option<Duration> {
        if self.latest.len() < FEWEST {
            return None;
        }
        let mut times: Vec<Duration> = self.latest.iter().copied().collect();
        times.sort_unstable();
        // Nearest rank: the smallest time that as many requests as asked for do not exceed.
        times.iter().copied().zip(1_u32..).find_map(|(time, rank)| {
            let seen = u32::try_from(times.len()).unwrap_or(u32::MAX);
            (f64::from(rank) >= quantile * f64::from(seen)).then_some(time)
        })
    }
}

#[cfg(test)]
#[path = "latency_tests.rs"]
mod tests;
