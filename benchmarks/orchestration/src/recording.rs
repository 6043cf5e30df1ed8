//! Where the events of runs go.

use std::sync::Mutex;

use moa_core::Event;
use moa_store::{Recorder, Store};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::cli::StoreKind;
use crate::report::Failure;

/// A store in a folder of its own, if there is one at all.
#[derive(Default)]
pub(crate) struct Recording {
    recorder: Option<Recorder>,
    _store: Option<Store>,
    /// Holds the database's lock for as long as it lives, as a disk does that answers nothing.
    /// (In a mutex only because a connection may not be shared among threads.)
    _lock: Option<Mutex<Connection>>,
    _folder: Option<TempDir>,
}

impl Recording {
    pub(crate) fn new(kind: StoreKind) -> Result<Self, Failure> {
        if kind == StoreKind::None {
            return Ok(Self::default());
        }
        let folder = tempfile::tempdir()?;
        let store = Store::open(folder.path().join("runs.db"))?;
        let recorder = store.recorder()?;
        let lock = match kind {
            StoreKind::Stalled => {
                let other = Connection::open(store.path())?;
                other.execute_batch("BEGIN EXCLUSIVE")?;
                Some(Mutex::new(other))
            }
            StoreKind::None | StoreKind::Disk => None,
        };
        Ok(Self { recorder: Some(recorder), _store: Some(store), _lock: lock, _folder: Some(folder) })
    }

    pub(crate) fn record(&self, event: &Event) {
        if let Some(recorder) = &self.recorder {
            recorder.record(event);
        }
    }
}
