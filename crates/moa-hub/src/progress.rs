//! What a pull tells the one who waits for it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// At most one event about bytes in this time, so that drawing them costs nothing.
const INTERVAL: Duration = Duration::from_millis(100);

/// Where a model can come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The models folder. It is always looked at first.
    Disk,
    /// The Hugging Face hub, or the mirror that `HF_ENDPOINT` names.
    HuggingFace,
    /// The Python package index, through the user's own pip.
    PackageIndex,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disk => "file on disk",
            Self::HuggingFace => "Hugging Face hub",
            Self::PackageIndex => "Python package index",
        })
    }
}

/// Something that happened during a pull.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Another process is pulling the same model, and this one waits for it.
    Waiting,
    /// A source is asked.
    SourceTried {
        /// Which one.
        source: Source,
        /// Its address or the packages' name.
        place: String,
    },
    /// An earlier download is continued.
    Resumed {
        /// What is there already.
        done_bytes: u64,
        /// What the whole file has.
        total_bytes: u64,
    },
    /// More of the file has arrived.
    Downloading {
        /// What is there.
        done_bytes: u64,
        /// What the whole file has.
        total_bytes: u64,
    },
    /// The download starts again from nothing.
    Restarted {
        /// Why what was there cannot be used.
        reason: String,
    },
    /// A file on disk is read and summed.
    Verifying {
        /// What was read.
        done_bytes: u64,
        /// What the whole file has.
        total_bytes: u64,
    },
    /// A source cannot deliver; the next one is tried, if there is one.
    SourceFailed {
        /// Which one.
        source: Source,
        /// Why.
        reason: String,
    },
}

/// Passes events on, those about bytes not too often.
#[derive(Clone)]
pub(crate) struct Reporter {
    shared: Arc<Shared>,
}

struct Shared {
    sink: Box<dyn Fn(Progress) + Send + Sync>,
    last_bytes_at: Mutex<Option<Instant>>,
}

impl Reporter {
    pub(crate) fn new(sink: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self { shared: Arc::new(Shared { sink: Box::new(sink), last_bytes_at: Mutex::new(None) }) }
    }

    /// Passes the event on.
    pub(crate) fn report(&self, progress: Progress) {
        (self.shared.sink)(progress);
    }

    /// Reports bytes that arrived. `is_last` says that no more are in sight, so that this number has to be shown.
    pub(crate) fn downloading(&self, done_bytes: u64, total_bytes: u64, is_last: bool) {
        if self.is_due(done_bytes, total_bytes) || is_last {
            self.report(Progress::Downloading { done_bytes, total_bytes });
        }
    }

    /// Reports bytes that were summed.
    pub(crate) fn verifying(&self, done_bytes: u64, total_bytes: u64) {
        if self.is_due(done_bytes, total_bytes) {
            self.report(Progress::Verifying { done_bytes, total_bytes });
        }
    }

    /// Whether the last event about bytes is long enough ago, or this one is the last.
    fn is_due(&self, done_bytes: u64, total_bytes: u64) -> bool {
        let mut last = self.shared.last_bytes_at.lock().unwrap_or_else(PoisonError::into_inner);
        let due = done_bytes >= total_bytes || last.is_none_or(|at| at.elapsed() >= INTERVAL);
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}
