//! The core budget: how many compute threads each model may use for its next decode call.
//!
//! All models of the process share one [`CoreBudget`]. A model that has work is a [`Member`]; before each decode call it asks for
//! a [`Grant`] and gives it back afterwards. The sum of all grants never exceeds the number of cores, so no compute thread
//! ever waits for a core at one of ggml's spinning barriers.
//!
//! The cores are shared evenly among the members: two models with work have half the cores each, the last one left has all.
//! With more members than cores they take turns in the order of asking.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

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
struct Ledger {
    cores: usize,
    free: usize,
    most_in_use: usize,
    next_member: u64,
    /// Models with work, oldest first.
    members: Vec<u64>,
    /// Members that wait for a grant, in the order of asking.
    waiting: VecDeque<u64>,
}

impl Ledger {
    fn new(cores: usize) -> Self {
        Self {
            cores,
            free: cores,
            most_in_use: 0,
            next_member: 0,
            members: Vec::new(),
            waiting: VecDeque::new(),
        }
    }

    fn join(&mut self) -> u64 {
        let member = self.next_member;
        self.next_member += 1;
        self.members.push(member);
        member
    }

    fn leave(&mut self, member: u64) {
        self.members.retain(|other| *other != member);
        self.waiting.retain(|other| *other != member);
    }

    fn ask(&mut self, member: u64) {
        self.waiting.push_back(member);
    }

    /// The cores that a member gets when all members compute at once: an even share, what is left over to the oldest.
    fn share(&self, member: u64) -> usize {
        let count = self.members.len().max(1);
        let rank = self.members.iter().position(|other| *other == member).unwrap_or(count);
        let extra = usize::from(rank < self.cores % count);
        (self.cores / count + extra).max(1)
    }

    /// Gives `member` its share, or what is free of it, when it is its turn.
    fn try_grant(&mut self, member: u64) -> Option<usize> {
        if self.free == 0 || self.waiting.front() != Some(&member) {
            return None;
        }
        self.waiting.pop_front();
        let threads = self.share(member).min(self.free);
        self.free -= threads;
        self.most_in_use = self.most_in_use.max(self.cores - self.free);
        Some(threads)
    }

    fn give_back(&mut self, threads: usize) {
        self.free = (self.free + threads).min(self.cores);
    }
}

impl CoreBudget {
    /// A budget of the given number of cores.
    pub(crate) fn new(cores: NonZeroUsize) -> Self {
        let shared = Shared { ledger: Mutex::new(Ledger::new(cores.get())), changed: Condvar::new() };
        Self { shared: Arc::new(shared) }
    }

    /// The number of cores.
    pub(crate) fn cores(&self) -> usize {
        self.ledger().cores
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
    /// Waits for cores.
    pub(crate) fn acquire(&self) -> Grant<'_> {
        let mut ledger = self.budget.ledger();
        ledger.ask(self.id);
        loop {
            if let Some(threads) = ledger.try_grant(self.id) {
                drop(ledger);
                // The next in the queue may find free cores, too.
                self.budget.shared.changed.notify_all();
                return Grant { budget: &self.budget, threads };
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
