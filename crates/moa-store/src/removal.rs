//! Removing runs.

use moa_core::RunId;
use rusqlite::{Connection, TransactionBehavior, params};

use crate::error::{StoreError, StoreErrorKind};
use crate::lease;
use crate::store::Store;

impl Store {
    /// Removes a run and all that is stored of it. The text is overwritten, not only forgotten.
    ///
    /// # Errors
    /// When the run is not stored or still going on, or the store cannot be written.
    pub fn remove(&self, run: RunId) -> Result<(), StoreError> {
        self.change("remove a run from", |connection| {
            let key = self.known_run_key(connection, run)?;
            if self.running_keys(connection)?.contains(&key) {
                return Err(StoreError::new(
                    StoreErrorKind::Running,
                    format!("the run {run} is still going on"),
                ));
            }
            connection
                .execute("DELETE FROM run WHERE key = ?1", params![key])
                .map_err(|error| StoreError::database(self.path(), "remove a run from", error))?;
            Ok(())
        })
    }

    /// Removes the runs that started before `unix_ms` (milliseconds since 1970, UTC), or all of them, except those that are
    /// still going on. Gives their number.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_before(&self, unix_ms: Option<u64>) -> Result<u64, StoreError> {
        self.change("remove runs from", |connection| {
            let before = unix_ms.map(|unix_ms| i64::try_from(unix_ms).unwrap_or(i64::MAX));
            let running = self.running_keys(connection)?;
            let failed = |error| StoreError::database(self.path(), "remove runs from", error);
            let mut statement = connection
                .prepare("SELECT key FROM run WHERE ?1 IS NULL OR started_at_unix_ms < ?1")
                .map_err(failed)?;
            let keys = statement.query_map(params![before], |row| row.get::<_, i64>(0)).map_err(failed)?;
            let keys: Vec<i64> = keys.collect::<Result<_, _>>().map_err(failed)?;
            let mut removed = 0;
            for key in keys.iter().filter(|key| !running.contains(key)) {
                connection.execute("DELETE FROM run WHERE key = ?1", params![key]).map_err(failed)?;
                removed += 1;
            }
            Ok(removed)
        })
    }

    /// Gives the space of removed runs back to the file system, and takes their text out of the write-ahead log.
    ///
    /// # Errors
    /// When the store cannot be written, or another process is reading it.
    pub fn vacuum(&self) -> Result<(), StoreError> {
        self.require_writer()?;
        self.connection()
            .execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
            .map_err(|error| StoreError::database(self.path(), "compact", error))
    }

    /// Does `work` in one transaction.
    fn change<T>(
        &self,
        what: &str,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.require_writer()?;
        let failed = |error| StoreError::database(self.path(), what, error);
        let mut connection = self.connection();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let result = work(&transaction)?;
        transaction.commit().map_err(failed)?;
        Ok(result)
    }

    fn running_keys(&self, connection: &Connection) -> Result<Vec<i64>, StoreError> {
        let failed = |error| StoreError::database(self.path(), "read", error);
        let mut statement =
            connection.prepare("SELECT key, writer FROM run WHERE status = 'open'").map_err(failed)?;
        let open = statement
            .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
            .map_err(failed)?;
        let open: Vec<(i64, String)> = open.collect::<Result<_, _>>().map_err(failed)?;
        Ok(open
            .into_iter()
            .filter(|(_, writer)| lease::is_alive(self.path(), writer))
            .map(|(key, _)| key)
            .collect())
    }
}
