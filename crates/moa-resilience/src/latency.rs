//! How long first tokens took of late.

use std::collections::VecDeque;
use std::time::Duration;

/// As many of the latest times are kept: enough for a steady 90th percentile, few enough to follow an endpoint that changes.
const KEPT: usize = 512;

/// Before as many were seen, a quantile says nothing.
const FEWEST: usize = 20;

/// Products of shares are equal up to this.
const ROUNDING: f64 = 1e-9;

/// When the first token of one request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstToken {
    /// After this time.
    After(Duration),
    /// Later than this: the request was given up then.
    NotWithin(Duration),
}

impl FirstToken {
    fn time(self) -> Duration {
        match self {
            Self::After(time) | Self::NotWithin(time) => time,
        }
    }
}

/// The latest times to the first token. Quantiles of a few hundred of them are cheap, and are asked for once per attempt.
#[derive(Debug, Default)]
pub(crate) struct Latencies {
    latest: VecDeque<FirstToken>,
}

impl Latencies {
    pub(crate) fn record(&mut self, first_token: FirstToken) {
        if self.latest.len() == KEPT {
            self.latest.pop_front();
        }
        self.latest.push_back(first_token);
    }

    /// The time within which the share `quantile` of the requests answers; `None` while too few were seen.
    ///
    /// Of a request that was given up, only a lower bound is known. Taken for its time, it would make the endpoint look faster the more
    /// requests are hedged, and the more would be.
    ///
    /// # Source
    /// The product-limit estimate of Kaplan and Meier 1958.
    pub(crate) fn quantile(&self, quantile: f64) -> Option<Duration> {
        if self.latest.len() < FEWEST {
            return None;
        }
        let mut times: Vec<FirstToken> = self.latest.iter().copied().collect();
        // At the same time, those that answered come before those that were given up.
        times.sort_unstable_by_key(|first_token| {
            (first_token.time(), matches!(first_token, FirstToken::NotWithin(_)))
        });
        let mut unanswered = 1.0;
        let mut waiting = u32::try_from(times.len()).unwrap_or(u32::MAX);
        for first_token in &times {
            if let FirstToken::After(time) = first_token {
                unanswered *= 1.0 - 1.0 / f64::from(waiting);
                if unanswered <= 1.0 - quantile + ROUNDING {
                    return Some(*time);
                }
            }
            waiting -= 1;
        }
        // So many were given up that nobody knows: as late as any is late enough.
        times.last().map(|last| last.time())
    }
}

#[cfg(test)]
#[path = "latency_tests.rs"]
mod tests;
