//! Why results cannot be kept or found again.

use std::io;
use std::path::{Path, PathBuf};

/// Why a journal or a cache cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunnerError {
    /// A file or folder cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Storage {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The journal holds results that were made otherwise.
    #[error("{} holds results of other settings: {difference}", path.display())]
    OtherSettings {
        /// The journal.
        path: PathBuf,
        /// What differs.
        difference: String,
    },
    /// A line of the journal, other than a last one that was cut off, is no record.
    #[error("line {line} of {} is no record: {reason}", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process writes the journal.
    #[error("{} is being written by another process", path.display())]
    Busy {
        /// The journal.
        path: PathBuf,
    },
}

impl RunnerError {
    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(
            match self {
                Self::Storage { .. } => return None,
                Self::OtherSettings { .. } => "choose another --output, or the settings of before",
                Self::Damaged { .. } => "remove the line; its item is asked again",
                Self::Busy { .. } => "wait for the other one, or choose another --output",
            }
            .to_owned(),
        )
    }
}

/// For `map_err`: what was attempted on what.
pub(super) fn storage(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RunnerError {
    let path = path.to_owned();
    move |source| RunnerError::Storage { action, path, source }
}
