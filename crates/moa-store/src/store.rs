//! Opening a store.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::error::{StoreError, StoreErrorKind};
use crate::journal::Journal;
use crate::lease::{Gate, Lease};
use crate::place::{create_private_folder, folder_of, open_private_file, settled};
use crate::queue::QueueBounds;
use crate::recorder::Recorder;
use crate::schema::{self, Access, BUSY_TIMEOUT};
use crate::writer::{self, Writer};

/// The stored runs, and the way to store more.
///
/// A store can be shared between threads. Reading blocks the thread for as long as the disk takes.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    connection: Mutex<Connection>,
    writer: Option<Arc<Writer>>,
}

impl Store {
    /// Opens the store at `path` for reading and writing. What is missing is made: the folders, the file (both for their owner
    /// alone), and the tables; a store of an older version is brought up to date.
    ///
    /// # Errors
    /// When the place cannot be written; when the file is no store, a damaged one, or one of a newer version (it is then left as it
    /// is); when another process holds it for too long. A program can go on without a store.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_bounded(path.as_ref(), QueueBounds::default())
    }

    /// Opens the store at `path` for reading only, also while others write to it.
    ///
    /// # Errors
    /// When there is none, or it cannot be read; see [`Store::open`].
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Err(not_a_file(path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let message = format!("there is no run store at {}", path.display());
                return Err(StoreError::new(StoreErrorKind::Missing, message));
            }
            Err(error) => return Err(StoreError::io(path, "read", error)),
        }
        let path = &settled(path)?;
        let connection = schema::connect_for_reading(path)?;
        let found = schema::check_version(&connection, path)?;
        if found < schema::VERSION {
            let supported = schema::VERSION;
            let message = format!(
                "the run store {} has version {found}, and this program reads version {supported}",
                path.display()
            );
            return Err(StoreError::new(StoreErrorKind::OlderVersion { found, supported }, message));
        }
        Ok(Self { path: path.clone(), connection: Mutex::new(connection), writer: None })
    }

    /// Takes events to be stored.
    ///
    /// # Errors
    /// When the store was opened for reading only.
    pub fn recorder(&self) -> Result<Recorder, StoreError> {
        Ok(Recorder::new(Arc::clone(self.require_writer()?)))
    }

    /// Where the store is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn open_bounded(path: &Path, bounds: QueueBounds) -> Result<Self, StoreError> {
        create_private_folder(folder_of(path))?;
        // Opening what is no file could wait forever, or write where nothing is kept.
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(not_a_file(path));
        }
        // SQLite would make a missing file readable for everybody.
        open_private_file(path).map_err(|error| StoreError::io(path, "open", error))?;
        let path = &settled(path)?;
        // Looks before it writes, so that what is not ours stays as it is.
        schema::check_version(&schema::connect_for_reading(path)?, path)?;
        let gate = Gate::enter(path, BUSY_TIMEOUT)?;
        let mut connection = schema::connect(path, Access::ReadWrite)?;
        schema::migrate(&mut connection, path)?;
        gate.clear_dead_leases();
        let lease = Lease::acquire(path)?;
        let writing = schema::connect(path, Access::ReadWrite)?;
        writing.busy_timeout(writer::ATTEMPT).map_err(|error| StoreError::database(path, "open", error))?;
        let journal = Journal::new(writing, path, lease.writer())?;
        let writer = Writer::start(journal, lease, bounds, path)?;
        Ok(Self { path: path.clone(), connection: Mutex::new(connection), writer: Some(Arc::new(writer)) })
    }

    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn require_writer(&self) -> Result<&Arc<Writer>, StoreError> {
        self.writer.as_ref().ok_or_else(|| {
            let message = format!("the run store {} was opened for reading only", self.path.display());
            StoreError::new(StoreErrorKind::ReadOnly, message)
        })
    }
}

fn not_a_file(path: &Path) -> StoreError {
    StoreError::new(StoreErrorKind::NotAStore, format!("{} is not a file", path.display()))
}
