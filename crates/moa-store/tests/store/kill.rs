//! kill -9 at any moment leaves an intact store with a gap-free beginning of the run.

use std::path::Path;
use std::thread;

use moa_core::{Event, EventKind, RunId};
use moa_store::{RunFilter, RunStatus, Store};
use rusqlite::Connection;

use crate::processes::{Process, orders, say};
use crate::sample::{PATIENCE, Place, Script, record, run_id};

const KILLS: u128 = 40;
const DELTAS: u32 = 2_000;

/// Words are said this often, and every eighth of them is a promise that what came before is stored.
const EVENTS_PER_WORD: usize = 25;
const WORDS_PER_PROMISE: usize = 8;

fn events(run: RunId) -> Vec<Event> {
    let mut script = Script::start(run, "local", "Write until you are killed.", 1_000);
    script.propose(DELTAS).propose(DELTAS).finish("Not killed.");
    script.events
}

#[test]
#[ignore = "the process that `a_killed_writer_leaves_an_intact_beginning` starts and kills"]
fn a_writer() {
    let Some((path, run)) = orders() else { return };
    let store = Store::open(&path).unwrap();
    let recorder = store.recorder().unwrap();
    for (event, count) in events(run).iter().zip(1_usize..) {
        recorder.record(event);
        if count.is_multiple_of(EVENTS_PER_WORD * WORDS_PER_PROMISE) {
            recorder.flush(PATIENCE).unwrap();
            say(&format!("stored {count}"));
        } else if count.is_multiple_of(EVENTS_PER_WORD) {
            say("recorded");
        }
    }
    recorder.flush(PATIENCE).unwrap();
}

#[test]
fn a_killed_writer_leaves_an_intact_beginning() {
    let place = Place::new();
    // A linear congruential generator: the same kill points in every test run, as far as the scheduler lets them be.
    let mut random: u64 = 20_240_607;
    let words_in_all = events(run_id(0)).len() / EVENTS_PER_WORD;
    let mut partly = 0;
    for number in 1..=KILLS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let kill_at = usize::try_from(random >> 33).unwrap() % words_in_all;
        let run = run_id(number);
        let mut writer = Process::start("kill::a_writer", &place.path(), run);
        let mut promised = 0;
        // The first word is the test harness's own; so the writer may also be killed before it opened the store.
        for word in writer.words().take(kill_at) {
            if let Some(count) = word.strip_prefix("stored ") {
                promised = count.parse().unwrap();
            }
        }
        writer.kill();

        let store = place.open();
        let integrity: String = Connection::open(place.path())
            .unwrap()
            .pragma_query_value(None, "integrity_check", |row| row.get(0))
            .unwrap();
        assert_eq!(integrity, "ok", "after kill {number} at word {kill_at}");
        let expected = events(run);
        let Some(summary) =
            store.list(&RunFilter::default()).unwrap().into_iter().find(|found| found.id == run)
        else {
            assert_eq!(promised, 0, "kill {number}: the run is gone");
            continue;
        };
        let stored = store.events(run).unwrap();
        assert!(stored.len() >= promised, "kill {number}: {} of {promised} promised events", stored.len());
        assert_eq!(stored, expected[..stored.len()], "kill {number}");
        assert_answers_are_indexed(&store, &stored, number);
        let is_whole = stored.len() == expected.len();
        assert_eq!(summary.status, if is_whole { RunStatus::Finished } else { RunStatus::Interrupted });
        partly += u32::from(!is_whole);
    }
    assert!(partly > 20, "only {partly} kills hit a run in the middle");
}

/// Asserts that a call can be answered out of the store if and only if its end is stored.
fn assert_answers_are_indexed(store: &Store, stored: &[Event], number: u128) {
    for event in stored {
        let EventKind::CallStarted { call, key: Some(key), .. } = &event.kind else { continue };
        // Both rounds of the script ask the same: the latest answer is the one to give.
        let outcome = stored.iter().rev().find_map(|other| match &other.kind {
            EventKind::CallFinished { call: ended, outcome } if ended == call => Some(outcome),
            _ => None,
        });
        assert_eq!(store.answer(key).unwrap().as_ref(), outcome, "kill {number}");
    }
}

#[test]
fn a_store_whose_maker_was_killed_can_be_opened() {
    for part in ["", "-writers", "-writers/open.lock", "-journal", "-wal", "-shm"] {
        let place = Place::new();
        let mut awaited = place.path().into_os_string();
        awaited.push(part);
        let mut writer = Process::start("kill::a_writer", &place.path(), run_id(1));
        // Some of these files are there for a moment only; a writer that ends without one having been seen is as good.
        while !Path::new(&awaited).exists() && !writer.has_ended() {
            thread::yield_now();
        }
        writer.kill();
        let store = place.open();
        let expected = events(run_id(1));
        let stored = store.events(run_id(1)).unwrap_or_default();
        assert_eq!(stored, expected[..stored.len()], "killed when {part:?} was there");
        record(&store, &events(run_id(2)));
        assert_eq!(store.events(run_id(2)).unwrap(), events(run_id(2)));
    }
}
