//! Who asks.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use moa_config::ServerKey;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::rate::Rate;
use crate::error::ApiError;

/// What a client waits before it asks again for a place.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The holder of a key, with limits of their own; or everybody, where there are no keys.
pub(crate) struct Caller {
    name: String,
    runs: Option<Arc<Semaphore>>,
    rate: Option<Mutex<Rate>>,
}

impl Caller {
    /// Everybody.
    pub(crate) fn anybody() -> Self {
        Self { name: String::new(), runs: None, rate: None }
    }

    pub(crate) fn of(key: &ServerKey) -> Self {
        Self {
            name: key.name.clone(),
            runs: key.max_runs.map(|runs| Arc::new(Semaphore::new(runs as usize))),
            rate: key.requests_per_minute.map(|requests| Mutex::new(Rate::per_minute(requests))),
        }
    }

    /// The holder's name; empty for everybody.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Lets the caller begin a run, if their limits allow it now.
    pub(crate) fn begin(&self) -> Result<Option<OwnedSemaphorePermit>, ApiError> {
        let refused = |message: String, wait| {
            ApiError::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", message).retry_after(wait)
        };
        let permit = match &self.runs {
            None => None,
            Some(runs) => Some(Arc::clone(runs).try_acquire_owned().map_err(|_| {
                refused(format!("'{}' has as many runs going on as this key allows", self.name), RETRY_AFTER)
            })?),
        };
        if let Some(rate) = &self.rate {
            let mut rate = rate.lock().unwrap_or_else(PoisonError::into_inner);
            rate.take(Instant::now()).map_err(|wait| {
                refused(
                    format!("'{}' has begun as many runs within a minute as this key allows", self.name),
                    wait,
                )
            })?;
        }
        Ok(permit)
    }
}
