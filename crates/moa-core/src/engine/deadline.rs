//! Moments at which calls are given up.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::failure::{Failure, FailureKind};

/// A moment at which a call is given up, and what to say then.
#[derive(Debug, Clone)]
pub(super) struct Deadline {
    pub(super) at: Instant,
    pub(super) failure: Failure,
}

impl Deadline {
    /// The moment `limit` after `start`.
    pub(super) fn new(start: Instant, limit: Duration, kind: FailureKind, whose: &str) -> Self {
        let message = format!("{whose} was not done within its deadline of {limit:?}");
        // A limit beyond what the clock can count is none that anybody will see pass.
        let at = start.checked_add(limit).unwrap_or_else(|| start + Duration::from_secs(u64::from(u32::MAX)));
        Self { at, failure: Failure::new(kind, message) }
    }

    /// Waits for the deadline; for ever where there is none.
    pub(super) async fn wait_for(deadline: Option<&Self>) -> Failure {
        match deadline {
            Some(deadline) => {
                sleep_until(deadline.at).await;
                deadline.failure.clone()
            }
            None => std::future::pending().await,
        }
    }
}
