//! In which order the requests of several runs begin, where there are more of them than places.
//!
//! Each request has a turn. Those of one run have turns one after the other, those of different runs the same ones: a run with one request does not
//! wait for all forty of another one that came before, and neither does the one with forty wait for whoever comes later.
//!
//! # Source
//! Start-time fair queueing, Goyal, Vin and Cheng 1996, with one request as the unit.

use std::collections::HashMap;
use std::hash::Hash;

/// Gives out turns. `Run` names a run.
#[derive(Debug)]
pub(crate) struct Turns<Run> {
    /// The turn of the latest request that has begun.
    now: u64,
    /// The turn of the latest request of each run that has not begun before `now`.
    latest: HashMap<Run, u64>,
}

impl<Run> Default for Turns<Run> {
    fn default() -> Self {
        Self { now: 0, latest: HashMap::new() }
    }
}

impl<Run: Eq + Hash> Turns<Run> {
    /// The turn of a request that arrives; one without a run is a run by itself.
    pub(crate) fn arrives(&mut self, run: Option<Run>) -> u64 {
        let Some(run) = run else { return self.now };
        let next = self.latest.get(&run).map_or(0, |latest| latest + 1);
        let turn = next.max(self.now);
        self.latest.insert(run, turn);
        turn
    }

    /// A request of this turn begins.
    pub(crate) fn begins(&mut self, turn: u64) {
        if turn > self.now {
            self.now = turn;
            // Who is behind begins anew with the others.
            self.latest.retain(|_, latest| *latest >= turn);
        }
    }
}

#[cfg(test)]
#[path = "turns_tests.rs"]
mod tests;
