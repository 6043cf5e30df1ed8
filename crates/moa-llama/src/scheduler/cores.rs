//! The core budget: how many compute threads each model may use for its next decode call.
//!
//! All models of the process share one [`CoreBudget`]. A model that has work is a [`Member`]; before each decode call it asks for
//! a [`Grant`]. The sum of all grants never exceeds the number of cores, so no compute thread ever waits for a core at one
//! of ggml's spinning barriers. Loading is work, too: it keeps one thread busy, beside which another model's two would wait
//! for each other.
//!
//! The cores are shared evenly among the members: two models with work have half the cores each, the last one left has all.
//! A member that wants fewer than its share (see `thread_choice`) leaves the rest to the others. With more members than cores
//! they take turns in the order of asking, but loading that a call waits for comes first, and loading for later comes last.
//!
//! Letting the model with the most work left go first was tried in a simulation: a layer of three models on two cores ended between
//! 3 % sooner and 2 % later than with turns, because no core is idle either way and nobody knows how long an answer will be.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// How often a member that waits may be passed over by more urgent ones.
const MOST_PASSED: u32 = 64;

/// In which order members that wait get cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// Loading what will be asked later.
    Later,
    /// Computing.
    Usual,
    /// Loading what a call waits for: all that its model has to do can only begin afterwards.
    First,
}

/// The cores of the process, shared by its models.
#[derive(Debug, Clone)]
pub(crate) struct CoreBudget {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    ledger: Mutex<Ledger>,
    changed: Condvar,
}

/// Who has what.
#[derive(Debug)]
pub(super) struct Ledger {
    cores: usize,
    /// Whether several members may compute at the same time.
    side_by_side: bool,
    free: usize,
    most_in_use: usize,
    next_member: u64,
    /// Models with work, oldest first, and the most cores that each wants.
    members: Vec<(u64, usize)>,
    /// Members that wait for a grant, in the order of asking.
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    member: u64,
    urgency: Urgency,
    passed: u32,
}

impl Ledger {
    pub(super) fn new(cores: usize) -> Self {
        Self {
            cores,
            side_by_side: true,
            free: cores,
            most_in_use: 0,
            next_member: 0,
            members: Vec::new(),
            waiting: Vec::new(),
        }
    }

    pub(super) fn join(&mut self) -> u64 {
        let member = self.next_member;
        self.next_member += 1;
        self.members.push((member, usize::MAX));
        member
    }

    pub(super) fn leave(&mut self, member: u64) {
        self.members.retain(|(other, _)| *other != member);
        self.withdraw(member);
    }

    /// Lets a member wait that wants at most `most` cores.
    pub(super) fn ask(&mut self, member: u64, most: usize, urgency: Urgency) {
        if let Some((_, wish)) = self.members.iter_mut().find(|(other, _)| *other == member) {
            *wish = most.max(1);
        }
        self.waiting.push(Waiting { member, urgency, passed: 0 });
    }

    fn withdraw(&mut self, member: u64) {
        self.waiting.retain(|waiting| waiting.member != member);
    }

    /// Whose turn it is.
    pub(super) fn next(&self) -> Option<u64> {
        let rank = |waiting: &Waiting| (waiting.passed >= MOST_PASSED, waiting.urgency);
        // `max_by_key` takes the last of equal ones; the first to ask is wanted.
        self.waiting.iter().rev().max_by_key(|waiting| rank(waiting)).map(|waiting| waiting.member)
    }

    /// The cores that a member gets when all members compute at once, where it wants at most `most` itself: an even share of
    /// what the others want and can have, what is left over to the oldest.
    pub(super) fn share(&self, member: u64, most: usize) -> usize {
        if !self.side_by_side {
            return most.clamp(1, self.cores);
        }
        let wishes = self.members.iter().map(|(other, wish)| if *other == member { most } else { *wish });
        let mut open: Vec<(u64, usize)> = self.members.iter().map(|(other, _)| *other).zip(wishes).collect();
        let (mut left, mut share) = (self.cores, 0);
        // One core to each in every round, until none is left or nobody wants more.
        while left > 0 && !open.is_empty() {
            for (other, wish) in open.iter_mut().take(left) {
                *wish -= 1;
                share += usize::from(*other == member);
            }
            left -= open.len().min(left);
            open.retain(|(_, wish)| *wish > 0);
        }
        share.max(1)
    }

