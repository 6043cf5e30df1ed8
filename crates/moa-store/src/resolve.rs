//! Which run a name means.

use moa_core::RunId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{StoreError, StoreErrorKind};
use crate::store::Store;
use crate::summary::parse_id;

/// Names the latest run.
const LAST: &str = "last";

/// Runs that an ambiguous name lists.
const MAX_CANDIDATES: usize = 8;

/// Hexadecimal digits of an id.
const ID_DIGITS: usize = 32;

impl Store {
    /// The run that `name` means: an id, the beginning of one (hyphens and case do not matter), or `last` for the run that started
    /// last.
    ///
    /// # Errors
    /// When no run is meant, or several are; the error then names the latest of them.
    pub fn resolve(&self, name: &str) -> Result<RunId, StoreError> {
        let connection = self.connection();
        let failed = |error| StoreError::database(self.path(), "read", error);
        let name = name.trim();
        if name.eq_ignore_ascii_case(LAST) {
            let sql = "SELECT id FROM run ORDER BY started_at_unix_ms DESC, key DESC LIMIT 1";
            let last = connection.query_row(sql, [], |row| row.get::<_, String>(0)).optional();
            return match last.map_err(failed)? {
                Some(id) => parse_id(&id),
                None => Err(StoreError::new(StoreErrorKind::UnknownRun, "no run is stored yet")),
            };
        }
        let Some(prefix) = id_prefix(name) else { return Err(StoreError::unknown_run(name)) };
        let mut statement = connection
            .prepare_cached(
                // 'g' comes after every character that an id has.
                "SELECT id FROM run WHERE id >= ?1 AND id < ?1 || 'g'
                 ORDER BY started_at_unix_ms DESC, key DESC LIMIT ?2",
            )
            .map_err(failed)?;
        let limit = i64::try_from(MAX_CANDIDATES).unwrap_or(i64::MAX);
        let found =
            statement.query_map(params![prefix, limit], |row| row.get::<_, String>(0)).map_err(failed)?;
        let found: Vec<String> = found.collect::<Result<_, _>>().map_err(failed)?;
        match found.as_slice() {
            [] => Err(StoreError::unknown_run(name)),
            [id] => parse_id(id),
            several => {
                let candidates = several.iter().map(|id| parse_id(id)).collect::<Result<_, _>>()?;
                let message = format!("several stored runs have an id that begins with '{name}'");
                Err(StoreError::new(StoreErrorKind::AmbiguousRun { candidates }, message))
            }
        }
    }

    pub(crate) fn run_key(&self, connection: &Connection, run: RunId) -> Result<Option<i64>, StoreError> {
        connection
            .query_row("SELECT key FROM run WHERE id = ?1", [run.to_string()], |row| row.get(0))
            .optional()
            .map_err(|error| StoreError::database(self.path(), "read", error))
    }

    pub(crate) fn known_run_key(&self, connection: &Connection, run: RunId) -> Result<i64, StoreError> {
        self.run_key(connection, run)?.ok_or_else(|| StoreError::unknown_run(run))
    }
}

/// The beginning of an id as ids are stored, with hyphens where they belong.
fn id_prefix(name: &str) -> Option<String> {
    let digits: Vec<char> = name.chars().filter(|c| *c != '-').collect();
    if digits.is_empty() || digits.len() > ID_DIGITS || !digits.iter().all(char::is_ascii_hexdigit) {
        return None;
    }
    let mut prefix = String::new();
    for (place, digit) in digits.into_iter().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            prefix.push('-');
        }
        prefix.push(digit.to_ascii_lowercase());
    }
    Some(prefix)
}
