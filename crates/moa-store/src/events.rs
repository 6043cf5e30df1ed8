//! Giving back what was stored of a run.

use moa_core::{Event, RunId};
use rusqlite::{Connection, params};

use crate::block;
use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// The events of a run in order, exactly as they were recorded; of a run that goes on, those so far.
    ///
    /// # Errors
    /// When the run is not stored, or what is stored of it cannot be read.
    pub fn events(&self, run: RunId) -> Result<Vec<Event>, StoreError> {
        let connection = self.connection();
        let key = self.known_run_key(&connection, run)?;
        let mut events = Vec::new();
        self.each_row(&connection, run, key, "form <> ''", |sequence, form, body| {
            if form == "deltas" {
                return block::decode(run, sequence, body, &mut events);
            }
            events.push(decode_event(run, body)?);
            Ok(())
        })?;
        Ok(events)
    }

    /// Hands the rows of a run that meet `condition` to `take`, in order.
    pub(crate) fn each_row(
        &self,
        connection: &Connection,
        run: RunId,
        key: i64,
        condition: &str,
        mut take: impl FnMut(u64, &str, &str) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let failed = |error| StoreError::database(self.path(), "read", error);
        let sql = format!(
            "SELECT sequence, form, body FROM event WHERE run = ?1 AND {condition} ORDER BY sequence"
        );
        let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
        let mut rows = statement.query(params![key]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let damaged = |error: &dyn std::fmt::Display| StoreError::damaged(run, error);
            let sequence: i64 = row.get(0).map_err(|error| damaged(&error))?;
            let sequence = u64::try_from(sequence).map_err(|error| damaged(&error))?;
            let text = |index| -> Result<&str, StoreError> {
                let value = row.get_ref(index).map_err(|error| damaged(&error))?;
                value.as_str().map_err(|error| damaged(&error))
            };
            take(sequence, text(1)?, text(2)?)?;
        }
        Ok(())
    }
}

/// The event of a stored row.
pub(crate) fn decode_event(run: RunId, body: &str) -> Result<Event, StoreError> {
    let event: Event = serde_json::from_str(body).map_err(|error| StoreError::damaged(run, error))?;
    if event.run == run {
        Ok(event)
    } else {
        Err(StoreError::damaged(run, format_args!("it holds an event of the run {}", event.run)))
    }
}
