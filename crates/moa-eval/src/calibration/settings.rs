//! How a calibration is done.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use moa_core::ModelId;
use tokio_util::sync::CancellationToken;

use super::forecast::Forecast;
use crate::runner::Progress;

/// How a calibration is done.
#[derive(Debug, Clone)]
pub struct Settings {
    /// So many candidates are confirmed on the other half.
    pub finalists: usize,
    /// At most so many candidates that ask a model are tried.
    pub most_asking: usize,
    /// Items that are worked on at the same time.
    pub concurrency: usize,
    /// How long it may take, from when on.
    pub budget: Option<(Instant, Duration)>,
    /// The most that it may cost, in US dollars. Whoever hands over the models sees to it that no more is spent.
    pub most_usd: Option<f64>,
    /// The seconds that a call of a model may take at most, by what is known of its speed from elsewhere: for the first estimate.
    pub known_seconds: BTreeMap<ModelId, f64>,
    /// Stops it: what is in flight is dropped, what was answered is kept.
    pub cancel: CancellationToken,
}

impl Settings {
    /// The seconds that are left; nothing where there is no end.
    pub(super) fn seconds_left(&self) -> Option<f64> {
        let (start, length) = self.budget?;
        Some(length.saturating_sub(start.elapsed()).as_secs_f64())
    }

    /// Whether the time is over.
    pub(super) fn is_over(&self) -> bool {
        self.seconds_left().is_some_and(|seconds| seconds <= 0.0)
    }
}

/// What is told while it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Told<'a> {
    /// What is still to be done; revised as calls are timed.
    Forecast(&'a Forecast),
    /// How far a stage is.
    Progress {
        /// What is being done.
        stage: &'a str,
        /// How far it is.
        progress: &'a Progress,
    },
    /// A stage ended.
    Done {
        /// What was done.
        stage: &'a str,
        /// How far it came.
        progress: &'a Progress,
    },
    /// Something that a reader of the result should know.
    Remark(&'a str),
}
