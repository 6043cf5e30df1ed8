//! Answers of calls, by their place in a run and by what was asked.

use std::collections::BTreeMap;

use moa_core::{CallId, CallOutcome, ContentKey, EventKind, RunId};
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::events::decode_event;
use crate::store::Store;
use crate::summary::parse_id;

/// The end of the latest whole call of a content key, with the run.
const LATEST_ANSWER: &str = "SELECT run.id, event.body FROM answer
    JOIN event ON event.key = answer.event JOIN run ON run.key = event.run
    WHERE answer.content_key = ?1 ORDER BY answer.event DESC LIMIT 1";

impl Store {
    /// How the calls of a run ended that did: what a replay answers with, and what a resumed run need not ask again.
    ///
    /// # Errors
    /// When the run is not stored, or what is stored of it cannot be read.
    pub fn answers(&self, run: RunId) -> Result<BTreeMap<CallId, CallOutcome>, StoreError> {
        let connection = self.connection();
        let key = self.known_run_key(&connection, run)?;
        let mut answers = BTreeMap::new();
        self.each_row(&connection, run, key, "form = 'outcome'", |_, _, body| {
            let (call, outcome) = decode_outcome(run, body)?;
            answers.insert(call, outcome);
            Ok(())
        })?;
        Ok(answers)
    }

    /// The latest whole answer to what `key` names, of whatever run, also of one that goes on or was interrupted. An answer that was
    /// cut short, lost or given up is none.
    ///
    /// # Errors
    /// When the database cannot be read, or the answer in it cannot be understood.
    pub fn answer(&self, key: &ContentKey) -> Result<Option<CallOutcome>, StoreError> {
        let failed = |error| StoreError::database(self.path(), "read", error);
        let connection = self.connection();
        let found = connection
            .prepare_cached(LATEST_ANSWER)
            .map_err(failed)?
            .query_row(params![key.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
            .optional()
            .map_err(failed)?;
        let Some((run, body)) = found else { return Ok(None) };
        decode_outcome(parse_id(&run)?, &body).map(|(_, outcome)| Some(outcome))
    }
}

fn decode_outcome(run: RunId, body: &str) -> Result<(CallId, CallOutcome), StoreError> {
    match decode_event(run, body)?.kind {
        EventKind::CallFinished { call, outcome } => Ok((call, outcome)),
        _ => Err(StoreError::damaged(run, "an outcome is none")),
    }
}

#[cfg(test)]
#[path = "answers_tests.rs"]
mod tests;
