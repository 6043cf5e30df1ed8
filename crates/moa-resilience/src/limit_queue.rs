//! Who may ask an endpoint now, and who waits in which order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::settings::LimitSettings;
use crate::sliding_window::{Room, SlidingWindow};

/// The window of the limits per minute.
const MINUTE: Duration = Duration::from_mins(1);

/// Nobody is told to come back sooner than this.
const SHORTEST_RETURN: Duration = Duration::from_secs(1);

/// As many of those at the head of the queue watch the clock, so that one of them whose reader has fallen asleep holds nobody up.
const WATCHING: usize = 4;

/// The limits of one endpoint, and the queue before them: first come, first served, whatever the size.
///
/// Whoever notices that there is room, because it comes, goes or has watched the clock, admits all who are first and fit; those find out when
/// they next look. So a place never waits for somebody who does not look.
#[derive(Debug)]
pub(crate) struct LimitQueue {
    settings: LimitSettings,
    in_flight: u32,
    requests: Option<SlidingWindow>,
    tokens: Option<SlidingWindow>,
    /// In the order of their tickets.
    waiting: VecDeque<Waiter>,
    /// Those who were admitted, with when, and have not looked yet.
    admitted: BTreeMap<u64, Instant>,
    next_ticket: u64,
}

#[derive(Debug)]
struct Waiter {
    ticket: u64,
    tokens: u64,
    wake: Arc<Notify>,
}

/// What became of somebody who came.
#[derive(Debug)]
pub(crate) enum Entry {
    /// It may ask at once.
    Admitted,
    /// It waits under this number, and is told when its turn may have come.
    Waiting(u64, Arc<Notify>),
    /// Too many wait already; it may come back after this time.
    Full(Duration),
}

/// What somebody who waits has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It was admitted at this moment, and no longer waits.
    Admitted(Instant),
    /// It has to look again at this moment, unless it is told before.
    LookAgain(Instant),
    /// It is told when something changes.
    Later,
}

impl LimitQueue {
    pub(crate) fn new(settings: LimitSettings) -> Self {
        let requests = settings.requests_per_minute.map(|cap| SlidingWindow::new(u64::from(cap), MINUTE));
        let tokens = settings.tokens_per_minute.map(|cap| SlidingWindow::new(cap, MINUTE));
        Self {
            settings,
            in_flight: 0,
            requests,
            tokens,
            waiting: VecDeque::new(),
            admitted: BTreeMap::new(),
            next_ticket: 0,
        }
    }

    /// The most tokens that one request can have.
    pub(crate) fn tokens_cap(&self) -> Option<u64> {
        self.tokens.as_ref().map(SlidingWindow::cap)
    }

    /// Requests in flight, and those that wait.
    pub(crate) fn load(&self) -> (u32, usize) {
        (self.in_flight, self.waiting.len())
    }

    /// Somebody comes who wants to ask at once or not at all.
    pub(crate) fn admit_at_once(&mut self, tokens: u64, now: Instant) -> bool {
        self.advance(now);
        let admitted = self.waiting.is_empty() && self.room_for(tokens, now) == Room::Now;
        if admitted {
            self.admit(tokens, now);
        }
        admitted
    }

    /// Somebody comes who is ready to wait.
    pub(crate) fn enter(&mut self, tokens: u64, now: Instant) -> Entry {
        if self.admit_at_once(tokens, now) {
            return Entry::Admitted;
        }
        if self.waiting.len() >= self.settings.queue {
            return Entry::Full(self.return_after(now));
        }
        let (ticket, wake) = (self.next_ticket, Arc::new(Notify::new()));
        self.next_ticket += 1;
        self.waiting.push_back(Waiter { ticket, tokens, wake: Arc::clone(&wake) });
        Entry::Waiting(ticket, wake)
    }

    /// Somebody who waits looks whether it is its turn.
    pub(crate) fn turn(&mut self, ticket: u64, now: Instant) -> Turn {
        self.advance(now);
        if let Some(at) = self.admitted.remove(&ticket) {
            return Turn::Admitted(at);
        }
        let is_watching = self.waiting.iter().take(WATCHING).any(|waiter| waiter.ticket == ticket);
        let tokens = self.waiting.front().map_or(0, |first| first.tokens);
        match self.room_for(tokens, now) {
            Room::At(at) if is_watching => Turn::LookAgain(at),
            _ => Turn::Later,
        }
    }