    /// Gives `member` its share, or what is free of it, when it is its turn.
    pub(super) fn try_grant(&mut self, member: u64) -> Option<usize> {
        let is_taken = self.free == 0 || !self.side_by_side && self.free < self.cores;
        if is_taken || self.next() != Some(member) {
            return None;
        }
        let place = self.waiting.iter().position(|waiting| waiting.member == member)?;
        self.waiting.remove(place);
        // Those who asked before.
        for passed in self.waiting.iter_mut().take(place) {
            passed.passed += 1;
        }
        let most = self.members.iter().find(|(other, _)| *other == member).map_or(1, |(_, wish)| *wish);
        let threads = self.share(member, most).min(self.free);
        self.free -= threads;
        self.most_in_use = self.most_in_use.max(self.cores - self.free);
        Some(threads)
    }

    pub(super) fn give_back(&mut self, threads: usize) {
        self.free = (self.free + threads).min(self.cores);
    }
}

impl CoreBudget {
    /// A budget of the given number of cores.
    pub(crate) fn new(cores: NonZeroUsize) -> Self {
        Self::of(Ledger::new(cores.get()))
    }

    /// A budget whose members compute one after the other, on all cores each.
    pub(crate) fn one_after_the_other(cores: NonZeroUsize) -> Self {
        Self::of(Ledger { side_by_side: false, ..Ledger::new(cores.get()) })
    }

    fn of(ledger: Ledger) -> Self {
        Self { shared: Arc::new(Shared { ledger: Mutex::new(ledger), changed: Condvar::new() }) }
    }

    /// The number of cores.
    pub(crate) fn cores(&self) -> usize {
        self.ledger().cores
    }

    /// The cores that are granted now.
    pub(crate) fn in_use(&self) -> usize {
        let ledger = self.ledger();
        ledger.cores - ledger.free
    }

    /// The most cores that were ever granted at one time.
    pub(crate) fn most_in_use(&self) -> usize {
        self.ledger().most_in_use
    }

    /// Says that a model has work from now on, until the member is dropped.
    pub(crate) fn join(&self) -> Member {
        let id = self.ledger().join();
        Member { budget: self.clone(), id }
    }

    /// Lets those that wait look at their stop flags.
    pub(crate) fn wake(&self) {
        // Whoever has looked at its flag and does not wait yet holds the ledger.
        drop(self.ledger());
        self.shared.changed.notify_all();
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // The ledger is whole between any two statements, so a panic elsewhere leaves nothing half done.
        self.shared.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A model that has work.
#[derive(Debug)]
pub(crate) struct Member {
    budget: CoreBudget,
    id: u64,
}

impl Member {
    /// The cores that the member would get now if it wanted all it can have.
    pub(crate) fn offer(&self) -> usize {
        self.budget.ledger().share(self.id, usize::MAX)
    }

    /// Waits for cores, `most` at most. `None` when `stop` is raised meanwhile (see [`CoreBudget::wake`]).
    pub(crate) fn acquire(&self, most: usize, urgency: Urgency, stop: &AtomicBool) -> Option<Grant<'_>> {
        let mut ledger = self.budget.ledger();
        ledger.ask(self.id, most, urgency);
        loop {
            if stop.load(Ordering::Relaxed) {
                ledger.withdraw(self.id);
                self.budget.shared.changed.notify_all();
                return None;
            }
            if let Some(threads) = ledger.try_grant(self.id) {
                // The next one may find free cores, too.
                self.budget.shared.changed.notify_all();
                return Some(Grant { budget: &self.budget, threads });
            }
            ledger = self.budget.shared.changed.wait(ledger).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.budget.ledger().leave(self.id);
        self.budget.shared.changed.notify_all();
    }
}

/// Cores that a model may compute on until this is dropped.
#[derive(Debug)]
pub(crate) struct Grant<'member> {
    budget: &'member CoreBudget,
    threads: usize,
}

impl Grant<'_> {
    /// How many threads may compute.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }
}

impl Drop for Grant<'_> {
    fn drop(&mut self) {
        self.budget.ledger().give_back(self.threads);
        self.budget.shared.changed.notify_all();
    }
}

#[cfg(test)]
#[path = "cores_tests.rs"]
mod tests;
