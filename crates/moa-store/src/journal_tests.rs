use moa_core::{Agent, Conversation, Event, EventKind, Mixture, RunId};
use tempfile::TempDir;

use super::*;
use crate::queue::{Queue, QueueBounds};
use crate::schema::{self, Access};

fn start(run: RunId, prompt: &str) -> Event {
    let kind = EventKind::RunStarted {
        mixture: Box::new(Mixture::new("local", Vec::new(), Agent::new("small", 8))),
        conversation: Conversation::ask(prompt),
        seed: 1,
        started_at_unix_ms: 1,
        max_cost_usd: None,
        unused_fields: serde_json::Map::new(),
        notes: Vec::new(),
    };
    Event { run, sequence: 0, at_ms: 0.0, kind }
}

fn batch_of(events: &[Event]) -> Batch {
    let queue = Queue::new(QueueBounds::default());
    for event in events {
        queue.push(event);
    }
    queue.take().unwrap()
}

/// A database that takes no more pages than it has.
fn full_journal(folder: &TempDir) -> Journal {
    let path = folder.path().join("runs.db");
    std::fs::write(&path, []).unwrap();
    let mut connection = schema::connect(&path, Access::ReadWrite).unwrap();
    schema::migrate(&mut connection, &path).unwrap();
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    connection.pragma_update(None, "max_page_count", pages).unwrap();
    Journal::new(connection, &path, "me").unwrap()
}

#[test]
fn a_full_disk_costs_the_runs_of_the_batch_and_later_ones_are_stored() {
    let folder = TempDir::new().unwrap();
    let mut journal = full_journal(&folder);
    let run = RunId::from_u128(1);
    let written = journal.write(&batch_of(&[start(run, &"long ".repeat(20_000))])).unwrap();
    assert_eq!(written.failure.unwrap().kind(), &StoreErrorKind::Full);
    assert_eq!(written.lost_events, 1);
    journal.connection.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    // A run with a gap is not gone on with, and is not counted twice.
    let warning = |run, sequence| {
        let call = moa_core::CallId { layer: moa_core::LayerIndex(1), agent: 1 };
        let kind = EventKind::CallWarning { call, message: "hm".to_owned() };
        Event { run, sequence, at_ms: 1.0, kind }
    };
    let other = RunId::from_u128(2);
    let written = journal
        .write(&batch_of(&[warning(run, 1), start(other, "short"), warning(other, 1), warning(run, 2)]))
        .unwrap();
    assert!(written.failure.is_none());
    assert_eq!(written.lost_events, 2);
    let stored: Vec<String> = journal
        .connection
        .prepare("SELECT id FROM run")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(stored, [other.to_string()]);
}

#[test]
fn a_run_that_loses_its_middle_is_closed_and_says_how_much_is_missing() {
    let folder = TempDir::new().unwrap();
    let mut journal = full_journal(&folder);
    journal.connection.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    let run = RunId::from_u128(1);
    assert!(journal.write(&batch_of(&[start(run, "short")])).unwrap().failure.is_none());
    journal.connection.execute_batch("ALTER TABLE event RENAME TO hidden").unwrap();
    let finished = |sequence| Event {
        run,
        sequence,
        at_ms: 1.0,
        kind: EventKind::RunCancelled { usage: moa_core::Usage::default(), wall_ms: 1.0 },
    };
    assert!(journal.write(&batch_of(&[finished(1)])).unwrap().failure.is_some());
    journal.connection.execute_batch("ALTER TABLE hidden RENAME TO event").unwrap();
    assert!(journal.write(&batch_of(&[start(RunId::from_u128(2), "next")])).unwrap().failure.is_none());
    let row: (String, i64) = journal
        .connection
        .query_row("SELECT status, lost_events FROM run WHERE id = ?1", [run.to_string()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(row, ("interrupted".to_owned(), 1));
}

#[test]
fn a_database_that_another_holds_puts_a_batch_off() {
    let folder = TempDir::new().unwrap();
    let mut journal = full_journal(&folder);
    journal.connection.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    journal.connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    let other = Connection::open(&journal.path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let batch = batch_of(&[start(RunId::from_u128(1), "short")]);
    assert!(journal.write(&batch).is_none());
    assert!(journal.write(&batch).is_none());
    other.execute_batch("COMMIT").unwrap();
    let written = journal.write(&batch).unwrap();
    assert_eq!((written.lost_events, written.failure), (0, None));
}
