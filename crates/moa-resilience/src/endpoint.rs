//! What all models and runs that use one endpoint share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moa_core::ModelId;
use tokio::time::Instant;

use crate::latency::{FirstToken, Latencies};
use crate::limits::Limits;
use crate::replicas::Replicas;
use crate::settings::{HedgeDelay, HedgeSettings, ResilienceSettings};
use crate::share_budget::ShareBudget;

/// Hedges that an endpoint may get in any case in two minutes.
const HEDGE_FLOOR: u32 = 1;

/// A hedge comes a twentieth later than the quantile that was asked for: those that are about to answer are left in peace, and hedging after the
/// 90th percentile leaves a budget of 10 % some slack for days on which more are late.
const HEDGE_MARGIN: u32 = 20;

/// The settings of an endpoint and what is known of it: circuit breakers, limits, budgets, times. To be made once for each endpoint and given to
/// all of its models, in all runs.
#[derive(Debug)]
pub struct EndpointState {
    name: String,
    settings: ResilienceSettings,
    pub(crate) replicas: Arc<Replicas>,
    pub(crate) limits: Arc<Limits>,
    retries: Mutex<ShareBudget>,
    hedges: Mutex<ShareBudget>,
    latencies: Mutex<BTreeMap<ModelId, Latencies>>,
}

/// How an endpoint is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointStatus {
    /// Requests that are being answered.
    pub in_flight: u32,
    /// Requests that wait for the limits.
    pub queued: usize,
    /// Its replicas, in the order in which they were first used.
    pub replicas: Vec<ReplicaStatus>,
}

/// How one replica is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaStatus {
    /// Its name.
    pub name: String,
    /// Requests that it is answering.
    pub in_flight: usize,
    /// For how much longer it is left alone, if it is.
    pub left_alone: Option<Duration>,
}

impl EndpointState {
    /// The state of an endpoint that nobody has used yet. `name` is what messages call it.
    #[must_use]
    pub fn new(name: impl Into<String>, settings: ResilienceSettings) -> Arc<Self> {
        let retry = &settings.retry;
        let hedge_percent = settings.hedge.map_or(0, |hedge| hedge.budget_percent);
        Arc::new(Self {
            name: name.into(),
            settings,
            replicas: Arc::new(Replicas::new(settings.breaker)),
            limits: Arc::new(Limits::new(settings.limits)),
            retries: Mutex::new(ShareBudget::new(retry.budget_percent, retry.budget_floor)),
            hedges: Mutex::new(ShareBudget::new(hedge_percent, HEDGE_FLOOR)),
            latencies: Mutex::default(),
        })
    }

    /// What messages call the endpoint.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its settings.
    #[must_use]
    pub fn settings(&self) -> &ResilienceSettings {
        &self.settings
    }

    /// How the endpoint is doing now.
    #[must_use]
    pub fn status(&self) -> EndpointStatus {
        let now = Instant::now();
        let (in_flight, queued) = self.limits.load();
        let replicas = self.replicas.situation(now).into_iter().map(|(name, in_flight, until)| {
            let left_alone = until.map(|until| until.saturating_duration_since(now));
            ReplicaStatus { name, in_flight, left_alone }
        });
        EndpointStatus { in_flight, queued, replicas: replicas.collect() }
    }

    /// A call that somebody wanted begins.
    pub(crate) fn note_call(&self, now: Instant) {
        lock(&self.retries).note_call(now);
        lock(&self.hedges).note_call(now);
    }

    /// Whether one more retry is within the budget; it is taken then.
    pub(crate) fn take_retry(&self, now: Instant) -> bool {
        lock(&self.retries).take_extra(now)
    }

    /// Whether one more hedge is within the budget; it is taken then.
    pub(crate) fn take_hedge(&self, now: Instant) -> bool {
        lock(&self.hedges).take_extra(now)
    }

    /// The hedge that was taken at `at` is not made after all.
    pub(crate) fn give_back_hedge(&self, at: Instant) {
        lock(&self.hedges).give_back_extra(at);
    }

    /// A first token of `model` came or was given up.
    pub(crate) fn note_first_token(&self, model: &ModelId, first_token: FirstToken) {
        if let Some(HedgeSettings { delay: HedgeDelay::Quantile(quantile), .. }) = self.settings.hedge {
            let mut latencies = lock(&self.latencies);
            latencies.entry(model.clone()).or_insert_with(|| Latencies::new(quantile)).record(first_token);
        }
    }

    /// How late the first token of `model` may be before it is asked again.
    pub(crate) fn hedge_delay(&self, model: &ModelId) -> Option<Duration> {
        match self.settings.hedge?.delay {
            HedgeDelay::Fixed(delay) => Some(delay),
            HedgeDelay::Quantile(_) => {
                let time = lock(&self.latencies).get_mut(model)?.estimate()?;
                Some(time.saturating_add(time / HEDGE_MARGIN))
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
