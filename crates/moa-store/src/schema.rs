//! The tables, their versions, and how a connection is opened.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use rusqlite_migration::{M, Migrations};

use crate::error::{StoreError, StoreErrorKind};
use crate::place::beside;

/// Marks the database as ours ("moaS"), so that a file of another program is never touched.
const APPLICATION_ID: i64 = 0x6d6f_6153;

/// Each migration stays as it was once released; a change to the tables is a new one at the end.
const STEPS: &[M<'static>] = &[
    M::up(include_str!("migrations/1_runs_and_events.sql")),
    M::up(include_str!("migrations/2_answers_and_usage.sql")),
];

const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// The version of the tables that this program writes: the number of migrations.
pub(crate) const VERSION: u32 = 2;

/// How long a statement waits for another process before it fails.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Whether the file may be written, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    ReadWrite,
}

/// Opens the database that is at `path` and sets the connection up.
pub(crate) fn connect(path: &Path, access: Access) -> Result<Connection, StoreError> {
    let flags = match access {
        Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Access::ReadWrite => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let fail = |error| StoreError::database(path, "open", error);
    let connection =
        Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(fail)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(fail)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(fail)?;
    // A damaged or hostile file must not make SQLite call functions from its schema.
    connection.pragma_update(None, "trusted_schema", false).map_err(fail)?;
    if access == Access::ReadWrite {
        connection.pragma_update(None, "secure_delete", true).map_err(fail)?;
    }
    add_search_function(&connection).map_err(fail)?;
    Ok(connection)
}

/// Opens the database at `path` for reading, also where its folder cannot be written, and also after a process was killed in the
/// middle of making it.
pub(crate) fn connect_for_reading(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path, Access::Read)?;
    let fail = |error| StoreError::database(path, "read", error);
    match read_version(&connection) {
        Ok(_) => Ok(connection),
        Err(error)
            if is_unopenable(&error) && ["-wal", "-journal"].iter().any(|log| beside(path, log).exists()) =>
        {
            // What a killed process had begun must be taken back first, which SQLite does on the first look that may write.
            read_version(&connect(path, Access::ReadWrite)?).map_err(fail)?;
            read_version(&connection).map_err(fail)?;
            Ok(connection)
        }
        Err(error) if is_unopenable(&error) => {
            // Without the right to make the files of the write-ahead log beside it, SQLite reads such a database only when told
            // that nobody writes. That is so when there is no log.
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
                | OpenFlags::SQLITE_OPEN_NO_MUTEX
                | OpenFlags::SQLITE_OPEN_URI;
            let connection = Connection::open_with_flags(immutable_uri(path), flags).map_err(fail)?;
            add_search_function(&connection).map_err(fail)?;
            Ok(connection)
        }
        Err(error) => Err(fail(error)),
    }
}

/// Finds out whether the database is ours and of which version, 0 for an empty file. Writes nothing.
pub(crate) fn check_version(connection: &Connection, path: &Path) -> Result<u32, StoreError> {
    let fail = |error| StoreError::database(path, "read", error);
    // One look at one moment: another process may be making the tables right now.
    let moment = connection.unchecked_transaction().map_err(fail)?;
    let (application, version) = read_version(&moment).map_err(fail)?;
    if application != APPLICATION_ID {
        let is_empty = moment
            .query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))
            .map_err(fail)?;
        if application == 0 && version == 0 && is_empty {
            return Ok(0);
        }
        let message = format!("{} is a database of another program, not a run store", path.display());
        return Err(StoreError::new(StoreErrorKind::NotAStore, message));
    }
    match u32::try_from(version) {
        Ok(version) if version <= VERSION => Ok(version),
        found => {
            let found = found.unwrap_or(u32::MAX);
            let message = format!(
                "the run store {} has version {found}, and this program knows versions up to {VERSION}",
                path.display()
            );
            Err(StoreError::new(StoreErrorKind::NewerVersion { found, supported: VERSION }, message))
        }
    }
}

/// Turns the write-ahead log on and brings the tables up to date.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let fail = |error| StoreError::database(path, "set up", error);
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)).map_err(fail)?;
    if mode != "wal" {
        let message = format!("the file system of {} does not support a write-ahead log", path.display());
        return Err(StoreError::new(StoreErrorKind::Inaccessible, message));
    }
    MIGRATIONS.to_latest(connection).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => fail(err),
        other => {
            let message = format!("cannot set up the run store {}: {other}", path.display());
            StoreError::new(StoreErrorKind::Failed, message)
        }
    })
}

fn read_version(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok((pragma("application_id")?, pragma("user_version")?))
}

fn is_unopenable(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

fn immutable_uri(path: &Path) -> PathBuf {
    let mut uri = std::ffi::OsString::from("file:");
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    uri.push(escaped);
    uri.push("?immutable=1");
    PathBuf::from(uri)
}

/// `contains_folded(text, term)`: whether the text contains the term, which is in lower case, in whatever case.
///
/// SQLite's own LIKE folds ASCII only, and its full-text index finds no word of fewer than three characters in a language
/// written without spaces. The texts of a personal history are few enough to be read through.
fn add_search_function(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("contains_folded", 2, flags, |context| {
        let text = context.get_raw(0).as_str_or_null();
        let term = context.get_raw(1).as_str_or_null();
        Ok(match (text, term) {
            (Ok(Some(text)), Ok(Some(term))) => text.to_lowercase().contains(term),
            _ => false,
        })
    })
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
