//! The replicas of an endpoint: how busy each is, and whether it is left alone.

use std::sync::{Arc, Mutex, PoisonError};

use moa_core::Failure;
use tokio::time::Instant;

use crate::breaker::{CircuitBreaker, Permit};
use crate::settings::BreakerSettings;

/// What is known of each replica of an endpoint, for all who use it.
#[derive(Debug)]
pub(crate) struct Replicas {
    settings: BreakerSettings,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<Entry>,
    /// Counts choices, so that equal replicas take turns.
    choices: usize,
}

#[derive(Debug)]
struct Entry {
    name: String,
    breaker: CircuitBreaker,
    in_flight: usize,
}

/// How one replica is doing: its name, its requests in flight, and until when it is left alone.
pub(crate) type ReplicaSituation = (String, usize, Option<Instant>);

impl Replicas {
    pub(crate) fn new(settings: BreakerSettings) -> Self {
        Self { settings, state: Mutex::default() }
    }

    /// The number of the replica of this name; the same one for whoever asks.
    pub(crate) fn number_of(&self, name: &str) -> usize {
        let mut state = self.lock();
        match state.entries.iter().position(|entry| entry.name == name) {
            Some(number) => number,
            None => {
                let breaker = CircuitBreaker::new(self.settings);
                state.entries.push(Entry { name: name.to_owned(), breaker, in_flight: 0 });
                state.entries.len() - 1
            }
        }
    }

    /// Whether a call to one of `candidates` would be let through; else when to come back.
    pub(crate) fn check(&self, candidates: &[usize], now: Instant) -> Result<(), Instant> {
        let state = self.lock();
        let refusals = candidates.iter().map(|&number| state.entries[number].breaker.refuses_until(now));
        // `None`, let through, is less than any time.
        refusals.min().flatten().map_or(Ok(()), Err)
    }

    /// Takes the replica that this call has tried least, then the least busy one, then the one whose turn it is; those that are left alone
    /// are passed over. When all are, says when the first may be tried again.
    pub(crate) fn lease(
        self: &Arc<Self>,
        candidates: &[usize],
        tried: &[usize],
        now: Instant,
    ) -> Result<Lease, Instant> {
        self.check(candidates, now)?;
        let mut guard = self.lock();
        let state = &mut *guard;
        let turn = state.choices;
        let open = candidates
            .iter()
            .enumerate()
            .filter(|&(_, &number)| state.entries[number].breaker.refuses_until(now).is_none());
        let best = open.min_by_key(|&(place, &number)| {
            let attempts = tried.iter().filter(|&&other| other == number).count();
            let distance = (place + candidates.len() - turn % candidates.len()) % candidates.len();
            (attempts, state.entries[number].in_flight, distance)
        });
        let Some((_, &number)) = best else { return Err(now) };
        let permit = state.entries[number].breaker.acquire(now)?;
        state.entries[number].in_flight += 1;
        state.choices = state.choices.wrapping_add(1);
        Ok(Lease { replicas: Arc::clone(self), number, permit: Some(permit) })
    }

    /// How every replica is doing.
    pub(crate) fn situation(&self, now: Instant) -> Vec<ReplicaSituation> {
        let state = self.lock();
        let of = |entry: &Entry| (entry.name.clone(), entry.in_flight, entry.breaker.refuses_until(now));
        state.entries.iter().map(of).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request to one replica. Dropping it gives the place back, and a probe to the next call.
#[derive(Debug)]
pub(crate) struct Lease {
    replicas: Arc<Replicas>,
    number: usize,
    permit: Option<Permit>,
}

impl Lease {
    /// The number of the replica.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// The replica began to answer.
    pub(crate) fn note_answering(&mut self) {
        let mut state = self.replicas.lock();
        if let Some(permit) = &mut self.permit {
            state.entries[self.number].breaker.note_answering(permit);
        }
    }

    /// The replica answered to the end.
    pub(crate) fn note_success(&mut self) {
        let mut state = self.replicas.lock();
        if let Some(permit) = self.permit.take() {
            state.entries[self.number].breaker.note_success(permit);
        }
    }

    /// The request failed.
    pub(crate) fn note_failure(&mut self, failure: &Failure, now: Instant) {
        let mut state = self.replicas.lock();
        if let Some(permit) = self.permit.take() {
            state.entries[self.number].breaker.note_failure(permit, failure.kind, now);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.replicas.lock();
        let entry = &mut state.entries[self.number];
        entry.in_flight -= 1;
        if let Some(permit) = self.permit.take() {
            entry.breaker.note_neither(permit);
        }
    }
}
