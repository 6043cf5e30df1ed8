//! One puller at a time for each model, across processes.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{HubError, storage};

/// How often a waiting puller looks whether it is its turn.
const INTERVAL: Duration = Duration::from_millis(200);

/// The right to write a model's files. It ends when the last clone is dropped, and with the process however that ends, because
/// the system keeps it and not the file's content.
#[derive(Debug, Clone)]
pub(crate) struct PullLock {
    _file: Arc<File>,
}

impl PullLock {
    /// Takes the lock if nobody holds it.
    pub(crate) fn try_take(path: &Path) -> Result<Option<Self>, HubError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(storage("create the folder", folder))?;
        }
        let file = File::options().create(true).truncate(false).write(true).open(path);
        let file = file.map_err(storage("open the lock file", path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: Arc::new(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(storage("lock", path)(error)),
        }
    }

    /// Takes the lock, however long that takes. `on_wait` is called once when somebody else holds it.
    ///
    /// # Cancel safety
    /// Dropping the future gives up the wait; nothing is left behind. That is why it looks again and again instead of waiting in
    /// a thread, which could not be called back.
    pub(crate) async fn take(path: &Path, on_wait: impl FnOnce()) -> Result<Self, HubError> {
        if let Some(lock) = Self::try_take(path)? {
            return Ok(lock);
        }
        on_wait();
        loop {
            tokio::time::sleep(INTERVAL).await;
            if let Some(lock) = Self::try_take(path)? {
                return Ok(lock);
            }
        }
    }
}
