//! When a decode call under way is to be broken off.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::request::Reply;

/// Whether anybody still wants the result of the decode call under way.
///
/// A call that reads a long prompt takes seconds on a slow machine; without this a question that was given up would hold up
/// the next one for as long.
#[derive(Debug)]
pub(crate) struct Abort {
    stop: Arc<AtomicBool>,
    /// Those for whom the call computes.
    listeners: Mutex<Vec<mpsc::Sender<Reply>>>,
}

impl Abort {
    /// Breaks off when `stop` is raised, or when nobody listens any more.
    pub(crate) fn new(stop: Arc<AtomicBool>) -> Self {
        Self { stop, listeners: Mutex::default() }
    }

    /// Says for whom the next decode call computes; for nobody in particular where there are none.
    pub(crate) fn watch(&self, listeners: impl Iterator<Item = mpsc::Sender<Reply>>) {
        let mut known = self.listeners();
        known.clear();
        known.extend(listeners);
    }

    /// Whether the call is to be broken off. Cheap: it is asked between any two operations of the graph.
    pub(crate) fn is_due(&self) -> bool {
        if self.stop.load(Ordering::Relaxed) {
            return true;
        }
        let listeners = self.listeners();
        !listeners.is_empty() && listeners.iter().all(mpsc::Sender::is_closed)
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<mpsc::Sender<Reply>>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "abort_tests.rs"]
mod tests;
