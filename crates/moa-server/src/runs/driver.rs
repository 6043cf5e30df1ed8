//! The task of one run: reads the engine's stream and hands every event on.

use std::pin::pin;
use std::sync::Arc;

use futures::StreamExt as _;
use moa_core::{EventKind, Failure, FailureKind, Models, RunRequest, Watcher};
use moa_store::{Recorder, Store};
use tokio_util::sync::CancellationToken;

use super::feed::Feed;
use crate::metrics::{Metrics, RunFigures};

/// What a run's task works with.
pub(super) struct Driver {
    pub(super) feed: Arc<Feed>,
    pub(super) store: Option<Arc<Store>>,
    pub(super) metrics: Arc<Metrics>,
    /// Who else reads the events.
    pub(super) watcher: Option<Watcher>,
    /// Ends the task where it stands: the run is stored as interrupted then.
    pub(super) cut: CancellationToken,
    /// What the events may take in memory.
    pub(super) most_bytes: usize,
}

impl Driver {
    /// Runs to the end. Readers are never waited for.
    pub(super) async fn drive(mut self, request: RunRequest, models: Models) {
        let recorder = self.recorder();
        let mut figures = RunFigures::start(&self.metrics);
        let cancel = request.cancel.clone();
        let mut is_too_large = false;
        let mut events = pin!(moa_core::run(request, models));
        loop {
            let event = tokio::select! {
                biased;
                () = self.cut.cancelled() => break,
                event = events.next() => event,
            };
            let Some(mut event) = event else { break };
            if is_too_large && let EventKind::RunCancelled { usage, wall_ms } = event.kind {
                event.kind = EventKind::RunFailed { failure: self.too_large(), usage, wall_ms };
            }
            if let Some(recorder) = &recorder {
                recorder.record(&event);
            }
            figures.see(&event);
            if let Some(watcher) = &mut self.watcher {
                watcher(&event);
            }
            if self.feed.push(event) > self.most_bytes && !is_too_large {
                is_too_large = true;
                // So that the calls still report what they had come to.
                cancel.cancel();
            }
        }
    }

    fn too_large(&self) -> Failure {
        let message =
            format!("the run has written more than the {} bytes that one may take", self.most_bytes);
        Failure::new(FailureKind::BadResponse, message)
            .with_hint("ask for fewer tokens, or raise `max-run-bytes` of [server]")
    }

    fn recorder(&self) -> Option<Recorder> {
        let store = self.store.as_ref()?;
        store.recorder().map_err(|error| tracing::warn!(%error, "a run is not stored")).ok()
    }
}
