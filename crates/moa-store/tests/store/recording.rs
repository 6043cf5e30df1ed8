//! Recording: whole, in groups, and never in anybody's way.

use std::time::Duration;

use moa_core::{CallId, EventKind, LayerIndex};
use moa_store::{RunFilter, RunStatus, StoreErrorKind};
use rusqlite::Connection;

use crate::sample::{PATIENCE, Place, Script, outcome, record, record_all, run_id, whole_run};

#[test]
fn many_deltas_share_rows_and_come_back_one_by_one() {
    let place = Place::new();
    let store = place.open();
    let mut script = Script::start(run_id(1), "local", "Count.", 1_000);
    script.propose(20_000).finish("Done.");
    record(&store, &script.events);
    assert_eq!(store.events(run_id(1)).unwrap(), script.events);
    let rows: i64 = Connection::open(place.path())
        .unwrap()
        .query_row("SELECT count(*) FROM event", [], |row| row.get(0))
        .unwrap();
    assert!(rows < 2_000, "{rows} rows for 20,000 deltas");
}

#[test]
fn a_locked_database_holds_up_nobody_and_loses_nothing() {
    let place = Place::new();
    let store = place.open();
    let recorder = store.recorder().unwrap();
    let other = Connection::open(place.path()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let events = whole_run(run_id(1), "local", "Who waits?", "Nobody.", 1_000);
    for event in &events {
        recorder.record(event);
    }
    // Time for several attempts of the writer, none of which may give up.
    let unwritten = recorder.flush(Duration::from_millis(400)).unwrap_err();
    assert_eq!(unwritten.kind(), &StoreErrorKind::Busy);
    assert!(recorder.health().waiting_bytes > 0);
    assert_eq!(recorder.health().failure, None);
    other.execute_batch("COMMIT").unwrap();
    recorder.flush(PATIENCE).unwrap();
    assert_eq!(recorder.health().waiting_bytes, 0);
    assert_eq!(store.events(run_id(1)).unwrap(), events);
}

#[test]
fn a_run_whose_recorder_is_dropped_is_interrupted() {
    let place = Place::new();
    let store = place.open();
    let mut script = Script::start(run_id(1), "local", "Will this end?", 1_000);
    script.propose(4);
    let recorder = store.recorder().unwrap();
    record_all(&recorder, &script.events);
    recorder.flush(PATIENCE).unwrap();
    assert_eq!(store.list(&RunFilter::default()).unwrap()[0].status, RunStatus::Running);
    drop(recorder);
    store.recorder().unwrap().flush(PATIENCE).unwrap();
    let run = &store.list(&RunFilter::default()).unwrap()[0];
    assert_eq!(run.status, RunStatus::Interrupted);
    assert_eq!(run.usage.completion_tokens, 6);
    assert_eq!(store.events(run_id(1)).unwrap(), script.events);
}

#[test]
fn what_was_recorded_outlives_the_store_without_a_flush() {
    let place = Place::new();
    let events = whole_run(run_id(1), "local", "Anyone?", "Yes.", 1_000);
    {
        let recorder = place.open().recorder().unwrap();
        record_all(&recorder, &events);
    }
    assert_eq!(place.open().events(run_id(1)).unwrap(), events);
}

#[test]
fn the_latest_outcome_of_a_call_is_its_answer() {
    let place = Place::new();
    let store = place.open();
    let call = CallId { layer: LayerIndex(1), agent: 1 };
    let mut script = Script::start(run_id(1), "local", "Again?", 1_000);
    script.propose(2);
    script.push(EventKind::CallFinished { call, outcome: outcome("second try") });
    record(&store, &script.events);
    let answers = store.answers(run_id(1)).unwrap();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[&call].text, "second try");
}

#[test]
fn a_database_that_was_replaced_is_noticed_and_costs_no_run() {
    let place = Place::new();
    let store = place.open();
    let recorder = store.recorder().unwrap();
    // Kept under another name, so that the new file is certainly not given the old one's place on the disk.
    std::fs::rename(place.path(), place.folder.path().join("moved.db")).unwrap();
    std::fs::write(place.path(), []).unwrap();
    for event in whole_run(run_id(1), "local", "Where?", "Gone.", 1_000) {
        recorder.record(&event);
    }
    let error = recorder.flush(PATIENCE).unwrap_err();
    assert_eq!(error.kind(), &StoreErrorKind::Removed);
    assert!(recorder.health().lost_events > 0);
    assert_eq!(recorder.health().failure, Some(error));
}

#[test]
fn a_database_that_stops_working_fails_the_recorder_and_nothing_else() {
    let place = Place::new();
    let store = place.open();
    let recorder = store.recorder().unwrap();
    Connection::open(place.path()).unwrap().execute_batch("ALTER TABLE event RENAME TO hidden").unwrap();
    let lost = whole_run(run_id(1), "local", "One?", "One.", 1_000);
    record_all(&recorder, &lost);
    assert_eq!(recorder.flush(PATIENCE).unwrap_err().kind(), &StoreErrorKind::Failed);
    assert_eq!(recorder.health().lost_events, lost.len() as u64);
    // Once it works again, later runs are stored.
    Connection::open(place.path()).unwrap().execute_batch("ALTER TABLE hidden RENAME TO event").unwrap();
    let kept = whole_run(run_id(2), "local", "Two?", "Two.", 2_000);
    record_all(&recorder, &kept);
    assert!(recorder.flush(PATIENCE).is_err(), "the loss is not forgotten");
    assert_eq!(store.events(run_id(2)).unwrap(), kept);
}

#[test]
fn a_refused_event_breaks_its_own_run_only() {
    let place = Place::new();
    let store = place.open();
    let recorder = store.recorder().unwrap();
    let bad = whole_run(run_id(1), "local", "Bad?", "Bad.", 1_000);
    let good = whole_run(run_id(2), "local", "Good?", "Good.", 2_000);
    // The start comes twice and the number with it.
    for (event, other) in bad.iter().zip(&good) {
        recorder.record(event);
        recorder.record(&bad[0]);
        recorder.record(other);
    }
    let error = recorder.flush(PATIENCE).unwrap_err();
    assert_eq!(error.kind(), &StoreErrorKind::Rejected);
    assert!(error.to_string().contains(&run_id(1).to_string()), "{error}");
    assert_eq!(store.events(run_id(2)).unwrap(), good);
    assert_eq!(store.events(run_id(1)).unwrap(), bad[..1]);
    let broken = &store.list(&RunFilter::default()).unwrap()[1];
    assert_eq!((broken.status, broken.lost_events > 0), (RunStatus::Interrupted, true));
}

#[test]
fn one_store_serves_many_threads() {
    let place = Place::new();
    let store = place.open();
    let run = |number| {
        let mut script = Script::start(run_id(number), "local", "All at once?", 1_000);
        script.propose(500).finish("Yes.");
        script.events
    };
    std::thread::scope(|scope| {
        for number in 1..=8 {
            let store = &store;
            scope.spawn(move || {
                record(store, &run(number));
                store.list(&RunFilter::default()).unwrap();
                assert_eq!(store.events(run_id(number)).unwrap(), run(number));
            });
        }
    });
    let runs = store.list(&RunFilter::default()).unwrap();
    assert_eq!(runs.iter().filter(|run| run.status == RunStatus::Finished).count(), 8);
}
