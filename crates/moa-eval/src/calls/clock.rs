//! What a call takes of a machine that works on several at once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Divides the time that passes among the calls that are in flight. What the calls took adds up to the time in which there was one, however
/// many there were at once, so that a mixture of many small calls can be laid beside one large one.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedClock {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    in_flight: u32,
    /// What a call would have taken that is in flight since the beginning, in milliseconds.
    shared_ms: f64,
    latest: Option<Instant>,
}

/// A call in flight.
#[derive(Debug)]
pub(super) struct InFlight {
    clock: SharedClock,
    started_at_ms: f64,
}

impl SharedClock {
    /// A call begins.
    pub(super) fn begin(&self, now: Instant) -> InFlight {
        let started_at_ms = self.step(now, |state| state.in_flight += 1);
        InFlight { clock: self.clone(), started_at_ms }
    }

    /// Lets the time pass up to now, and changes how many are in flight from now on.
    fn step(&self, now: Instant, change: impl FnOnce(&mut State)) -> f64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(latest) = state.latest.filter(|_| state.in_flight > 0) {
            let passed = now.saturating_duration_since(latest).as_secs_f64() * 1e3;
            state.shared_ms += passed / f64::from(state.in_flight);
        }
        state.latest = Some(now);
        change(&mut state);
        state.shared_ms
    }
}

impl InFlight {
    /// The call's share of the time since its beginning, in milliseconds.
    pub(super) fn share_ms(&self, now: Instant) -> f64 {
        self.clock.step(now, |_| {}) - self.started_at_ms
    }
}

impl Drop for InFlight {
    /// A call that is given up takes nothing any more.
    fn drop(&mut self) {
        self.clock.step(Instant::now(), |state| state.in_flight = state.in_flight.saturating_sub(1));
    }
}

#[cfg(test)]
#[path = "clock_tests.rs"]
mod tests;
