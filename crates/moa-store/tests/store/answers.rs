//! Answers by what was asked.

use moa_core::{CallId, CallOutcome, CallStatus, EventKind, Failure, FailureKind, LayerIndex};
use moa_store::{Store, StoreErrorKind};
use rusqlite::Connection;

use crate::sample::{PATIENCE, Place, Script, key, outcome, record, record_all, run_id};

const CALL: CallId = CallId { layer: LayerIndex(1), agent: 1 };

/// A run in which one call asks `prompt` and ends with `outcome`.
fn asked(number: u128, prompt: &str, outcome: CallOutcome) -> Script {
    let mut script = Script::start(run_id(number), "local", "Who?", 1_000);
    script.push(EventKind::CallStarted {
        call: CALL,
        agent: "small".to_owned(),
        model: "small".to_owned(),
        endpoint: "local".to_owned(),
        key: Some(key(prompt)),
        task: moa_core::CallTask::Answer,
    });
    script.push(EventKind::CallFinished { call: CALL, outcome });
    script
}

fn answer(store: &Store, prompt: &str) -> Option<String> {
    store.answer(&key(prompt)).unwrap().map(|outcome| outcome.text)
}

fn index_rows(place: &Place) -> i64 {
    let database = Connection::open(place.path()).unwrap();
    database.query_row("SELECT count(*) FROM answer", [], |row| row.get(0)).unwrap()
}

#[test]
fn the_latest_answer_to_a_question_is_found_again_in_whatever_run() {
    let place = Place::new();
    let store = place.open();
    assert_eq!(answer(&store, "a"), None);
    record(&store, &asked(1, "a", outcome("first")).finish("done").events);
    record(&store, &asked(2, "b", outcome("other")).events);
    assert_eq!(store.answer(&key("a")).unwrap(), Some(outcome("first")));
    record(&store, &asked(3, "a", outcome("second")).events);
    assert_eq!(answer(&store, "a").as_deref(), Some("second"));
    assert_eq!(answer(&store, "b").as_deref(), Some("other"));
    assert_eq!(answer(&store, "c"), None);
    drop(store);
    let reader = Store::open_read_only(place.path()).unwrap();
    assert_eq!(answer(&reader, "a").as_deref(), Some("second"));
}

#[test]
fn an_answer_is_there_while_its_run_goes_on() {
    let place = Place::new();
    let store = place.open();
    let recorder = store.recorder().unwrap();
    record_all(&recorder, &asked(1, "a", outcome("early")).events);
    recorder.flush(PATIENCE).unwrap();
    assert_eq!(answer(&store, "a").as_deref(), Some("early"));
    drop(recorder);
    store.recorder().unwrap().flush(PATIENCE).unwrap();
    assert_eq!(answer(&store, "a").as_deref(), Some("early"), "its run was interrupted");
}

#[test]
fn only_whole_answers_count() {
    let place = Place::new();
    let store = place.open();
    for (number, status) in (1..).zip([CallStatus::Partial, CallStatus::Failed, CallStatus::Dropped]) {
        let error = Some(Failure::new(FailureKind::ConnectionLost, "gone"));
        let lost = CallOutcome { status, error, ..outcome("half") };
        record(&store, &asked(number, "a", lost).events);
        assert_eq!(answer(&store, "a"), None, "{status:?}");
    }
    record(&store, &asked(9, "a", outcome("whole")).events);
    let failed = CallOutcome { status: CallStatus::Failed, ..outcome("") };
    record(&store, &asked(10, "a", failed).events);
    assert_eq!(answer(&store, "a").as_deref(), Some("whole"), "a later failure takes nothing away");
}

#[test]
fn a_call_that_names_no_content_is_not_found() {
    let place = Place::new();
    let store = place.open();
    let mut script = asked(1, "a", outcome("named"));
    for event in &mut script.events {
        if let EventKind::CallStarted { key, .. } = &mut event.kind {
            *key = None;
        }
    }
    record(&store, &script.events);
    assert_eq!((answer(&store, "a"), index_rows(&place)), (None, 0));
    assert_eq!(store.answers(run_id(1)).unwrap()[&CALL].text, "named");
}

#[test]
fn removed_runs_answer_no_more() {
    let place = Place::new();
    let store = place.open();
    for number in 1..=3 {
        record(&store, &asked(number, "a", outcome(&format!("{number}"))).finish("done").events);
    }
    store.remove(run_id(3)).unwrap();
    assert_eq!(answer(&store, "a").as_deref(), Some("2"));
    store.remove(run_id(1)).unwrap();
    assert_eq!((answer(&store, "a").as_deref(), index_rows(&place)), (Some("2"), 1));
    store.remove_before(None).unwrap();
    assert_eq!((answer(&store, "a"), index_rows(&place)), (None, 0));
}

#[test]
fn a_damaged_answer_is_an_error_and_not_a_wrong_answer() {
    let place = Place::new();
    let store = place.open();
    record(&store, &asked(1, "a", outcome("whole")).events);
    let database = Connection::open(place.path()).unwrap();
    database.execute("UPDATE event SET body = '{}' WHERE form = 'outcome'", []).unwrap();
    assert_eq!(store.answer(&key("a")).unwrap_err().kind(), &StoreErrorKind::DamagedRun);
}
