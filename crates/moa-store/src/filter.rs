//! Which runs a list shows.

use moa_core::RunId;
use rusqlite::types::Value;

use crate::error::{StoreError, StoreErrorKind};
use crate::store::Store;
use crate::summary::{self, EXCERPT_SOURCE_CHARS, RunStatus, RunSummary};

/// Which runs to list. What is `None` lets all pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Every word of this is in the prompt or in the answer, in whatever case. A word is a piece between white space; it may stand
    /// inside a longer one, as it must for languages written without spaces.
    pub text: Option<String>,
    /// The preset's name is this.
    pub preset: Option<String>,
    /// It ended like this.
    pub status: Option<RunStatus>,
    /// At most this many, the latest.
    pub limit: Option<usize>,
    /// It stands after this run in the list: where the next page begins.
    pub before: Option<RunId>,
}

impl Store {
    /// The runs that pass the filter, latest first.
    ///
    /// # Errors
    /// When the database cannot be read, holds a run that cannot be understood, or does not know the run of `before`.
    pub fn list(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, StoreError> {
        let mut conditions = vec!["TRUE".to_owned()];
        let mut values = vec![Value::Integer(i64::try_from(EXCERPT_SOURCE_CHARS).unwrap_or(i64::MAX))];
        let mut condition = |sql: &str, value: Value| {
            values.push(value);
            conditions.push(sql.replace("{}", &format!("?{}", values.len())));
        };
        if let Some(preset) = &filter.preset {
            condition("preset = {}", Value::Text(preset.clone()));
        }
        for word in filter.text.as_deref().unwrap_or_default().split_whitespace() {
            condition(
                "(contains_folded(prompt, {}) OR contains_folded(answer, {}))",
                Value::Text(word.to_lowercase()),
            );
        }
        match filter.status {
            // Which of the two it is cannot be asked of the database.
            Some(RunStatus::Running) => condition("status = {}", Value::Text("open".to_owned())),
            Some(RunStatus::Interrupted) => {
                condition("status IN ({}, 'interrupted')", Value::Text("open".to_owned()));
            }
            Some(status) => condition("status = {}", Value::Text(status.as_str().to_owned())),
            None => {}
        }
        let connection = self.connection();
        let read_failed = |error| StoreError::database(self.path(), "read", error);
        if let Some(before) = filter.before {
            let Some(key) = self.run_key(&connection, before)? else {
                let message = format!("the list cannot go on after the run {before}, which is not stored");
                return Err(StoreError::new(StoreErrorKind::UnknownRun, message));
            };
            condition(
                "(started_at_unix_ms, key) < (SELECT started_at_unix_ms, key FROM run WHERE key = {})",
                Value::Integer(key),
            );
        }
        let sql = format!(
            "SELECT {} FROM run WHERE {} ORDER BY started_at_unix_ms DESC, key DESC",
            summary::COLUMNS,
            conditions.join(" AND ")
        );
        let mut statement = connection.prepare_cached(&sql).map_err(read_failed)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(read_failed)?;
        let mut runs = Vec::new();
        while filter.limit.is_none_or(|limit| runs.len() < limit) {
            let Some(row) = rows.next().map_err(read_failed)? else { break };
            let run = summary::read(self.path(), row)?;
            if filter.status.is_none_or(|status| status == run.status) {
                runs.push(run);
            }
        }
        Ok(runs)
    }
}
