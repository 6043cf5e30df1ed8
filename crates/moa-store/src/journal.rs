//! The writer's end of the database: one batch, one transaction.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::error::{StoreError, StoreErrorKind};
use crate::ledger::Ledger;
use crate::place::FileIdentity;
use crate::queue::Batch;

/// Writes batches.
#[derive(Debug)]
pub(crate) struct Journal {
    connection: Connection,
    path: PathBuf,
    identity: FileIdentity,
    ledger: Ledger,
}

/// What became of a batch that was not put off.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Events that could not be stored.
    pub(crate) lost_events: u64,
    /// Why.
    pub(crate) failure: Option<StoreError>,
}

impl Journal {
    pub(crate) fn new(connection: Connection, path: &Path, writer: &str) -> Result<Self, StoreError> {
        let identity = FileIdentity::of(path).map_err(|error| StoreError::io(path, "find", error))?;
        Ok(Self { connection, path: path.to_owned(), identity, ledger: Ledger::new(writer) })
    }

    /// Writes the batch in one transaction; `None` when another process holds the database, so that it must be tried again.
    ///
    /// The failure of one run's rows costs that run only; a failure of the database costs all runs of the batch.
    pub(crate) fn write(&mut self, batch: &Batch) -> Option<Written> {
        if let Err(removed) = self.check_place() {
            return Some(self.ledger.give_up(batch, removed));
        }
        let transaction = match begin(&mut self.connection, batch) {
            Ok(transaction) => transaction,
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => return None,
            Err(error) => {
                let failure = StoreError::database(&self.path, "write to", error);
                return Some(self.ledger.give_up(batch, failure));
            }
        };
        // A transaction that fails must leave no trace in the ledger either.
        let mut ledger = self.ledger.clone();
        let written = ledger.enter(&transaction, batch).and_then(|written| {
            transaction.commit()?;
            Ok(written)
        });
        Some(match written {
            Ok(written) => {
                ledger.committed();
                self.ledger = ledger;
                written
            }
            Err(error) => self.ledger.give_up(batch, StoreError::database(&self.path, "write to", error)),
        })
    }

    /// Counts the batch as lost, because nobody can wait any longer for the process that holds the database.
    pub(crate) fn abandon(&mut self, batch: &Batch) -> Written {
        let message = format!("another process has held the run store {} for too long", self.path.display());
        self.ledger.give_up(batch, StoreError::new(StoreErrorKind::Busy, message))
    }

    /// Fails when the database is no longer where it was.
    fn check_place(&self) -> Result<(), StoreError> {
        if FileIdentity::of(&self.path).is_ok_and(|identity| identity == self.identity) {
            return Ok(());
        }
        let message = format!("the run store {} was removed while it was in use", self.path.display());
        Err(StoreError::new(StoreErrorKind::Removed, message))
    }
}

fn begin<'connection>(
    connection: &'connection mut Connection,
    batch: &Batch,
) -> rusqlite::Result<Transaction<'connection>> {
    // The end of a run is worth waiting for the disk, so that not even a power cut loses an answer that somebody has seen. What
    // comes before it survives the end of the process, which is enough for a run that is not over.
    let synchronous = if batch.holds_last_event() { "FULL" } else { "NORMAL" };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
