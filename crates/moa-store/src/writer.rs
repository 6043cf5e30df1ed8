//! The one thread that writes.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::{StoreError, StoreErrorKind};
use crate::journal::Journal;
use crate::lease::Lease;
use crate::queue::{Queue, QueueBounds};

/// How long one attempt waits for a database that another process holds. Between attempts the writer looks whether it shall end.
pub(crate) const ATTEMPT: Duration = Duration::from_millis(100);

/// How long the end of the last recorder waits for what is left to be written.
const CLOSING: Duration = Duration::from_secs(5);

/// The queue and the thread that empties it.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. It keeps the lease until it ends.
    pub(crate) fn start(
        journal: Journal,
        lease: Lease,
        bounds: QueueBounds,
        path: &Path,
    ) -> Result<Self, StoreError> {
        let queue = Arc::new(Queue::new(bounds));
        let its_queue = Arc::clone(&queue);
        let thread = thread::Builder::new()
            .name("moa-store".to_owned())
            .spawn(move || write_all(&its_queue, journal, lease))
            .map_err(|error: io::Error| {
                let message = format!("cannot start a thread that writes to {}: {error}", path.display());
                StoreError::new(StoreErrorKind::Failed, message)
            })?;
        Ok(Self { queue, thread: Some(thread) })
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.queue
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.close(CLOSING);
        // A disk that hangs keeps the thread; the end of the process takes it along.
        if self.queue.is_stopped()
            && let Some(thread) = self.thread.take()
        {
            // A panic in the thread has been reported by its hook, and cost no run.
            let _ = thread.join();
        }
    }
}

/// Marks the queue as left alone, however the thread ends.
struct StopOnExit<'queue>(&'queue Queue);

impl Drop for StopOnExit<'_> {
    fn drop(&mut self) {
        let failure = thread::panicking().then(|| {
            let message =
                "the thread that writes to the run store stopped because of a defect in the program";
            StoreError::new(StoreErrorKind::Failed, message)
        });
        self.0.stop(failure);
    }
}

fn write_all(queue: &Queue, journal: Journal, lease: Lease) {
    // Dropped from the last to the first: who waits for the end waits for the database and the lease too.
    let _stop = StopOnExit(queue);
    let _lease = lease;
    let mut journal = journal;
    let mut give_up_at = None;
    while let Some(batch) = queue.take() {
        let written = loop {
            if let Some(written) = journal.write(&batch) {
                break written;
            }
            if queue.is_closing()
                && Instant::now() >= *give_up_at.get_or_insert_with(|| Instant::now() + CLOSING)
            {
                break journal.abandon(&batch);
            }
        };
        queue.settle(&batch, written.lost_events, written.failure);
    }
}
