//! A cap that holds over every window of time, wherever it begins.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Counts amounts over the last `span`: over the half-open window `(now - span, now]`, at every instant.
///
/// An amount counts from the moment it is taken until `span` after it is closed. A request is closed as it is made. Tokens are closed when the
/// answer is over, because nobody says at which moment in between the endpoint counts them: so its count, whenever it is made, is never above
/// ours.
///
/// Each amount is kept by itself (a sliding log): exact, where a counter per fixed minute lets through twice the cap around the change of the
/// minute, and where the cell-rate algorithm of `governor` either spreads calls evenly that could go at once, or with a burst of the cap lets
/// through nearly twice of it in a minute; nor can what was taken too much be given back to it.
#[derive(Debug)]
pub(crate) struct SlidingWindow {
    cap: u64,
    span: Duration,
    /// Taken and not closed.
    open: u64,
    closed: VecDeque<(Instant, u64)>,
    closed_sum: u64,
}

/// When there will be room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// There is.
    Now,
    /// At this moment, if nothing else is taken.
    At(Instant),
    /// Not before something that is open is closed.
    OnceClosed,
}

impl SlidingWindow {
    pub(crate) fn new(cap: u64, span: Duration) -> Self {
        Self { cap, span, open: 0, closed: VecDeque::new(), closed_sum: 0 }
    }

    /// The most that can be taken at once.
    pub(crate) fn cap(&self) -> u64 {
        self.cap
    }

    /// When `amount` can be taken.
    pub(crate) fn room_for(&mut self, amount: u64, now: Instant) -> Room {
        self.forget(now);
        let mut used = self.open + self.closed_sum;
        if used + amount <= self.cap {
            return Room::Now;
        }
        for &(at, closed) in &self.closed {
            used -= closed;
            if used + amount <= self.cap {
                return Room::At(at + self.span);
            }
        }
        Room::OnceClosed
    }

    /// Takes `amount`.
    pub(crate) fn open(&mut self, amount: u64) {
        self.open += amount;
    }

    /// What was opened as `amount` is over and came to `actual`.
    pub(crate) fn close(&mut self, amount: u64, actual: u64, now: Instant) {
        self.open -= amount;
        if actual > 0 {
            self.closed.push_back((now, actual));
            self.closed_sum += actual;
        }
    }

    /// Takes back an amount that was closed at `at`, because nothing came of it.
    pub(crate) fn take_back(&mut self, amount: u64, at: Instant) {
        if let Some(place) = self.closed.iter().rposition(|&entry| entry == (at, amount)) {
            self.closed.remove(place);
            self.closed_sum -= amount;
        }
    }

    fn forget(&mut self, now: Instant) {
        while let Some(&(_, amount)) = self.closed.front().filter(|(at, _)| *at + self.span <= now) {
            self.closed.pop_front();
            self.closed_sum -= amount;
        }
    }
}
