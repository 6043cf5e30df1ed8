//! Leaves a replica alone that fails again and again.

use std::time::Duration;

use moa_core::FailureKind;
use tokio::time::Instant;

use crate::settings::BreakerSettings;

/// When a call is refused because the one call that may try the replica is under way, it may come back after this time: a probe either
/// answers soon or opens the circuit anew.
const DURING_PROBE: Duration = Duration::from_secs(1);

/// A circuit breaker: closed, open for a while, then half-open with one probe at a time.
#[derive(Debug)]
pub(crate) struct CircuitBreaker {
    settings: BreakerSettings,
    state: State,
    /// Counts changes of the state, so that what began before one does not decide about what came after.
    epoch: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant },
    HalfOpen { probing: bool },
}

/// A call that was let through, and has to say how it went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permit {
    epoch: u64,
    is_probe: bool,
}

impl CircuitBreaker {
    pub(crate) fn new(settings: BreakerSettings) -> Self {
        Self { settings, state: State::Closed { failures: 0 }, epoch: 0 }
    }

    /// Until when calls are refused; `None` where one would be let through.
    pub(crate) fn refuses_until(&self, now: Instant) -> Option<Instant> {
        match self.state {
            State::Open { until } if now < until => Some(until),
            State::HalfOpen { probing: true } => Some(now + DURING_PROBE.min(self.settings.cool_down)),
            _ => None,
        }
    }

    /// Lets a call through, or says when to come back.
    pub(crate) fn acquire(&mut self, now: Instant) -> Result<Permit, Instant> {
        if let Some(until) = self.refuses_until(now) {
            return Err(until);
        }
        let is_probe = !matches!(self.state, State::Closed { .. });
        if is_probe {
            self.change(State::HalfOpen { probing: true });
        }
        Ok(Permit { epoch: self.epoch, is_probe })
    }

    /// The call began to answer. That is all that a probe has to show; how it ends counts like any other call.
    pub(crate) fn note_answering(&mut self, permit: &mut Permit) {
        if permit.is_probe && permit.epoch == self.epoch {
            self.change(State::Closed { failures: 0 });
            *permit = Permit { epoch: self.epoch, is_probe: false };
        }
    }

    /// The call was answered to the end.
    pub(crate) fn note_success(&mut self, mut permit: Permit) {
        self.note_answering(&mut permit);
        if permit.epoch == self.epoch {
            self.state = State::Closed { failures: 0 };
        }
    }

    /// The call failed.
    pub(crate) fn note_failure(&mut self, permit: Permit, kind: FailureKind, now: Instant) {
        if permit.epoch != self.epoch || !tells_of_the_replica(kind) {
            return self.note_neither(permit);
        }
        let failures = match self.state {
            State::Closed { failures } => failures + 1,
            State::Open { .. } | State::HalfOpen { .. } => self.settings.failures,
        };
        if self.settings.failures > 0 && failures >= self.settings.failures {
            self.change(State::Open { until: now + self.settings.cool_down });
        } else {
            self.state = State::Closed { failures };
        }
    }

    /// The call was dropped, or ended in a way that says nothing of the replica: another one may probe.
    pub(crate) fn note_neither(&mut self, permit: Permit) {
        if permit.is_probe && permit.epoch == self.epoch {
            self.change(State::HalfOpen { probing: false });
        }
    }

    fn change(&mut self, state: State) {
        self.state = state;
        self.epoch += 1;
    }
}

/// Whether a failure says that the replica is out of order, so that the next call would probably fail as well.
///
/// Not those that are about the request, the key, the model's name or what it says: the replica is fine, and its clear words are worth more
/// than "left alone". Not `RateLimited` either: the replica is alive and says itself when to come back, which the retries obey.
fn tells_of_the_replica(kind: FailureKind) -> bool {
    match kind {
        FailureKind::ModelUnavailable
        | FailureKind::ServerError
        | FailureKind::BadResponse
        | FailureKind::ConnectionLost
        | FailureKind::ConnectTimeout
        | FailureKind::FirstTokenTimeout
        | FailureKind::IdleTimeout
        | FailureKind::ModelError => true,
        FailureKind::InvalidRequest
        | FailureKind::ContextOverflow
        | FailureKind::Unauthorized
        | FailureKind::ModelNotFound
        | FailureKind::ContentFiltered
        | FailureKind::RateLimited
        | FailureKind::CircuitOpen
        | FailureKind::EmptyAnswer
        | FailureKind::CallDeadline
        | FailureKind::LayerDeadline
        | FailureKind::RunDeadline
        | FailureKind::Straggler
        | FailureKind::CostCap
        | FailureKind::Cancelled
        | FailureKind::TooFewProposals => false,
    }
}
