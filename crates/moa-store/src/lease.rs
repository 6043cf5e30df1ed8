//! Which writers are alive.
//!
//! Each open store that may write holds an advisory lock on a file of its own, and its runs name that file. The operating system
//! releases the lock when the process ends, however it ends; so a run without a last event is running if and only if the
//! lock of its writer is held. Unlike a heartbeat this writes nothing while a model thinks, and unlike a process id it
//! cannot be taken over by a stranger.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::error::{StoreError, StoreErrorKind};
use crate::place::{beside, create_private_folder, open_private_file};

const FOLDER_SUFFIX: &str = "-writers";
const GATE: &str = "open.lock";
const GATE_POLL: Duration = Duration::from_millis(5);

/// The lock that says that this writer is alive. Dropping it says that it is not.
#[derive(Debug)]
pub(crate) struct Lease {
    writer: String,
    path: PathBuf,
    _file: File,
}

impl Lease {
    /// A new writer of the database at `database`. To be called behind the [`Gate`].
    pub(crate) fn acquire(database: &Path) -> Result<Self, StoreError> {
        let writer = Uuid::now_v7().simple().to_string();
        let path = lease_path(database, &writer);
        let fail = |error| StoreError::io(&path, "lock", error);
        let file = open_private_file(&path).map_err(fail)?;
        file.lock().map_err(fail)?;
        Ok(Self { writer, path, _file: file })
    }

    /// The name under which the database knows the writer.
    pub(crate) fn writer(&self) -> &str {
        &self.writer
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // A file that stays behind does no harm: nobody holds its lock, and the next writer clears it away.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether the writer holds its lease.
pub(crate) fn is_alive(database: &Path, writer: &str) -> bool {
    // Writers name themselves with letters and digits; anything else comes from a damaged row and must not become a path.
    if writer.is_empty() || !writer.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    is_held(&lease_path(database, writer))
}

fn is_held(lease: &Path) -> bool {
    File::open(lease).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Lets one process at a time create, migrate and join a store. Released when dropped.
#[derive(Debug)]
pub(crate) struct Gate {
    folder: PathBuf,
    _file: File,
}

impl Gate {
    /// Waits for the gate of the database at `database` for at most `patience`.
    pub(crate) fn enter(database: &Path, patience: Duration) -> Result<Self, StoreError> {
        let folder = beside(database, FOLDER_SUFFIX);
        create_private_folder(&folder)?;
        let path = folder.join(GATE);
        let file = open_private_file(&path).map_err(|error| StoreError::io(&path, "open", error))?;
        let deadline = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { folder, _file: file }),
                Err(TryLockError::Error(error)) => return Err(StoreError::io(&path, "lock", error)),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    let message =
                        format!("another process has been opening {} for too long", database.display());
                    return Err(StoreError::new(StoreErrorKind::Busy, message));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(GATE_POLL),
            }
        }
    }

    /// Removes the files of writers that are gone.
    pub(crate) fn clear_dead_leases(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.extension().is_some_and(|extension| extension == "lease") && !is_held(&path) {
                // Left for the next one if it fails.
                let _ = fs::remove_file(&path);
            }
        }
    }
}

fn lease_path(database: &Path, writer: &str) -> PathBuf {
    beside(database, FOLDER_SUFFIX).join(format!("{writer}.lease"))
}
