//! Opening what is there, or is not, or should not be opened.

use std::fs;
use std::path::Path;

use moa_store::{RunFilter, Store, StoreError, StoreErrorKind};
use rusqlite::Connection;

use crate::sample::{Place, record, run_id, whole_run};

fn both_refuse(path: &Path) -> [StoreError; 2] {
    let errors = [Store::open(path).unwrap_err(), Store::open_read_only(path).unwrap_err()];
    for error in &errors {
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
    errors
}

#[cfg(unix)]
#[test]
fn what_is_made_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let store = place.open();
    record(&store, &whole_run(run_id(1), "local", "p", "a", 1_000));
    let folder = place.path().parent().unwrap().to_owned();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut files = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        files += 1;
    }
    assert!(files >= 3, "the database, its log and the writers");
}

#[test]
fn a_missing_store_is_made_for_writing_and_missed_for_reading() {
    let place = Place::new();
    let error = Store::open_read_only(place.path()).unwrap_err();
    assert_eq!(error.kind(), &StoreErrorKind::Missing);
    assert!(!place.path().exists() && !place.path().parent().unwrap().exists());
    assert_eq!(place.open().list(&RunFilter::default()).unwrap(), []);
    let reader = Store::open_read_only(place.path()).unwrap();
    assert_eq!(reader.list(&RunFilter::default()).unwrap(), []);
}

#[test]
fn a_reader_reads_beside_a_writer_and_changes_nothing() {
    let place = Place::new();
    let store = place.open();
    let reader = Store::open_read_only(place.path()).unwrap();
    let events = whole_run(run_id(1), "local", "p", "a", 1_000);
    record(&store, &events);
    assert_eq!(reader.events(run_id(1)).unwrap(), events);
    assert_eq!(reader.recorder().unwrap_err().kind(), &StoreErrorKind::ReadOnly);
    assert_eq!(reader.remove(run_id(1)).unwrap_err().kind(), &StoreErrorKind::ReadOnly);
    assert_eq!(reader.remove_before(None).unwrap_err().kind(), &StoreErrorKind::ReadOnly);
    assert_eq!(reader.vacuum().unwrap_err().kind(), &StoreErrorKind::ReadOnly);
    drop(store);
    assert_eq!(reader.events(run_id(1)).unwrap(), events);
}

#[test]
fn a_newer_store_is_refused_with_both_versions_and_left_alone() {
    let place = Place::new();
    drop(place.open());
    Connection::open(place.path()).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let before = fs::read(place.path()).unwrap();
    for error in both_refuse(&place.path()) {
        assert_eq!(error.kind(), &StoreErrorKind::NewerVersion { found: 7, supported: 2 });
        assert!(error.to_string().contains('7') && error.to_string().contains('2'), "{error}");
    }
    assert_eq!(fs::read(place.path()).unwrap(), before);
}

/// A store as version 1 of the tables left it, with one run of which three events are stored.
fn a_store_of_version_1(place: &Place) -> Vec<moa_core::Event> {
    fs::create_dir_all(place.path().parent().unwrap()).unwrap();
    let old = Connection::open(place.path()).unwrap();
    old.pragma_update(None, "journal_mode", "wal").unwrap();
    old.execute_batch(include_str!("../../src/migrations/1_runs_and_events.sql")).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    old.execute(
        "INSERT INTO run (key, id, started_at_unix_ms, preset, status, writer, prompt_tokens, cost_usd, layer_count, models, prompt)
         VALUES (1, ?1, 1000, 'local', 'finished', 'gone', 90, 0.25, 2, '[\"small\"]', 'p')",
        [run_id(1).to_string()],
    )
    .unwrap();
    let [start, deltas, end] =
        [0, 4, 6].map(|index| whole_run(run_id(1), "local", "p", "a", 1_000)[index].clone());
    let renumbered = |event: &moa_core::Event, sequence| moa_core::Event { sequence, ..event.clone() };
    let events = vec![start, renumbered(&deltas, 1), renumbered(&end, 2)];
    let moa_core::EventKind::CallDelta { call, text, tokens } = &events[1].kind else { panic!("{events:?}") };
    let block = serde_json::json!([[call.layer.0, call.agent, events[1].at_ms, tokens, text]]).to_string();
    let body = |event: &moa_core::Event| serde_json::to_string(event).unwrap();
    for (sequence, form, body) in
        [(0, "event", body(&events[0])), (1, "deltas", block), (2, "event", body(&events[2]))]
    {
        old.execute(
            "INSERT INTO event (run, sequence, form, body) VALUES (1, ?1, ?2, ?3)",
            rusqlite::params![sequence, form, body],
        )
        .unwrap();
    }
    events
}

