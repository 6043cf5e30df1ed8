//! A run in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use moa_config::OnDisconnect;
use moa_core::{Event, RunId, Trace};
use tokio_util::sync::CancellationToken;

use super::feed::{Feed, Subscription};

/// A run in this process, going on or just ended.
pub(crate) struct ActiveRun {
    id: RunId,
    feed: Arc<Feed>,
    cancel: CancellationToken,
    owners: AtomicUsize,
}

impl ActiveRun {
    pub(super) fn new(id: RunId, cancel: CancellationToken) -> Self {
        Self { id, feed: Arc::new(Feed::new()), cancel, owners: AtomicUsize::new(0) }
    }

    pub(crate) fn id(&self) -> RunId {
        self.id
    }

    pub(super) fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    /// Stops the run; it still reports what its calls had come to.
    pub(crate) fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.feed.is_over()
    }

    /// Reads its events from this number on.
    pub(crate) fn subscribe(&self, from: u64) -> Subscription {
        self.feed.subscribe(from)
    }

    /// Its events so far.
    pub(crate) fn events(&self) -> Vec<Arc<Event>> {
        self.feed.so_far()
    }

    /// The run as it stands.
    pub(crate) fn trace(&self) -> Trace {
        Trace::of(self.events().iter().map(AsRef::as_ref))
    }

    /// What its events take in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.feed.bytes()
    }

    /// Whether it ended with an answer.
    pub(crate) fn has_answer(&self) -> bool {
        self.feed.last().is_some_and(|event| matches!(event.kind, moa_core::EventKind::RunFinished { .. }))
    }
}

/// Somebody who waits for the run's answer. When the last one leaves before it is there, nobody would read it.
pub(crate) struct Owner {
    run: Arc<ActiveRun>,
    on_disconnect: OnDisconnect,
}

impl Owner {
    pub(crate) fn new(run: &Arc<ActiveRun>, on_disconnect: OnDisconnect) -> Self {
        run.owners.fetch_add(1, Ordering::AcqRel);
        Self { run: Arc::clone(run), on_disconnect }
    }

    pub(crate) fn run(&self) -> &Arc<ActiveRun> {
        &self.run
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let was_last = self.run.owners.fetch_sub(1, Ordering::AcqRel) == 1;
        if was_last && self.on_disconnect == OnDisconnect::Cancel && !self.run.is_over() {
            tracing::debug!(run = %self.run.id, "nobody waits for the answer any more: the run is stopped");
            self.run.cancel();
        }
    }
}
