//! Who has how much of the memory budget, and who gets the next room: arithmetic alone, without threads.

use std::collections::BTreeMap;
use std::time::Duration;

/// How long one waits before others are sent away.
pub(super) const SETTLE: Duration = Duration::from_millis(20);

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

    /// The model is no more.
    pub(super) fn forget(&mut self, guest: GuestId) {
        self.guests.remove(&guest);
    }

    /// The most room that was ever taken.
    pub(super) fn most_in_use(&self) -> u64 {
        self.most_in_use
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.guests.is_empty()
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

#[cfg(test)]
#[path = "memory_ledger_tests.rs"]
mod tests;
