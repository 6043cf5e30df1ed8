//! The task of one run: reads the engine's stream and hands every event on.

use std::pin::pin;
use std::sync::Arc;

use futures::StreamExt as _;
use moa_core::{Models, RunRequest};
use moa_store::{Recorder, Store};
use tokio_util::sync::CancellationToken;

use super::feed::Feed;
use crate::metrics::{Metrics, RunFigures};

/// What a run's task works with.
pub(super) struct Driver {
    pub(super) feed: Arc<Feed>,
    pub(super) store: Option<Arc<Store>>,
    pub(super) metrics: Arc<Metrics>,
    /// Ends the task where it stands: the run is stored as interrupted then.
    pub(super) cut: CancellationToken,
}

impl Driver {
    /// Runs to the end. Readers are never waited for.
    pub(super) async fn drive(self, request: RunRequest, models: Models) {
        let recorder = self.recorder();
        let mut figures = RunFigures::start(&self.metrics);
        {
            let mut events = pin!(moa_core::run(request, models));
            loop {
                let event = tokio::select! {
                    biased;
                    () = self.cut.cancelled() => break,
                    event = events.next() => event,
                };
                let Some(event) = event else { break };
                if let Some(recorder) = &recorder {
                    recorder.record(&event);
                }
                figures.see(&event);
                self.feed.push(Arc::new(event));
            }
        }
    }

    fn recorder(&self) -> Option<Recorder> {
        let store = self.store.as_ref()?;
        store.recorder().map_err(|error| tracing::warn!(%error, "a run is not stored")).ok()
    }
}
