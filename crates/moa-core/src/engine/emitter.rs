//! The one place where events are numbered and leave the engine.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::event::{Event, EventKind, RunId};

/// Numbers events and hands them to the reader of the run.
pub(super) struct Emitter {
    run: RunId,
    start: Instant,
    next_sequence: AtomicU64,
    /// Boxed, because a channel sets room for dozens of messages aside at once, and a thousand runs that say nothing should take little.
    sender: mpsc::Sender<Box<Event>>,
}

impl Emitter {
    pub(super) fn new(run: RunId, start: Instant, sender: mpsc::Sender<Box<Event>>) -> Self {
        Self { run, start, next_sequence: AtomicU64::new(0), sender }
    }

    /// Milliseconds since the run started.
    pub(super) fn now_ms(&self) -> f64 {
        milliseconds_since(self.start)
    }

    /// When the run started.
    pub(super) fn start(&self) -> Instant {
        self.start
    }

    /// Hands one event to the reader, waiting for room where the reader is slow.
    pub(super) async fn emit(&self, kind: EventKind) {
        // The number is taken when there is room, so that numbers leave in order. Without a reader the whole run is about to
        // be dropped, and there is nobody left to tell.
        if let Ok(permit) = self.sender.reserve().await {
            let sequence = self.next_sequence.fetch_add(1, Ordering::Relaxed);
            permit.send(Box::new(Event { run: self.run, sequence, at_ms: self.now_ms(), kind }));
        }
    }
}

/// Milliseconds from `instant` to now, in whole microseconds: finer digits are noise in every trace.
pub(super) fn milliseconds_since(instant: Instant) -> f64 {
    (instant.elapsed().as_secs_f64() * 1_000_000.0).round() / 1_000.0
}
