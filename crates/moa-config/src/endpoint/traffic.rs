//! How patiently, how often and how fast an endpoint is asked.

use std::time::Duration;

use super::checks::Checks;
use super::defaults;
use crate::raw::RawEndpoint;

/// How long each stage of a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Connecting.
    pub connect: Duration,
    /// From the request to the first token.
    pub first_token: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
}

/// How often a call is tried again that failed for a reason that may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// At most so often, after the first attempt.
    pub most: u32,
    /// The longest wait before the next attempt. Where the endpoint asks for a longer one, the call fails instead.
    pub wait_max: Duration,
}

/// Whether a second request is made for an answer that is late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hedging {
    /// Never.
    #[default]
    Off,
    /// After a time that is learnt from the latest answers.
    Auto,
    /// After this time without a first token.
    After(Duration),
}

/// When an endpoint is left alone for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// After so many failures in a row, at least 1.
    pub failures: u32,
    /// For this long; then one request tries it again.
    pub pause: Duration,
}

/// How much may be asked of an endpoint at once and over time. `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests that are under way at the same time.
    pub in_flight: Option<u32>,
    /// Requests in any minute.
    pub requests_per_minute: Option<u32>,
    /// Tokens, read and written, in any minute.
    pub tokens_per_minute: Option<u32>,
    /// Calls that may wait because of these limits; beyond them a call fails at once.
    pub queue: u32,
}

impl Default for Timeouts {
    /// What holds where an endpoint says nothing.
    fn default() -> Self {
        Self {
            connect: defaults::CONNECT_TIMEOUT,
            first_token: defaults::FIRST_TOKEN_TIMEOUT,
            idle: defaults::IDLE_TIMEOUT,
        }
    }
}

impl Default for Retries {
    /// What holds where an endpoint says nothing.
    fn default() -> Self {
        Self { most: defaults::RETRIES, wait_max: defaults::RETRY_WAIT_MAX }
    }
}

impl Default for Breaker {
    /// What holds where an endpoint says nothing.
    fn default() -> Self {
        Self { failures: defaults::BREAKER_FAILURES, pause: defaults::BREAKER_PAUSE }
    }
}

impl Default for Limits {
    /// What holds where an endpoint says nothing.
    fn default() -> Self {
        Self {
            in_flight: None,
            requests_per_minute: None,
            tokens_per_minute: None,
            queue: defaults::MAX_QUEUE,
        }
    }
}

pub(super) fn timeouts<'a>(checks: &mut Checks<'a>, raw: &'a RawEndpoint) -> Timeouts {
    let default = Timeouts::default();
    Timeouts {
        connect: checks.duration(raw.connect_timeout.as_ref()).unwrap_or(default.connect),
        first_token: checks.duration(raw.first_token_timeout.as_ref()).unwrap_or(default.first_token),
        idle: checks.duration(raw.idle_timeout.as_ref()).unwrap_or(default.idle),
    }
}

pub(super) fn retries<'a>(checks: &mut Checks<'a>, raw: &'a RawEndpoint) -> Retries {
    let default = Retries::default();
    let most = checks.at_most("retries", raw.retries.as_ref(), 20, "from 0 to 20");
    Retries {
        most: most.unwrap_or(default.most),
        wait_max: checks.duration(raw.retry_wait_max.as_ref()).unwrap_or(default.wait_max),
    }
}

pub(super) fn hedging<'a>(checks: &mut Checks<'a>, raw: &'a RawEndpoint) -> Hedging {
    match &raw.hedge_after {
        None => Hedging::Off,
        Some(written) if written.value().trim() == "auto" => Hedging::Auto,
        Some(written) => checks.duration(Some(written)).map_or(Hedging::Off, Hedging::After),
    }
}

/// When the endpoint is left alone; `None` where it never is.
pub(super) fn breaker<'a>(checks: &mut Checks<'a>, raw: &'a RawEndpoint) -> Option<Breaker> {
    let default = Breaker::default();
    let failures = checks.at_most("breaker-failures", raw.breaker_failures.as_ref(), 1_000, "from 0 to 1000");
    let pause = checks.duration(raw.breaker_pause.as_ref()).unwrap_or(default.pause);
    let failures = failures.unwrap_or(default.failures);
    (failures > 0).then_some(Breaker { failures, pause })
}

pub(super) fn limits<'a>(checks: &mut Checks<'a>, raw: &'a RawEndpoint) -> Limits {
    let default = Limits::default();
    Limits {
        in_flight: checks.positive("max-in-flight", raw.max_in_flight.as_ref()),
        requests_per_minute: checks.positive("requests-per-minute", raw.requests_per_minute.as_ref()),
        tokens_per_minute: checks.positive("tokens-per-minute", raw.tokens_per_minute.as_ref()),
        queue: raw.max_queue.as_ref().map_or(default.queue, |written| *written.value()),
    }
}
