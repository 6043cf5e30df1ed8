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
use std::time::{Duration, Instant};

/// How long one waits before others are sent away.
const SETTLE: Duration = Duration::from_millis(20);

/// How long one waits before models in use are sent away.
const PATIENCE: Duration = Duration::from_secs(5);

/// A model, as the budget knows it.
pub(crate) type GuestId = u64;

/// Whether a model takes room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Away,
    Here,
    /// It was told to leave and has not done so yet.
    Leaves,
}

#[derive(Debug)]
struct Guest {
    presence: Presence,
    bytes: u64,
    /// Calls that need it.
    uses: usize,
    last_used: u64,
}

/// One that waits to be loaded.
#[derive(Debug)]
struct Asker {
    guest: GuestId,
    bytes: u64,
    turn: usize,
    since: Duration,
}

/// What becomes of a wish for room.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The room is there, and taken.
    Granted,
    /// Not yet. These are to be told to leave.
    NotYet(Vec<GuestId>),
    /// Not without sending away who is needed.
    Refused,
}

/// Who has how much.
#[derive(Debug)]
pub(super) struct MemoryLedger {
    budget: u64,
    most_in_use: u64,
    clock: u64,
    next_guest: GuestId,
    guests: BTreeMap<GuestId, Guest>,
    waiting: Vec<Asker>,
    /// For each layer of a mixture its models in the order in which they are to be loaded.
    turns: Vec<Vec<GuestId>>,
}

impl MemoryLedger {
    pub(super) fn new(budget: u64) -> Self {
        Self {
            budget,
            most_in_use: 0,
            clock: 0,
            next_guest: 0,
            guests: BTreeMap::new(),
            waiting: Vec::new(),
            turns: Vec::new(),
        }
    }

    pub(super) fn join(&mut self) -> GuestId {
        let guest = self.next_guest;
        self.next_guest += 1;
        self.guests.insert(guest, Guest { presence: Presence::Away, bytes: 0, uses: 0, last_used: 0 });
        guest
    }

    /// Says in which order the models of each layer are to be loaded.
    pub(super) fn expect(&mut self, turns: Vec<Vec<GuestId>>) {
        self.turns = turns;
    }

    /// The room that is taken, that of the leaving included.
    pub(super) fn in_use(&self) -> u64 {
        self.guests.values().map(|guest| guest.bytes).sum()
    }

    fn free(&self) -> u64 {
        self.budget.saturating_sub(self.in_use())
    }

    /// A call needs the model from now on.
    pub(super) fn begin_use(&mut self, guest: GuestId) {
        if let Some(guest) = self.guests.get_mut(&guest) {
            guest.uses += 1;
        }
    }

    pub(super) fn end_use(&mut self, guest: GuestId) {
        self.clock += 1;
        if let Some(guest) = self.guests.get_mut(&guest) {
            guest.uses = guest.uses.saturating_sub(1);
            guest.last_used = self.clock;
        }
    }

    /// Lets a model wait to be loaded, for a call of `layer`.
    pub(super) fn ask(&mut self, guest: GuestId, bytes: u64, layer: Option<usize>, now: Duration) {
        let turns = layer.and_then(|layer| self.turns.get(layer.checked_sub(1)?));
        let turn = turns.and_then(|turns| turns.iter().position(|other| *other == guest));
        self.waiting.push(Asker { guest, bytes, turn: turn.unwrap_or(usize::MAX), since: now });
    }

    pub(super) fn withdraw(&mut self, guest: GuestId) {
        self.waiting.retain(|asker| asker.guest != guest);
    }

    /// Whose turn it is to be loaded.
    pub(super) fn next(&self) -> Option<GuestId> {
        self.waiting.iter().min_by_key(|asker| asker.turn).map(|asker| asker.guest)
    }

