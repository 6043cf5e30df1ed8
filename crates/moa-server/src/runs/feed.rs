//! The events of one run, shared by everybody who reads them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use moa_core::Event;
use tokio::sync::watch;

use super::event_log::EventLog;

/// The events of a run so far. Readers hold a place in it each, so that a slow one delays nobody.
pub(crate) struct Feed {
    log: Mutex<EventLog>,
    extent: watch::Sender<Extent>,
}

/// How far a feed goes.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    length: usize,
    is_over: bool,
}

impl Feed {
    pub(crate) fn new() -> Self {
        Self { log: Mutex::default(), extent: watch::Sender::new(Extent::default()) }
    }

    /// Adds the next event, and says what all of them take in memory by now, in bytes.
    pub(crate) fn push(&self, event: Event) -> usize {
        let (length, bytes) = {
            let mut log = self.lock();
            log.push(event);
            (log.len(), log.bytes())
        };
        self.extent.send_modify(|extent| extent.length = length);
        bytes
    }

    /// Says that nothing more is pushed, and what the events take in memory from now on, in bytes. Readers are not told yet.
    pub(crate) fn settle(&self) -> usize {
        let mut log = self.lock();
        log.shrink();
        log.bytes()
    }

    /// Tells readers that nothing more comes.
    pub(crate) fn close(&self) {
        self.extent.send_modify(|extent| extent.is_over = true);
    }

    /// Whether nothing more comes.
    pub(crate) fn is_over(&self) -> bool {
        self.extent.borrow().is_over
    }

    /// What the events take in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.lock().bytes()
    }

    /// The events so far.
    pub(crate) fn so_far(&self) -> Vec<Arc<Event>> {
        self.lock().iter().collect()
    }

    /// The last event so far.
    pub(crate) fn last(&self) -> Option<Arc<Event>> {
        let log = self.lock();
        log.get(log.len().checked_sub(1)?)
    }

    /// Reads from the event of this number on: events count from 0 without gaps.
    pub(crate) fn subscribe(self: &Arc<Self>, from: u64) -> Subscription {
        let next = usize::try_from(from).unwrap_or(usize::MAX);
        Subscription { feed: Arc::clone(self), extent: self.extent.subscribe(), next }
    }

    fn lock(&self) -> MutexGuard<'_, EventLog> {
        // Nothing is left half done under this lock.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reader's place in a feed.
pub(crate) struct Subscription {
    feed: Arc<Feed>,
    extent: watch::Receiver<Extent>,
    next: usize,
}

impl Subscription {
    /// The next event, or `None` after the last one.
    ///
    /// # Cancel safety
    /// An event that was not returned is returned by the next call.
    pub(crate) async fn next(&mut self) -> Option<Arc<Event>> {
        loop {
            let extent = *self.extent.borrow_and_update();
            if self.next < extent.length {
                let event = self.feed.lock().get(self.next);
                self.next += 1;
                return event;
            }
            if extent.is_over {
                return None;
            }
            self.extent.changed().await.ok()?;
        }
    }
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
