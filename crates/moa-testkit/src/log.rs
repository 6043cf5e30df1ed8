//! The log of every request.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::clock::Stamp;
use crate::record::{End, Outcome, Request};
use crate::script::Keep;
use crate::traffic::Traffic;

/// The log of every request, also of those in flight.
#[derive(Debug, Clone)]
pub struct Log {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    keep: Keep,
    entries: Mutex<Entries>,
    ended: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Entries {
    requests: VecDeque<Arc<Mutex<Request>>>,
    /// In the order of their ends, for [`Log::take_ended`].
    ended: VecDeque<Arc<Mutex<Request>>>,
    is_followed: bool,
    arrived: u64,
    forgotten: u64,
}

impl Log {
    pub(crate) fn new(keep: Keep) -> Self {
        let entries = Mutex::default();
        Self { shared: Arc::new(Shared { keep, entries, ended: watch::Sender::new(0) }) }
    }

    /// The requests that are kept, in the order of their arrival, as they are now.
    #[must_use]
    pub fn requests(&self) -> Traffic {
        let entries: Vec<_> = lock(&self.shared.entries).requests.iter().cloned().collect();
        entries.iter().map(|entry| lock(entry).clone()).collect()
    }

    /// How many requests have arrived, also those that are no longer kept.
    #[must_use]
    pub fn len(&self) -> u64 {
        lock(&self.shared.entries).arrived
    }

    /// Whether no request has arrived.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many requests were dropped from the log because newer ones came (`log.requests` of the script).
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        lock(&self.shared.entries).forgotten
    }

    /// Forgets everything so far. Numbers go on.
    pub fn clear(&self) {
        let mut entries = lock(&self.shared.entries);
        entries.requests.clear();
        entries.ended.clear();
    }

    /// From now on, ended requests wait for [`Log::take_ended`].
    pub fn follow(&self) {
        lock(&self.shared.entries).is_followed = true;
    }

    /// The requests that have ended since the last time.
    #[must_use]
    pub fn take_ended(&self) -> Vec<Request> {
        let ended = std::mem::take(&mut lock(&self.shared.entries).ended);
        ended.iter().map(|entry| lock(entry).clone()).collect()
    }

    /// The number of ended requests, as it rises.
    #[must_use]
    pub fn watch_ended(&self) -> watch::Receiver<u64> {
        self.shared.ended.subscribe()
    }

    /// Begins a request.
    pub(crate) fn begin(&self, mut request: Request) -> Entry {
        if !self.shared.keep.bodies {
            request.body = serde_json::Value::Null;
        }
        let mut entries = lock(&self.shared.entries);
        entries.arrived += 1;
        request.id = entries.arrived;
        let request = Arc::new(Mutex::new(request));
        entries.requests.push_back(request.clone());
        if entries.requests.len() > self.shared.keep.requests.max(1) {
            entries.requests.pop_front();
            entries.forgotten += 1;
        }
        Entry { shared: self.shared.clone(), request }
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct Entry {
    shared: Arc<Shared>,
    request: Arc<Mutex<Request>>,
}

impl Entry {
    /// Notes bytes that are about to be written.
    pub(crate) fn sending(&self, at: Stamp, bytes: usize, is_chunk: bool) {
        let mut request = lock(&self.request);
        request.first_byte.get_or_insert(at);
        request.bytes_sent += bytes as u64;
        if is_chunk {
            request.chunks_sent += 1;
            if self.shared.keep.chunks {
                request.chunks.push(at);
            }
        }
    }

    /// Ends the request.
    pub(crate) fn end(&self, at: Stamp, outcome: Outcome) {
        lock(&self.request).end = Some(End { at, outcome });
        let mut entries = lock(&self.shared.entries);
        if entries.is_followed {
            entries.ended.push_back(self.request.clone());
        }
        drop(entries);
        self.shared.ended.send_modify(|ended| *ended += 1);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half done under these locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
