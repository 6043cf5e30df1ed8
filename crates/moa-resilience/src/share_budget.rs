//! Extra calls as a share of the calls that were wanted, so that trouble is never multiplied.

use std::collections::VecDeque;

use tokio::time::Instant;

/// Calls are remembered for this long, by the second.
const WINDOW_SECONDS: u64 = 120;

/// Counts calls and grants extra ones: never more than a share of the calls of the last two minutes, or a small number where that is more.
///
/// Not a token bucket: one that starts with its floor grants floor + share, and here whichever of the two is larger is the whole of it.
/// Calls and extra calls leave the window by the same second, and an extra call never comes before the calls that paid for it; so the share
/// holds over any number of windows as well.
#[derive(Debug)]
pub(crate) struct ShareBudget {
    percent: u32,
    floor: u32,
    start: Option<Instant>,
    seconds: VecDeque<Second>,
}

#[derive(Debug)]
struct Second {
    number: u64,
    calls: u64,
    extra: u64,
}

impl ShareBudget {
    pub(crate) fn new(percent: u32, floor: u32) -> Self {
        Self { percent, floor, start: None, seconds: VecDeque::new() }
    }

    /// A call is made that somebody wanted.
    pub(crate) fn note_call(&mut self, now: Instant) {
        self.second(now).calls += 1;
    }

    /// Takes one extra call out of the budget, if there is one left.
    pub(crate) fn take_extra(&mut self, now: Instant) -> bool {
        self.second(now);
        let (calls, extra) = self
            .seconds
            .iter()
            .fold((0, 0), |(calls, extra), second| (calls + second.calls, extra + second.extra));
        let most = (calls * u64::from(self.percent) / 100).max(u64::from(self.floor));
        let granted = extra < most;
        if granted {
            self.second(now).extra += 1;
        }
        granted
    }

    /// The extra call that was taken at `at` is not made after all.
    pub(crate) fn give_back_extra(&mut self, at: Instant) {
        let second = self.second(at);
        second.extra = second.extra.saturating_sub(1);
    }

    /// The counts of the current second; older ones than the window's are forgotten.
    fn second(&mut self, now: Instant) -> &mut Second {
        let start = *self.start.get_or_insert(now);
        let number = now.saturating_duration_since(start).as_secs();
        while self.seconds.front().is_some_and(|oldest| oldest.number + WINDOW_SECONDS <= number) {
            self.seconds.pop_front();
        }
        if self.seconds.back().is_none_or(|latest| latest.number < number) {
            self.seconds.push_back(Second { number, calls: 0, extra: 0 });
        }
        let latest = self.seconds.len() - 1;
        &mut self.seconds[latest]
    }
}

#[cfg(test)]
#[path = "share_budget_tests.rs"]
mod tests;
