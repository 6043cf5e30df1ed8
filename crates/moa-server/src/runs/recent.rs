//! Runs that have ended a moment ago.

use std::collections::VecDeque;
use std::sync::Arc;

use moa_core::RunId;

use super::active::ActiveRun;

/// The most runs that are remembered.
const MOST_RUNS: usize = 64;

/// The most events of all of them together.
const MOST_EVENTS: usize = 50_000;

/// Ended runs, for readers that come a moment too late, and for those of a server without a store.
#[derive(Default)]
pub(super) struct Recent {
    runs: VecDeque<Arc<ActiveRun>>,
    events: usize,
}

impl Recent {
    /// Remembers a run, and forgets the oldest ones where there are too many. The newest is always kept.
    pub(super) fn push(&mut self, run: Arc<ActiveRun>) {
        self.events += run.feed().len();
        self.runs.push_back(run);
        while self.runs.len() > 1 && (self.runs.len() > MOST_RUNS || self.events > MOST_EVENTS) {
            if let Some(oldest) = self.runs.pop_front() {
                self.events = self.events.saturating_sub(oldest.feed().len());
            }
        }
    }

    pub(super) fn find(&self, id: RunId) -> Option<&Arc<ActiveRun>> {
        self.runs.iter().find(|run| run.id() == id)
    }

    pub(super) fn forget(&mut self, id: RunId) -> bool {
        let before = self.runs.len();
        self.runs.retain(|run| run.id() != id);
        self.runs.len() < before
    }

    /// The newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<ActiveRun>> {
        self.runs.iter().rev()
    }
}