    /// Somebody who waited, for a request of `tokens`, goes away.
    pub(crate) fn leave(&mut self, ticket: u64, tokens: u64, now: Instant) {
        if let Some(admitted_at) = self.admitted.remove(&ticket) {
            return self.release_unused(tokens, admitted_at, now);
        }
        if let Ok(place) = self.waiting.binary_search_by_key(&ticket, |waiter| waiter.ticket) {
            self.waiting.remove(place);
            self.wake_watching();
        }
        self.advance(now);
    }

    /// A request of `tokens` is over, and came to `actual_tokens`.
    pub(crate) fn release(&mut self, tokens: u64, actual_tokens: u64, now: Instant) {
        self.in_flight -= 1;
        if let Some(window) = &mut self.tokens {
            window.close(tokens, actual_tokens, now);
        }
        self.advance(now);
        self.wake_watching();
    }

    /// A request that was admitted at `admitted_at` was not made after all.
    pub(crate) fn release_unused(&mut self, tokens: u64, admitted_at: Instant, now: Instant) {
        if let Some(window) = &mut self.requests {
            window.take_back(1, admitted_at);
        }
        self.release(tokens, 0, now);
    }

    /// Admits those who are first, as long as there is room.
    fn advance(&mut self, now: Instant) {
        let mut has_changed = false;
        while let Some(tokens) = self.waiting.front().map(|first| first.tokens) {
            if self.room_for(tokens, now) != Room::Now {
                break;
            }
            self.admit(tokens, now);
            if let Some(first) = self.waiting.pop_front() {
                self.admitted.insert(first.ticket, now);
                first.wake.notify_one();
            }
            has_changed = true;
        }
        if has_changed {
            self.wake_watching();
        }
    }

    /// Lets those who watch the clock find out what they have to wait for now.
    fn wake_watching(&self) {
        for waiter in self.waiting.iter().take(WATCHING) {
            waiter.wake.notify_one();
        }
    }

    fn admit(&mut self, tokens: u64, now: Instant) {
        self.in_flight += 1;
        if let Some(window) = &mut self.requests {
            window.open(1);
            window.close(1, 1, now);
        }
        if let Some(window) = &mut self.tokens {
            window.open(tokens);
        }
    }

    /// When all limits have room for a request of `tokens`, should nothing else happen.
    fn room_for(&mut self, tokens: u64, now: Instant) -> Room {
        if self.settings.in_flight.is_some_and(|cap| self.in_flight >= cap) {
            return Room::OnceClosed;
        }
        let requests = self.requests.as_mut().map_or(Room::Now, |window| window.room_for(1, now));
        let tokens = self.tokens.as_mut().map_or(Room::Now, |window| window.room_for(tokens, now));
        match (requests, tokens) {
            (Room::Now, other) | (other, Room::Now) => other,
            (Room::At(one), Room::At(other)) => Room::At(one.max(other)),
            (Room::OnceClosed, _) | (_, Room::OnceClosed) => Room::OnceClosed,
        }
    }

    /// When somebody who was sent away may find room: when the first of the queue gets in, and as much later as the limit on requests needs for
    /// the others. Limits that depend on how long answers take cannot be foreseen.
    fn return_after(&mut self, now: Instant) -> Duration {
        let tokens = self.waiting.front().map_or(0, |first| first.tokens);
        let first = match self.room_for(tokens, now) {
            Room::At(at) => at.saturating_duration_since(now),
            Room::Now | Room::OnceClosed => Duration::ZERO,
        };
        let others = match self.settings.requests_per_minute {
            Some(cap @ 1..) => {
                let waiting = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
                MINUTE.checked_mul(waiting / cap).unwrap_or(Duration::MAX)
            }
            _ => Duration::ZERO,
        };
        first.saturating_add(others).max(SHORTEST_RETURN)
    }
}

#[cfg(test)]
#[path = "limit_queue_tests.rs"]
mod tests;
