use rusqlite::Connection;

use super::*;

#[test]
fn the_migrations_are_valid_and_counted() {
    MIGRATIONS.validate().unwrap();
    assert_eq!(STEPS.len(), VERSION as usize);
    let mut connection = Connection::open_in_memory().unwrap();
    MIGRATIONS.to_latest(&mut connection).unwrap();
    assert_eq!(read_version(&connection).unwrap(), (APPLICATION_ID, i64::from(VERSION)));
}

#[test]
fn an_immutable_database_is_named_whatever_its_characters() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("a%20b?c#d 日.db");
    drop(Connection::open_with_flags(
        &path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    ));
    let mut connection = connect(&path, Access::ReadWrite).unwrap();
    migrate(&mut connection, &path).unwrap();
    drop(connection);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(immutable_uri(&path), flags).unwrap();
    assert_eq!(check_version(&connection, &path).unwrap(), VERSION);
}