#[test]
fn an_older_store_is_brought_up_to_date_and_loses_nothing() {
    let place = Place::new();
    let events = a_store_of_version_1(&place);
    let error = Store::open_read_only(place.path()).unwrap_err();
    assert_eq!(error.kind(), &StoreErrorKind::OlderVersion { found: 1, supported: 2 });
    assert!(error.hint().is_some());
    let store = place.open();
    assert_eq!(store.events(run_id(1)).unwrap(), events);
    let run = store.list(&RunFilter::default()).unwrap().remove(0);
    assert_eq!((run.usage.prompt_tokens, run.usage.cost_usd), (90, Some(0.25)));
    assert_eq!((run.usage.reasoning_tokens, run.usage.estimated), (0, false));
    let next = whole_run(run_id(2), "local", "p", "a", 2_000);
    record(&store, &next);
    assert_eq!(Store::open_read_only(place.path()).unwrap().events(run_id(2)).unwrap(), next);
    store.remove(run_id(1)).unwrap();
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let place = Place::new();
    let path = place.folder.path().join("notes.txt");
    for content in ["Dear diary, nothing happened today. ".repeat(300), "short".to_owned()] {
        fs::write(&path, &content).unwrap();
        for error in both_refuse(&path) {
            assert_eq!(error.kind(), &StoreErrorKind::NotAStore, "{error}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
        assert_eq!(fs::read_dir(place.folder.path()).unwrap().count(), 1, "nothing was put beside it");
    }
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let place = Place::new();
    let path = place.folder.path().join("other.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE run (a); INSERT INTO run VALUES (1);").unwrap();
    drop(other);
    let before = fs::read(&path).unwrap();
    for error in both_refuse(&path) {
        assert_eq!(error.kind(), &StoreErrorKind::NotAStore, "{error}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_file_is_no_store() {
    let place = Place::new();
    let null = Path::new("/dev/null");
    let paths = [Some(place.folder.path()), null.exists().then_some(null)];
    for error in paths.into_iter().flatten().flat_map(both_refuse) {
        assert_eq!(error.kind(), &StoreErrorKind::NotAStore, "{error}");
    }
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_and_no_crash() {
    let place = Place::new();
    let file = place.folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let error = Store::open(file.join("moa").join("runs.db")).unwrap_err();
    assert_eq!(error.kind(), &StoreErrorKind::Inaccessible, "{error}");
    assert!(error.hint().unwrap().contains("without a store"));
    // A file system that takes no folders, whoever asks.
    if cfg!(target_os = "linux") {
        let error = Store::open("/proc/moa/runs.db").unwrap_err();
        assert_eq!(error.kind(), &StoreErrorKind::Inaccessible, "{error}");
    }
}

#[test]
fn damage_in_the_file_is_a_clear_error_wherever_it_is() {
    let page = 4_096;
    let place = Place::new();
    let store = place.open();
    for number in 1..=20 {
        record(
            &store,
            &whole_run(run_id(number), "local", &"prompt ".repeat(200), &"answer ".repeat(900), 1_000),
        );
    }
    store.vacuum().unwrap();
    drop(store);
    let whole = fs::read(place.path()).unwrap();
    let mut noticed = 0;
    let mut cut = whole.clone();
    cut.truncate(whole.len() / 2);
    let mut damaged = vec![cut];
    for start in (page..whole.len()).step_by(page) {
        let mut copy = whole.clone();
        copy[start..start + page].fill(0xa5);
        damaged.push(copy);
    }
    for content in &damaged {
        fs::write(place.path(), content).unwrap();
        let result = Store::open(place.path()).and_then(|store| {
            store.list(&RunFilter { text: Some("answer".to_owned()), ..RunFilter::default() })?;
            for number in 1..=20 {
                store.events(run_id(number))?;
            }
            Ok(())
        });
        if let Err(error) = result {
            let expected = [StoreErrorKind::Corrupt, StoreErrorKind::DamagedRun];
            assert!(expected.contains(error.kind()) && error.hint().is_some(), "{:?} {error}", error.kind());
            noticed += 1;
        }
    }
    assert!(noticed > damaged.len() / 2, "{noticed} of {}", damaged.len());
}

#[test]
fn odd_names_of_files_work() {
    let place = Place::new();
    for name in ["with space.db", "percent%20?.db", "日本#1.db", "file:x?mode=memory"] {
        let path = place.folder.path().join(name);
        let events = whole_run(run_id(1), "local", "p", "a", 1_000);
        record(&Store::open(&path).unwrap(), &events);
        assert!(path.is_file(), "{name}");
        assert_eq!(Store::open_read_only(&path).unwrap().events(run_id(1)).unwrap(), events, "{name}");
    }
}

#[test]
fn what_a_killed_process_had_begun_is_taken_back() {
    let place = Place::new();
    let events = whole_run(run_id(1), "local", "p", "a", 1_000);
    record(&place.open(), &events);
    // As while the store is made: still with a rollback journal, and with a transaction that has reached the file.
    let maker = Connection::open(place.path()).unwrap();
    maker.pragma_update(None, "journal_mode", "delete").unwrap();
    maker.execute_batch("PRAGMA cache_size = 1; BEGIN; DELETE FROM event; CREATE TABLE more (a);").unwrap();
    for number in 0..500 {
        maker.execute("INSERT INTO more VALUES (?1 || hex(zeroblob(999)))", [number]).unwrap();
    }
    for open in [Store::open, Store::open_read_only] {
        let copy = Place::new();
        fs::create_dir_all(copy.path().parent().unwrap()).unwrap();
        for suffix in ["", "-journal"] {
            let name = |path: std::path::PathBuf| {
                let mut name = path.into_os_string();
                name.push(suffix);
                name
            };
            fs::copy(name(place.path()), name(copy.path())).unwrap();
        }
        assert_eq!(open(copy.path()).unwrap().events(run_id(1)).unwrap(), events);
    }
}
