//! How many runs may go on at the same time, and how many requests may wait for that.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::caller::Caller;
use crate::error::ApiError;
use crate::metrics::Metrics;

/// What a client waits before it asks again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The door: a place for each run, and a queue with an end before it.
pub(crate) struct Admission {
    places: Arc<Semaphore>,
    max_queue: usize,
    waiting: AtomicUsize,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
}

/// The place of a run. It is free again when this is dropped.
pub(crate) struct Place {
    _of_server: OwnedSemaphorePermit,
    _of_caller: Option<OwnedSemaphorePermit>,
}

/// Counts somebody as waiting, until this is dropped: also when they leave.
struct Queued<'a>(&'a AtomicUsize);

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Admission {
    pub(crate) fn new(max_runs: u32, max_queue: u32, metrics: Arc<Metrics>, stop: CancellationToken) -> Self {
        Self {
            places: Arc::new(Semaphore::new(max_runs as usize)),
            max_queue: max_queue as usize,
            waiting: AtomicUsize::new(0),
            metrics,
            stop,
        }
    }

    /// Waits for a place. Where the queue is full already, the refusal comes at once.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the queue.
    pub(crate) async fn enter(&self, caller: &Caller) -> Result<Arc<Place>, ApiError> {
        self.check_open()?;
        let of_caller = caller.begin()?;
        let of_server = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => place,
            Err(_) => self.queue().await?,
        };
        self.check_open()?;
        Ok(Arc::new(Place { _of_server: of_server, _of_caller: of_caller }))
    }

    async fn queue(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let queued = Queued(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= self.max_queue {
            let message = "the server has as many runs as it can take, and its queue is full";
            let refusal = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "overloaded", message);
            return Err(refusal.retry_after(RETRY_AFTER));
        }
        let _counted = self.metrics.waits();
        let place = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(draining()),
            place = Arc::clone(&self.places).acquire_owned() => place,
        };
        drop(queued);
        place.map_err(|_| draining())
    }

    fn check_open(&self) -> Result<(), ApiError> {
        if self.stop.is_cancelled() { Err(draining()) } else { Ok(()) }
    }
}

/// The refusal of a server that is about to end.
pub(crate) fn draining() -> ApiError {
    let message = "the server is shutting down and takes no more requests";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "draining", message).retry_after(RETRY_AFTER)
}
