//! How long an attempt may wait for what comes next.

use std::time::Duration;

use moa_core::{ChatEvent, Failure, FailureKind, Progress};
use tokio::time::Instant;

use crate::settings::Timeouts;

/// The clock of one attempt. It is told what happens and knows when patience ends.
///
/// Until the answer begins, only signs of work on this very prompt restart it: `Waiting` (the request is on its way) and `Prefill`. While
/// the model loads or the call waits for a place (`Loading`, `Queued`), it stands still, because neither says anything about the model;
/// what bounds those is the deadline of the call. Headers, warnings and the like do not count as a first token. Once the answer has begun,
/// every event restarts the clock.
#[derive(Debug)]
pub(crate) struct StageClock {
    timeouts: Timeouts,
    answering: bool,
    deadline: Option<Instant>,
}

impl StageClock {
    pub(crate) fn new(timeouts: Timeouts, now: Instant) -> Self {
        Self { timeouts, answering: false, deadline: after(now, timeouts.first_token) }
    }

    /// When patience ends; `None` is never.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Something happened.
    pub(crate) fn note(&mut self, event: &ChatEvent, now: Instant) {
        self.answering |= event.is_content();
        match event {
            ChatEvent::Progress(Progress::Loading { .. } | Progress::Queued) => self.deadline = None,
            _ if self.answering => self.deadline = after(now, self.timeouts.idle),
            ChatEvent::Progress(_) | ChatEvent::Retrying(_) => {
                self.deadline = after(now, self.timeouts.first_token);
            }
            // The clock that stood still goes on when the model does anything else.
            _ if self.deadline.is_none() => self.deadline = after(now, self.timeouts.first_token),
            _ => {}
        }
    }

    /// Nobody listened for `time`: that was not the model's fault.
    pub(crate) fn put_off(&mut self, time: Duration) {
        self.deadline = self.deadline.and_then(|deadline| deadline.checked_add(time));
    }

    /// What to say when patience has ended.
    pub(crate) fn failure(&self, whose: &str) -> Failure {
        let (kind, limit, what) = if self.answering {
            (FailureKind::IdleTimeout, self.timeouts.idle, "said nothing more")
        } else {
            (FailureKind::FirstTokenTimeout, self.timeouts.first_token, "did not begin to answer")
        };
        Failure::new(kind, format!("{whose} {what} within {:?}", limit.unwrap_or_default()))
    }
}

fn after(now: Instant, limit: Option<Duration>) -> Option<Instant> {
    limit.and_then(|limit| now.checked_add(limit))
}
