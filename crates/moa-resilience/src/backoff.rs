//! Whether a failed attempt is made again, and when.

use std::time::Duration;

use moa_core::Failure;

use crate::jitter::Jitter;
use crate::settings::RetrySettings;

/// An endpoint's own wait is stretched by up to one part in this many, so that those who were told the same do not come back together.
const RETRY_AFTER_SPREAD: u32 = 10;

/// What follows from a failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is made again after this time.
    RetryAfter(Duration),
    /// It is not, for a reason that the failure shows by itself or that this note gives.
    GiveUp(Option<String>),
}

/// Judges the failure of the `attempt`-th attempt, counted from 1.
pub(crate) fn judge(settings: &RetrySettings, failure: &Failure, attempt: u32, jitter: &Jitter) -> Verdict {
    if !failure.is_retryable() || settings.max_retries == 0 {
        return Verdict::GiveUp(None);
    }
    if attempt > settings.max_retries {
        return Verdict::GiveUp(Some(format!("given up after {attempt} attempts")));
    }
    let asked_for = failure.advice.after.unwrap_or_default();
    if asked_for > settings.max_retry_after {
        return Verdict::GiveUp(Some(format!(
            "not tried again, because that would take {} s and at most {} s are waited for",
            asked_for.as_secs_f64(),
            settings.max_retry_after.as_secs_f64()
        )));
    }
    let doubled = 2_u32.checked_pow(attempt - 1).and_then(|factor| settings.base.checked_mul(factor));
    let own = jitter.up_to(doubled.map_or(settings.cap, |wait| wait.min(settings.cap)), attempt);
    let spread = jitter.up_to(asked_for / RETRY_AFTER_SPREAD, attempt);
    Verdict::RetryAfter(own.max(asked_for + spread))
}

#[cfg(test)]
#[path = "backoff_tests.rs"]
mod tests;
