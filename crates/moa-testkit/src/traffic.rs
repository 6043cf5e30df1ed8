//! Questions to a list of requests: how many at once, how many in a window of time.

use std::ops::Deref;
use std::time::Duration;

use crate::clock::Stamp;
use crate::record::{Outcome, Request};

/// Requests in the order of their arrival.
#[derive(Debug, Clone, Default)]
pub struct Traffic(Vec<Request>);

impl Deref for Traffic {
    type Target = [Request];

    fn deref(&self) -> &[Request] {
        &self.0
    }
}

impl FromIterator<Request> for Traffic {
    fn from_iter<T: IntoIterator<Item = Request>>(requests: T) -> Self {
        Self(requests.into_iter().collect())
    }
}

impl IntoIterator for Traffic {
    type Item = Request;
    type IntoIter = std::vec::IntoIter<Request>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Traffic {
    /// Those for a model.
    #[must_use]
    pub fn of_model(&self, model: &str) -> Self {
        self.only(|request| request.model == model)
    }

    /// Those that a rule of this name took.
    #[must_use]
    pub fn of_rule(&self, name: &str) -> Self {
        self.only(|request| request.rule_name.as_deref() == Some(name))
    }

    /// Those that ended so.
    #[must_use]
    pub fn ended(&self, outcome: Outcome) -> Self {
        self.only(|request| request.outcome() == Some(outcome))
    }

    /// Those for which `condition` holds.
    #[must_use]
    pub fn only(&self, condition: impl Fn(&Request) -> bool) -> Self {
        self.iter().filter(|request| condition(request)).cloned().collect()
    }

    /// How many were in flight at a moment: arrived and not over.
    #[must_use]
    pub fn in_flight_at(&self, moment: Stamp) -> usize {
        let over = |request: &Request| request.end.is_some_and(|end| end.at <= moment);
        self.iter().filter(|request| request.arrived <= moment && !over(request)).count()
    }

    /// The most that were in flight at any moment.
    #[must_use]
    pub fn max_in_flight(&self) -> usize {
        // An end at the same moment as an arrival comes first: the two were not in flight together.
        let ends = self.iter().filter_map(|request| request.end).map(|end| (end.at, false));
        let mut changes: Vec<_> = self.iter().map(|request| (request.arrived, true)).chain(ends).collect();
        changes.sort_unstable();
        let mut now = 0_usize;
        let mut most = 0;
        for (_, begins) in changes {
            now = if begins { now + 1 } else { now.saturating_sub(1) };
            most = most.max(now);
        }
        most
    }

    /// The most requests that arrived within any stretch of time of this length (its end excluded).
    #[must_use]
    pub fn max_requests_within(&self, window: Duration) -> u64 {
        self.max_within(window, |_| 1)
    }

    /// The most tokens (prompt and completion) of requests that arrived within any stretch of time of this length.
    #[must_use]
    pub fn max_tokens_within(&self, window: Duration) -> u64 {
        self.max_within(window, |request| request.prompt_tokens + request.completion_tokens)
    }

    /// The largest sum of weights of requests that arrived within any stretch of time of this length (its end excluded).
    #[must_use]
    pub fn max_within(&self, window: Duration, weight: impl Fn(&Request) -> u64) -> u64 {
        let mut arrivals: Vec<(Stamp, u64)> =
            self.iter().map(|request| (request.arrived, weight(request))).collect();
        arrivals.sort_unstable();
        let mut oldest = 0;
        let mut sum = 0;
        let mut most = 0;
        for &(arrived, weight) in &arrivals {
            sum += weight;
            while arrivals[oldest].0.after(window) <= arrived && arrivals[oldest].0 < arrived {
                sum -= arrivals[oldest].1;
                oldest += 1;
            }
            most = most.max(sum);
        }
        most
    }
}
