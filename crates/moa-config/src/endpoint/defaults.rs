//! What holds for an endpoint that says nothing: the one place for these numbers. The schema's descriptions repeat them, which a test
//! compares.

use std::time::Duration;

/// A service across the world answers a handshake in well under a second; after this long there is none.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A long prompt on a busy service, or a local server that loads its weights first.
pub(super) const FIRST_TOKEN_TIMEOUT: Duration = Duration::from_mins(2);

/// Models that think may say nothing for a while; services that stream send at least a sign of life within this time.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// With waits that double from one second this outlasts half a minute of overload.
///
/// # Source
/// The reference code of Mixture-of-Agents waits 1, 2, 4, 8, 16 and 32 seconds.
pub(super) const RETRIES: u32 = 5;

/// Who is told to come back later than this does better by going on without the answer.
pub(super) const RETRY_WAIT_MAX: Duration = Duration::from_secs(30);

/// Failures in a row after which a service is taken to be down.
pub(super) const BREAKER_FAILURES: u32 = 5;

/// How long a service that is down is left alone.
pub(super) const BREAKER_PAUSE: Duration = Duration::from_secs(30);

/// Calls that may wait because of limits: more than a dozen runs of the paper's largest preset at once.
pub(super) const MAX_QUEUE: u32 = 256;
