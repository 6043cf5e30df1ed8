//! Taking events as they happen.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moa_core::{Event, EventKind, RunId};

use crate::error::StoreError;
use crate::writer::Writer;

/// Takes the events of a run, or of several, and has them written.
///
/// A run whose last event did not come before its recorder was dropped is stored as interrupted. The last recorder or store to be
/// dropped waits a few seconds for what is left to be written; [`Recorder::flush`] before that tells whether it was.
#[derive(Debug)]
pub struct Recorder {
    writer: Arc<Writer>,
    unfinished: Mutex<HashSet<RunId>>,
}

/// How recording goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// What waits to be written. More than a few kilobytes mean that the disk does not keep up.
    pub waiting_bytes: usize,
    /// Events that could not be stored, of all runs of this store since it was opened.
    pub lost_events: u64,
    /// What last went wrong. Worth one warning: the runs themselves are not affected.
    pub failure: Option<StoreError>,
}

impl Recorder {
    pub(crate) fn new(writer: Arc<Writer>) -> Self {
        Self { writer, unfinished: Mutex::default() }
    }

    /// Takes an event to be written soon. Never waits for the disk and never fails; see [`Recorder::health`].
    ///
    /// Events of a run come in the order of their numbers, from [`EventKind::RunStarted`] on.
    pub fn record(&self, event: &Event) {
        let starts = matches!(event.kind, EventKind::RunStarted { .. });
        if starts || event.kind.is_last() {
            let mut unfinished = self.unfinished.lock().unwrap_or_else(PoisonError::into_inner);
            if starts {
                unfinished.insert(event.run);
            } else {
                unfinished.remove(&event.run);
            }
        }
        self.writer.queue().push(event);
    }

    /// How recording goes. Never waits.
    #[must_use]
    pub fn health(&self) -> Health {
        self.writer.queue().health()
    }

    /// Waits until everything recorded so far is in the database, for at most `patience`. Blocks the thread.
    ///
    /// # Errors
    /// When it takes longer, or when anything recorded through this store was lost: a full disk, a database that was removed, a
    /// queue that overflowed.
    pub fn flush(&self, patience: Duration) -> Result<(), StoreError> {
        self.writer.queue().flush(patience)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let unfinished = self.unfinished.get_mut().unwrap_or_else(PoisonError::into_inner);
        for run in unfinished.drain() {
            self.writer.queue().abandon(run);
        }
    }
}
