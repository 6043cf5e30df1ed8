//! What can go wrong with a store, and what to do about it.

use std::io;
use std::path::Path;

use moa_core::RunId;
use rusqlite::ErrorCode;

/// What kind of thing went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// There is no store at the path.
    Missing,
    /// The place cannot be used: permissions, a read-only file system, a path that cannot exist.
    Inaccessible,
    /// The file belongs to something else.
    NotAStore,
    /// A newer version of the program wrote the store.
    NewerVersion {
        /// The version of the store.
        found: u32,
        /// The newest version that this program knows.
        supported: u32,
    },
    /// The store is of an older version and was opened for reading only.
    OlderVersion {
        /// The version of the store.
        found: u32,
        /// The version that this program reads.
        supported: u32,
    },
    /// The database is damaged.
    Corrupt,
    /// No space is left.
    Full,
    /// Another process has held the store for too long, or what was recorded is not written yet.
    Busy,
    /// The database was deleted or replaced while it was in use.
    Removed,
    /// The store was opened for reading only.
    ReadOnly,
    /// No run of that name is stored.
    UnknownRun,
    /// Several runs have a name that begins like this.
    AmbiguousRun {
        /// The latest of them.
        candidates: Vec<RunId>,
    },
    /// The run is still going on, so it cannot be removed.
    Running,
    /// What is stored of a run cannot be read.
    DamagedRun,
    /// Events of a run could not be stored, while others could.
    Rejected,
    /// The queue was full, and events were lost.
    Overflow,
    /// The database or the operating system failed in another way.
    Failed,
}

/// A failure of the store in words: what was attempted on what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StoreError {
    kind: StoreErrorKind,
    message: String,
}

impl StoreError {
    pub(crate) fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> &StoreErrorKind {
        &self.kind
    }

    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match &self.kind {
            StoreErrorKind::Missing => "a store is made when the first run is recorded",
            StoreErrorKind::Inaccessible => {
                "choose a place for the store where you may write; runs work without a store, but are not kept"
            }
            StoreErrorKind::NotAStore => "choose another path for the store, or move the file away",
            StoreErrorKind::NewerVersion { .. } => {
                "use the newer version of the program, or choose another path for the store; the file was left as it is"
            }
            StoreErrorKind::OlderVersion { .. } => {
                "any command that records a run brings the store up to date"
            }
            StoreErrorKind::Corrupt => {
                "move the file away, and the files beside it that begin with its name, to start with an empty store; \
                 SQLite's `.recover` command may save what is in it"
            }
            StoreErrorKind::Full => "free some space; old runs can be removed from the store",
            StoreErrorKind::Busy => "try again when the other process is done",
            StoreErrorKind::Removed => "start again to record into a new store",
            StoreErrorKind::ReadOnly => "open the store for writing",
            StoreErrorKind::UnknownRun => {
                "look at the list of the stored runs; the beginning of an id is enough"
            }
            StoreErrorKind::AmbiguousRun { candidates } => {
                let names: Vec<String> = candidates.iter().map(RunId::to_string).collect();
                return Some(format!("write more of the id; it could be {}", names.join(", ")));
            }
            StoreErrorKind::Running => "stop the run first",
            StoreErrorKind::DamagedRun => "remove the run; the others are not affected",
            StoreErrorKind::Overflow => "the disk did not keep up: look for what slows it down",
            StoreErrorKind::Rejected | StoreErrorKind::Failed => return None,
        };
        Some(hint.to_owned())
    }

    /// An error of the database, met while doing `what` with the store at `path`.
    #[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
    pub(crate) fn database(path: &Path, what: &str, error: rusqlite::Error) -> Self {
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreErrorKind::Busy,
            Some(ErrorCode::DatabaseCorrupt) => StoreErrorKind::Corrupt,
            Some(ErrorCode::NotADatabase) => StoreErrorKind::NotAStore,
            Some(ErrorCode::DiskFull) => StoreErrorKind::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                StoreErrorKind::Inaccessible
            }
            Some(ErrorCode::ConstraintViolation) => StoreErrorKind::Rejected,
            _ => StoreErrorKind::Failed,
        };
        Self::new(kind, format!("cannot {what} the run store {}: {error}", path.display()))
    }

    /// An error of the operating system, met while doing `what` with `path`.
    #[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
    pub(crate) fn io(path: &Path, what: &str, error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreErrorKind::Full,
            _ => StoreErrorKind::Inaccessible,
        };
        Self::new(kind, format!("cannot {what} {}: {error}", path.display()))
    }

    pub(crate) fn damaged(run: impl std::fmt::Display, what: impl std::fmt::Display) -> Self {
        Self::new(StoreErrorKind::DamagedRun, format!("the stored run {run} cannot be read: {what}"))
    }

    pub(crate) fn unknown_run(name: impl std::fmt::Display) -> Self {
        Self::new(StoreErrorKind::UnknownRun, format!("no stored run has an id that begins with '{name}'"))
    }
}
