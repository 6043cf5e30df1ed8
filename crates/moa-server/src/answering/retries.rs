//! Requests that are made again because a connection broke: what was answered already is not asked again.
//!
//! With an `Idempotency-Key` the same request joins the run that it began, whether that goes on or has ended well. Without one, a request
//! whose answer did not reach its client whole takes the finished calls of the earlier run. A request that was answered whole and comes
//! again gets a new answer: that is how front ends ask for another one.

use std::collections::{BTreeMap, HashMap};
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

/// The requests of the last minutes: those that go on, those with a key, and those whose answer did not reach its client.
pub(crate) struct Retries {
    window: Duration,
    /// What the runs that have ended may take in memory.
    most_bytes: usize,
    requests: Arc<Mutex<Requests>>,
}

type Requests = HashMap<Digest, Remembered>;

struct Remembered {
    at: Instant,
    body: Digest,
    run: Arc<ActiveRun>,
}

/// What is known of a request that may have been made before.
pub(crate) struct Retry {
    name: Digest,
    body: Digest,
    has_key: bool,
    /// The run that gives the answer to this very request.
    pub(crate) run: Option<Arc<ActiveRun>>,
    /// The earlier run, whose finished calls need not be asked again.
    pub(crate) earlier: Option<Arc<ActiveRun>>,
}

/// Says that an answer has reached its client whole.
pub(crate) struct Delivery {
    /// Where the request is remembered, if it need not be after this.
    forgotten: Option<(Arc<Mutex<Requests>>, Digest)>,
    run: Arc<ActiveRun>,
}

impl Delivery {
    pub(crate) fn complete(self) {
        let Some((requests, name)) = self.forgotten else { return };
        let mut requests = lock(&requests);
        // The same request may have been made once more meanwhile.
        if requests.get(&name).is_some_and(|known| Arc::ptr_eq(&known.run, &self.run)) {
            requests.remove(&name);
        }
    }
}

impl Retries {
    pub(crate) fn new(window: Duration, most_bytes: usize) -> Self {
        Self { window, most_bytes, requests: Arc::default() }
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
        let mut retry = Retry { name, body, has_key: key.is_some(), run: None, earlier: None };
        let requests = lock(&self.requests);
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
        } else {
            retry.earlier = Some(Arc::clone(&known.run));
        }
        Ok(retry)
    }

    /// Remembers the run that answers a request.
    pub(crate) fn remember(&self, retry: &Retry, run: &Arc<ActiveRun>) -> Delivery {
        let mut requests = lock(&self.requests);
        requests.retain(|_, known| known.at.elapsed() < self.window);
        if requests.len() >= MOST {
            let oldest = requests.iter().min_by_key(|(_, known)| known.at).map(|(name, _)| *name);
            oldest.and_then(|name| requests.remove(&name));
        }
        self.forget_the_oldest(&mut requests);
        let remembered = Remembered { at: Instant::now(), body: retry.body, run: Arc::clone(run) };
        requests.insert(retry.name, remembered);
        let forgotten = (!retry.has_key).then(|| (Arc::clone(&self.requests), retry.name));
        Delivery { forgotten, run: Arc::clone(run) }
    }

    /// Forgets runs that have ended until the others keep within the limit. Those that go on are in memory anyway.
    fn forget_the_oldest(&self, requests: &mut Requests) {
        let ended = requests.iter().filter(|(_, known)| known.run.is_over());
        let mut ended: Vec<_> = ended.map(|(name, known)| (known.at, known.run.bytes(), *name)).collect();
        let mut bytes: usize = ended.iter().map(|(_, bytes, _)| bytes).sum();
        if bytes <= self.most_bytes {
            return;
        }
        ended.sort_unstable_by_key(|(at, ..)| *at);
        for (_, of_run, name) in ended {
            if bytes <= self.most_bytes {
                break;
            }
            requests.remove(&name);
            bytes -= of_run;
        }
    }
}

fn lock(requests: &Mutex<Requests>) -> MutexGuard<'_, Requests> {
    requests.lock().unwrap_or_else(PoisonError::into_inner)
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
