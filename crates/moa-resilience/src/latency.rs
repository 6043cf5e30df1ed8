//! How long first tokens took of late.

use std::collections::VecDeque;
use std::time::Duration;

/// As many of the latest times are kept: enough for a steady 90th percentile, few enough to follow an endpoint that changes.
const KEPT: usize = 512;

/// Before as many were seen, a quantile says nothing.
const FEWEST: usize = 20;

/// An estimate is good for as many more times: sorting them is too dear for every call.
const RENEWED_AFTER: usize = 16;

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

/// The latest times to the first token, and one quantile of them.
#[derive(Debug)]
pub(crate) struct Latencies {
    quantile: f64,
    latest: VecDeque<FirstToken>,
    estimate: Option<Duration>,
    /// Times that were noted since the estimate was made.
    newer: usize,
}

impl Latencies {
    /// No times yet; of those to come, the time within which the share `quantile` of the requests answers is of interest.
    pub(crate) fn new(quantile: f64) -> Self {
        Self { quantile, latest: VecDeque::new(), estimate: None, newer: 0 }
    }

    pub(crate) fn record(&mut self, first_token: FirstToken) {
        if self.latest.len() == KEPT {
            self.latest.pop_front();
        }
        self.latest.push_back(first_token);
        self.newer += 1;
    }

    /// The time within which the share of the requests answers; `None` while too few were seen.
    pub(crate) fn estimate(&mut self) -> Option<Duration> {
        if self.estimate.is_none() || self.newer >= RENEWED_AFTER {
            self.estimate = self.made_anew();
            self.newer = 0;
        }
        self.estimate
    }

    /// Of a request that was given up, only a lower bound is known. Taken for its time, it would make the endpoint look faster the more
    /// requests are hedged, and the more would be.
    ///
    /// # Source
    /// The product-limit estimate of Kaplan and Meier 1958.
    fn made_anew(&self) -> Option<Duration> {
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
                if unanswered <= 1.0 - self.quantile + ROUNDING {
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