    /// Gives a model that waits its room when it is its turn and the room is there.
    pub(super) fn try_grant(&mut self, guest: GuestId, now: Duration) -> Answer {
        let place = self.waiting.iter().position(|asker| asker.guest == guest);
        let Some(place) = place.filter(|_| self.next() == Some(guest)) else {
            return Answer::NotYet(Vec::new());
        };
        let Asker { bytes, since, .. } = self.waiting[place];
        if bytes > self.free() {
            let sent = if now < since + SETTLE {
                Vec::new()
            } else {
                self.send_away(guest, bytes, now >= since + PATIENCE)
            };
            return Answer::NotYet(sent);
        }
        self.waiting.remove(place);
        self.take(guest, bytes);
        Answer::Granted
    }

    /// Gives a model its room if nobody need leave for it and nobody waits.
    pub(super) fn grant_now(&mut self, guest: GuestId, bytes: u64) -> bool {
        let is_free = self.waiting.is_empty() && bytes <= self.free();
        if is_free {
            self.take(guest, bytes);
        }
        is_free
    }

    /// Lets a model that is here take `bytes` in all. Who waits to be loaded comes first.
    pub(super) fn extend(&mut self, guest: GuestId, bytes: u64) -> Answer {
        let Some(held) = self.guests.get(&guest).filter(|guest| guest.presence == Presence::Here) else {
            return Answer::Refused;
        };
        let more = bytes.saturating_sub(held.bytes);
        if more <= self.free() && (more == 0 || self.waiting.is_empty()) {
            let bytes = held.bytes + more;
            self.take(guest, bytes);
            return Answer::Granted;
        }
        if !self.waiting.is_empty() {
            return Answer::Refused;
        }
        let sent = self.send_away(guest, more, false);
        let is_coming = self.free() + self.leaving() >= more;
        if is_coming { Answer::NotYet(sent) } else { Answer::Refused }
    }

    /// A model takes no room any more.
    pub(super) fn is_gone(&mut self, guest: GuestId) {
        if let Some(guest) = self.guests.get_mut(&guest) {
            (guest.presence, guest.bytes) = (Presence::Away, 0);
        }
        self.withdraw(guest);
    }

    fn take(&mut self, guest: GuestId, bytes: u64) {
        self.clock += 1;
        if let Some(guest) = self.guests.get_mut(&guest) {
            (guest.presence, guest.bytes, guest.last_used) = (Presence::Here, bytes, self.clock);
        }
        self.most_in_use = self.most_in_use.max(self.in_use());
    }

    /// The room that becomes free when all have left who were told to.
    fn leaving(&self) -> u64 {
        let leaving = self.guests.values().filter(|guest| guest.presence == Presence::Leaves);
        leaving.map(|guest| guest.bytes).sum()
    }

    /// Chooses models to leave so that `guest` finds `bytes`, idle ones first, and others only where `used_too`; none where that is not enough.
    fn send_away(&mut self, guest: GuestId, bytes: u64, used_too: bool) -> Vec<GuestId> {
        let mut coming = self.free() + self.leaving();
        let may_go = |(id, other): &(&GuestId, &Guest)| {
            **id != guest && other.presence == Presence::Here && (used_too || other.uses == 0)
        };
        let others = self.guests.iter().filter(may_go);
        let mut others: Vec<_> =
            others.map(|(id, other)| (other.uses > 0, other.last_used, *id, other.bytes)).collect();
        others.sort_unstable();
        let mut sent = Vec::new();
        for (_, _, id, freed) in others {
            if coming >= bytes {
                break;
            }
            coming += freed;
            sent.push(id);
        }
        if coming < bytes {
            return Vec::new();
        }
        for id in &sent {
            if let Some(guest) = self.guests.get_mut(id) {
                guest.presence = Presence::Leaves;
            }
        }
        sent
    }
}

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
        self.state().ledger.most_in_use
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
        state.ledger.guests.remove(&self.guest);
        let door = state.doors.remove(&self.guest);
        drop(state);
        drop(door);
        self.budget.shared.changed.notify_all();
    }
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
