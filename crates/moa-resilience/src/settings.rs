//! How much resilience is wanted. Plain values, without effects.

use std::time::Duration;

/// Everything that can be set for one endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ResilienceSettings {
    /// How long is waited for what.
    pub timeouts: Timeouts,
    /// When a failed attempt is made again.
    pub retry: RetrySettings,
    /// When a late attempt is asked a second time; `None` never does.
    pub hedge: Option<HedgeSettings>,
    /// When a replica that fails is left alone for a while; a threshold of 0 never does.
    pub breaker: BreakerSettings,
    /// How much the endpoint may be asked.
    pub limits: LimitSettings,
}

impl ResilienceSettings {
    /// For a model in this process: neither time-outs nor retries nor breaker nor limits, each of which can be set.
    ///
    /// A local model does not become healthy by being asked again, its speed is that of this machine, and its calls still have the
    /// deadlines of call, layer and run.
    #[must_use]
    pub fn local() -> Self {
        Self {
            timeouts: Timeouts { first_token: None, idle: None },
            retry: RetrySettings { max_retries: 0, ..RetrySettings::default() },
            hedge: None,
            breaker: BreakerSettings { failures: 0, ..BreakerSettings::default() },
            limits: LimitSettings::default(),
        }
    }
}

/// How long one attempt waits for the model. Connecting has a time-out of its own, in the model that connects; calls, layers and runs have
/// deadlines in the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// From asking, or from the last sign that the prompt is being read, to the first piece of the answer. Waiting for a place and loading
    /// do not count.
    pub first_token: Option<Duration>,
    /// From one event to the next once the answer has begun.
    pub idle: Option<Duration>,
}

impl Default for Timeouts {
    /// 60 s to the first token, 30 s between events.
    fn default() -> Self {
        Self { first_token: Some(Duration::from_mins(1)), idle: Some(Duration::from_secs(30)) }
    }
}

/// When a failed attempt is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetrySettings {
    /// The most attempts after the first one.
    pub max_retries: u32,
    /// The longest wait before the first retry; it doubles from retry to retry. The wait itself is drawn between 0 and this ("full jitter").
    pub base: Duration,
    /// The longest that the doubled wait can become.
    pub cap: Duration,
    /// What an endpoint may ask to be waited for. A call that is told to wait longer fails at once.
    pub max_retry_after: Duration,
    /// Retries that an endpoint may get in percent of its calls, over the last two minutes.
    pub budget_percent: u32,
    /// Retries that it may get in any case in two minutes, so that a single call can use all of its own.
    pub budget_floor: u32,
}

impl Default for RetrySettings {
    /// Six retries within 1, 2, 4, 8, 16 and 32 s, at most 60 s where the endpoint asks for it, at most 20 % more calls.
    ///
    /// # Source
    /// The waits of the reference implementation of arXiv:2406.04692.
    fn default() -> Self {
        Self {
            max_retries: 6,
            base: Duration::from_secs(1),
            cap: Duration::from_secs(32),
            max_retry_after: Duration::from_mins(1),
            budget_percent: 20,
            budget_floor: 10,
        }
    }
}

/// When a late attempt is asked a second time. The first request to answer wins; the other one is dropped, and what it cost is not known:
/// the usage of a hedged answer is that of the winner, marked as estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HedgeSettings {
    /// How long the first token may take before a second request is started.
    pub delay: HedgeDelay,
    /// Second requests in percent of the calls, over the last two minutes.
    pub budget_percent: u32,
}

impl Default for HedgeSettings {
    /// After the 90th percentile of what was seen, for at most 10 % of the calls.
    fn default() -> Self {
        Self { delay: HedgeDelay::Quantile(0.9), budget_percent: 10 }
    }
}

/// How late is late.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HedgeDelay {
    /// After this time.
    Fixed(Duration),
    /// After this quantile, in (0, 1), of the times to the first token that were seen of the model, and a twentieth of it more; never before 20 of
    /// them were.
    Quantile(f64),
}

/// When a replica that fails is left alone for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// As many failures in a row open the circuit; 0 never does.
    pub failures: u32,
    /// How long the replica is left alone before one call may try it.
    pub cool_down: Duration,
}

impl Default for BreakerSettings {
    /// 5 failures, 30 s.
    fn default() -> Self {
        Self { failures: 5, cool_down: Duration::from_secs(30) }
    }
}

/// How much an endpoint may be asked, all its models, replicas and runs together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitSettings {
    /// Requests at the same time.
    pub in_flight: Option<u32>,
    /// Requests started within any 60 s.
    pub requests_per_minute: Option<u32>,
    /// Tokens read and written within any 60 s.
    pub tokens_per_minute: Option<u64>,
    /// Requests that may wait for the limits; one more fails at once.
    pub queue: usize,
}

impl Default for LimitSettings {
    /// No limits; 1,024 may wait once there are some.
    fn default() -> Self {
        Self { in_flight: None, requests_per_minute: None, tokens_per_minute: None, queue: 1_024 }
    }
}
