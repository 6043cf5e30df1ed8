//! In which order the requests of several runs begin, where there are more of them than places.
//!
//! Each request has a turn: how many tokens its run may have had before it. The requests of one run have turns one behind the other, those of different runs
//! stand beside each other: a run with one request does not wait for all forty of another one that came before, the one with forty does not wait for
//! whoever comes later, and a run of long requests begins fewer of them than one of short ones.
//!
//! # Source
//! Start-time fair queueing, Goyal, Vin and Cheng 1996; a request counts with the tokens that it may have in all.

use std::collections::HashMap;
use std::hash::Hash;

/// Gives out turns. `Run` names a run.
#[derive(Debug)]
pub(crate) struct Turns<Run> {
    /// The turn of the latest request that has begun.
    now: u64,
    /// Where the next request of each run stands that has had more than `now`.
    next: HashMap<Run, u64>,
}

impl<Run> Default for Turns<Run> {
    fn default() -> Self {
        Self { now: 0, next: HashMap::new() }
    }
}

impl<Run: Eq + Hash> Turns<Run> {
    /// The turn of a request that arrives and may have so many tokens, its prompt's included; one without a run is a run by itself.
    pub(crate) fn arrives(&mut self, run: Option<Run>, tokens: usize) -> u64 {
        let Some(run) = run else { return self.now };
        let turn = self.next.get(&run).map_or(self.now, |next| self.now.max(*next));
        self.next.insert(run, turn.saturating_add(tokens.max(1) as u64));
        turn
    }

    /// A request of this turn begins.
    pub(crate) fn begins(&mut self, turn: u64) {
        if turn > self.now {
            self.now = turn;
            // Who is behind begins anew with the others.
            self.next.retain(|_, next| *next > turn);
        }
    }
}

#[cfg(test)]
#[path = "turns_tests.rs"]
mod tests;
