//! The memory budget: which models are loaded, and how far their KV caches may grow.
//!
//! A model takes room for its weights and for one full context before it is loaded, so that one answer always finds cells. What its cache grows
//! beyond that it takes later, from what nobody else has. Models that nobody uses stay loaded until the room is needed; then they leave, the one
//! that was used longest ago first. Nobody is sent away in vain: as long as the room of the idle ones is not enough, who wants to be loaded
//! waits until more are idle.
//!
//! Models wait for room in the order in which they are to be used (see `load_order`), else in the order of asking. The agents of a layer are
//! asked within a few milliseconds; so nobody is sent away before [`SETTLE`] has passed, because it could be the next one to be asked.
//!
//! Reading ahead is no use: a model that only reads for later leaves when its room is needed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

pub(crate) use super::memory_ledger::GuestId;
use super::memory_ledger::{Answer, MemoryLedger, SETTLE};

/// Tells a model to leave. Called while the ledger is held: it must neither wait nor ask the budget.
type Door = Box<dyn Fn() + Send>;

/// The memory budget of the process, shared by its models.
#[derive(Clone)]
pub(crate) struct MemoryBudget {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    start: Instant,
    budget: Option<u64>,
}

struct State {
    ledger: MemoryLedger,
    doors: BTreeMap<GuestId, Door>,
}

impl std::fmt::Debug for MemoryBudget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryBudget").field("ledger", &self.state().ledger).finish_non_exhaustive()
    }
}

impl MemoryBudget {
    /// A budget of so many bytes; without end where `None`.
    pub(crate) fn new(budget: Option<u64>) -> Self {
        let state = State { ledger: MemoryLedger::new(budget.unwrap_or(u64::MAX)), doors: BTreeMap::new() };
        let shared =
            Shared { state: Mutex::new(state), changed: Condvar::new(), start: Instant::now(), budget };
        Self { shared: Arc::new(shared) }
    }

    /// The bytes that there are; `None` without end.
    pub(crate) fn bytes(&self) -> Option<u64> {
        self.shared.budget
    }

    /// The most bytes that were ever taken at one time.
    pub(crate) fn most_in_use(&self) -> u64 {
        self.state().ledger.most_in_use()
    }

    /// Makes a model known. `door` is called when it is to leave: it must neither wait nor ask the budget.
    pub(crate) fn join(&self, door: impl Fn() + Send + 'static) -> Lease {
        let mut state = self.state();
        let guest = state.ledger.join();
        state.doors.insert(guest, Box::new(door));
        drop(state);
        Lease { budget: self.clone(), guest }
    }

    /// Says in which order the models of each layer are to be loaded.
    pub(crate) fn expect(&self, turns: Vec<Vec<GuestId>>) {
        self.state().ledger.expect(turns);
    }

    /// Lets those that wait look at their stop flags.
    pub(crate) fn wake(&self) {
        drop(self.state());
        self.shared.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The ledger is whole between any two statements, so a panic elsewhere leaves nothing half done.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A model's place in the memory budget.
#[derive(Debug)]
pub(crate) struct Lease {
    budget: MemoryBudget,
    guest: GuestId,
}

impl Lease {
    /// Whether there is an end to the room that there is.
    pub(crate) fn is_bounded(&self) -> bool {
        self.budget.bytes().is_some()
    }

    pub(crate) fn guest(&self) -> GuestId {
        self.guest
    }

    /// Says that a call needs the model, until [`Self::end_use`]. The model does not leave meanwhile.
    pub(crate) fn begin_use(&self) {
        self.budget.state().ledger.begin_use(self.guest);
    }

    pub(crate) fn end_use(&self) {
        self.budget.state().ledger.end_use(self.guest);
        self.budget.shared.changed.notify_all();
    }

    /// Takes room if it is there. Whether it was.
    pub(crate) fn take_now(&self, bytes: u64) -> bool {
        self.budget.state().ledger.grant_now(self.guest, bytes)
    }

    /// Waits for room, for a call of `layer`, and calls `waits` first where that takes long. `false` when `stop` is raised meanwhile (see
    /// [`MemoryBudget::wake`]).
    pub(crate) fn take(
        &self,
        bytes: u64,
        layer: Option<usize>,
        waits: impl FnOnce(),
        stop: &AtomicBool,
    ) -> bool {
        let shared = &self.budget.shared;
        let mut waits = Some(waits);
        let mut state = self.budget.state();
        state.ledger.ask(self.guest, bytes, layer, shared.start.elapsed());
        loop {
            if stop.load(Ordering::Relaxed) {
                state.ledger.withdraw(self.guest);
                shared.changed.notify_all();
                return false;
            }
            match state.ledger.try_grant(self.guest, shared.start.elapsed()) {
                Answer::Granted => {
                    shared.changed.notify_all();
                    return true;
                }
                Answer::NotYet(sent) => state.show_out(&sent),
                Answer::Refused => {}
            }
            if let Some(waits) = waits.take() {
                drop(state);
                waits();
                state = self.budget.state();
                continue;
            }
            state = shared.changed.wait_timeout(state, SETTLE).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Takes more room, `bytes` in all, waiting for those who leave for it. `false` where it is not to be had or `stop` is raised.
    pub(crate) fn extend(&self, bytes: u64, stop: &AtomicBool) -> bool {
        let shared = &self.budget.shared;
        let mut state = self.budget.state();
        loop {
            match state.ledger.extend(self.guest, bytes) {
                Answer::Granted => return true,
                Answer::Refused => return false,
                Answer::NotYet(_) if stop.load(Ordering::Relaxed) => return false,
                Answer::NotYet(sent) => state.show_out(&sent),
            }
            state = shared.changed.wait_timeout(state, SETTLE).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Gives all room back.
    pub(crate) fn give_back(&self) {
        self.budget.state().ledger.is_gone(self.guest);
        self.budget.shared.changed.notify_all();
    }
}

impl State {
    fn show_out(&self, guests: &[GuestId]) {
        for guest in guests {
            if let Some(door) = self.doors.get(guest) {
                door();
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.budget.state();
        state.ledger.is_gone(self.guest);
        state.ledger.forget(self.guest);
        let door = state.doors.remove(&self.guest);
        drop(state);
        drop(door);
        self.budget.shared.changed.notify_all();
    }
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
