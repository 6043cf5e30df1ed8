//! Requests that are made again because a connection broke: what was answered already is not asked again.
//!
//! With an `Idempotency-Key` the same request joins the run that it began, whether that goes on or has ended well. Without one, a request
//! whose answer did not reach its client whole takes the finished calls of the earlier run. A request that was answered whole and comes
//! again gets a new answer: that is how front ends ask for another one.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use moa_core::{AnswerSource, CallOutcome, CallStatus, ContentKey, Trace};
use tokio::time::Instant;

use crate::error::ApiError;
use crate::runs::ActiveRun;

/// The most requests that are remembered.
const MOST: usize = 1_024;

/// The longest key that is taken.
const LONGEST_KEY: usize = 255;

type Digest = [u8; 32];

/// The requests of the last minutes.
pub(crate) struct Retries {
    window: Duration,
    requests: Mutex<HashMap<Digest, Remembered>>,
}

struct Remembered {
    at: Instant,
    body: Digest,
    run: Arc<ActiveRun>,
    was_delivered: Arc<AtomicBool>,
}

/// What is known of a request that may have been made before.
pub(crate) struct Retry {
    name: Digest,
    body: Digest,
    /// The run that gives the answer to this very request.
    pub(crate) run: Option<Arc<ActiveRun>>,
    /// The earlier run, whose finished calls need not be asked again.
    pub(crate) earlier: Option<Arc<ActiveRun>>,
}

/// Says that an answer has reached its client whole.
#[derive(Clone)]
pub(crate) struct Delivery(Arc<AtomicBool>);

impl Delivery {
    pub(crate) fn complete(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Retries {
    pub(crate) fn new(window: Duration) -> Self {
        Self { window, requests: Mutex::default() }
    }

    /// Looks whether a request was made before.
    pub(crate) fn look(&self, caller: &str, headers: &HeaderMap, body: &[u8]) -> Result<Retry, ApiError> {
        let body = digest(&[body]);
        let key = headers
            .get("idempotency-key")
            .map(axum::http::HeaderValue::as_bytes)
            .filter(|key| !key.is_empty());
        if key.is_some_and(|key| key.len() > LONGEST_KEY) {
            let message = format!("an Idempotency-Key has at most {LONGEST_KEY} characters");
            return Err(ApiError::invalid(message));
        }
        let name = match key {
            Some(key) => digest(&[b"key", caller.as_bytes(), key]),
            None => digest(&[b"body", caller.as_bytes(), &body]),
        };
        let mut retry = Retry { name, body, run: None, earlier: None };
        let requests = self.lock();
        let Some(known) = requests.get(&name).filter(|known| known.at.elapsed() < self.window) else {
            return Ok(retry);
        };
        if known.body != body {
            let message = "this Idempotency-Key was used for another request";
            return Err(ApiError::new(StatusCode::BAD_REQUEST, "idempotency_key_reused", message));
        }
        if key.is_some() {
            let answers = !known.run.is_over() || known.run.has_answer();
            let place = if answers { &mut retry.run } else { &mut retry.earlier };
            *place = Some(Arc::clone(&known.run));
        } else if !known.was_delivered.load(Ordering::Acquire) {
            retry.earlier = Some(Arc::clone(&known.run));
        }
        Ok(retry)
    }

    /// Remembers the run that answers a request.
    pub(crate) fn remember(&self, retry: &Retry, run: &Arc<ActiveRun>) -> Delivery {
        let was_delivered = Arc::new(AtomicBool::new(false));
        let remembered = Remembered {
            at: Instant::now(),
            body: retry.body,
            run: Arc::clone(run),
            was_delivered: Arc::clone(&was_delivered),
        };
        let mut requests = self.lock();
        if requests.len() >= MOST {
            requests.retain(|_, known| known.at.elapsed() < self.window);
        }
        if requests.len() >= MOST {
            let oldest = requests.iter().min_by_key(|(_, known)| known.at).map(|(name, _)| *name);
            oldest.and_then(|name| requests.remove(&name));
        }
        requests.insert(retry.name, remembered);
        Delivery(was_delivered)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Remembered>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(parts: &[&[u8]]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

/// The whole answers of an earlier run.
pub(crate) struct EarlierAnswers(BTreeMap<ContentKey, CallOutcome>);

impl EarlierAnswers {
    pub(crate) fn of(trace: &Trace) -> Self {
        let whole = trace.calls().filter_map(|call| {
            let outcome = call.outcome.as_ref().filter(|outcome| outcome.status == CallStatus::Ok)?;
            Some((call.key.clone()?, outcome.clone()))
        });
        Self(whole.collect())
    }
}

impl AnswerSource for EarlierAnswers {
    fn answer(&self, key: &ContentKey) -> Option<CallOutcome> {
        self.0.get(key).cloned()
    }
}
