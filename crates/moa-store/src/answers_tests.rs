use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::schema::{self, Access};

/// What the database does for a statement.
fn steps(database: &Connection, sql: &str) -> Vec<String> {
    let mut plan = database.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = plan.query_map(params!["x"], |row| row.get(3)).unwrap();
    steps.map(Result::unwrap).collect()
}

#[test]
fn neither_finding_nor_removing_an_answer_reads_a_table_from_end_to_end() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("runs.db");
    std::fs::write(&path, []).unwrap();
    let mut database = schema::connect(&path, Access::ReadWrite).unwrap();
    schema::migrate(&mut database, &path).unwrap();
    // The second is what the removal of an event makes the database do.
    for sql in [LATEST_ANSWER, "DELETE FROM answer WHERE event = ?1"] {
        let steps = steps(&database, sql);
        assert!(!steps.is_empty() && steps.iter().all(|step| step.starts_with("SEARCH")), "{steps:?}");
    }
}
