//! Runs that have ended a moment ago.

use std::collections::VecDeque;
use std::sync::Arc;

use moa_core::RunId;

use super::active::ActiveRun;

/// The most runs that are remembered.
const MOST_RUNS: usize = 64;

/// Ended runs, for readers that come a moment too late, and for those of a server without a store.
pub(super) struct Recent {
    runs: VecDeque<Remembered>,
    bytes: usize,
    most_bytes: usize,
}

struct Remembered {
    run: Arc<ActiveRun>,
    bytes: usize,
}

impl Recent {
    pub(super) fn new(most_bytes: usize) -> Self {
        Self { runs: VecDeque::new(), bytes: 0, most_bytes }
    }

    /// Remembers a run whose events take so many bytes, and forgets the oldest ones where there are too many. The newest is always kept.
    pub(super) fn push(&mut self, run: Arc<ActiveRun>, bytes: usize) {
        self.bytes += bytes;
        self.runs.push_back(Remembered { run, bytes });
        while self.runs.len() > 1 && (self.runs.len() > MOST_RUNS || self.bytes > self.most_bytes) {
            if let Some(oldest) = self.runs.pop_front() {
                self.bytes -= oldest.bytes;
            }
        }
    }

    pub(super) fn find(&self, id: RunId) -> Option<&Arc<ActiveRun>> {
        self.runs.iter().map(|known| &known.run).find(|run| run.id() == id)
    }

    pub(super) fn forget(&mut self, id: RunId) -> bool {
        let Some(place) = self.runs.iter().position(|known| known.run.id() == id) else { return false };
        if let Some(forgotten) = self.runs.remove(place) {
            self.bytes -= forgotten.bytes;
        }
        true
    }

    /// The newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<ActiveRun>> {
        self.runs.iter().rev().map(|known| &known.run)
    }
}

#[cfg(test)]
#[path = "recent_tests.rs"]
mod tests;
