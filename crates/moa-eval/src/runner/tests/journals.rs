use std::fs::OpenOptions;
use std::io::Write as _;

use moa_core::Usage;
use serde_json::json;

use crate::runner::{ItemKey, Journal, JournalHeader, Record, ResultCache, RunnerError, read_journal};

fn header() -> JournalHeader {
    let settings = json!({ "seed": 1 });
    JournalHeader { benchmark: "b".to_owned(), contender: "c".to_owned(), settings }
}

fn record(item: &str, result: u32) -> Record<u32> {
    let key = ItemKey::of(&item).unwrap();
    Record { item: item.to_owned(), key, usage: Usage::default(), wall_ms: 1.5, result }
}

#[test]
fn what_was_appended_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new folder/j.jsonl");
    let mut journal = Journal::open(&path, &header()).unwrap();
    journal.append(record("a", 1)).unwrap();
    journal.append(record("b", 2)).unwrap();
    journal.append(record("a", 3)).unwrap();
    drop(journal);
    let journal: Journal<u32> = Journal::open(&path, &header()).unwrap();
    assert_eq!(journal.get("a", &ItemKey::of(&"a").unwrap()), Some(&record("a", 3)));
    assert_eq!(journal.get("a", &ItemKey::of(&"other").unwrap()), None, "made from another content");
    let stored = read_journal::<u32>(&path).unwrap();
    assert_eq!((stored.header, stored.records), (header(), vec![record("a", 3), record("b", 2)]));
}

#[test]
fn a_torn_last_line_is_cut_away_at_every_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.jsonl");
    let mut journal = Journal::open(&path, &header()).unwrap();
    journal.append(record("a", 1)).unwrap();
    let one = std::fs::read(&path).unwrap().len();
    journal.append(record("b", 2)).unwrap();
    drop(journal);
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        let mut journal = Journal::open(&path, &header()).unwrap();
        let is_there = journal.get("a", &ItemKey::of(&"a").unwrap()).is_some();
        assert_eq!(is_there, length >= one, "{length}");
        journal.append(record("z", 9)).unwrap();
        drop(journal);
        let stored = read_journal::<u32>(&path).unwrap();
        assert_eq!(stored.records.last(), Some(&record("z", 9)), "{length}");
    }
}

#[test]
fn a_line_that_is_no_record_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.jsonl");
    drop(Journal::<u32>::open(&path, &header()).unwrap());
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"rubbish\n").unwrap();
    let error = Journal::<u32>::open(&path, &header()).unwrap_err();
    assert!(matches!(error, RunnerError::Damaged { line: 2, .. }), "{error}");
    assert!(error.to_string().contains("line 2") && error.hint().is_some());
}

#[test]
fn other_settings_and_other_writers_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.jsonl");
    let journal: Journal<u32> = Journal::open(&path, &header()).unwrap();
    let error = Journal::<u32>::open(&path, &header()).unwrap_err();
    assert!(matches!(error, RunnerError::Busy { .. }), "{error}");
    drop(journal);
    let other = JournalHeader { settings: json!({ "seed": 2 }), ..header() };
    let error = Journal::<u32>::open(&path, &other).unwrap_err().to_string();
    assert!(error.ends_with("other settings: seed was 1 and is 2"), "{error}");
    let other = JournalHeader { contender: "d".to_owned(), ..header() };
    let error = Journal::<u32>::open(&path, &other).unwrap_err().to_string();
    assert!(error.ends_with("the contender was c and is d"), "{error}");
}

#[test]
fn a_cache_gives_back_what_it_was_given_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let cache = ResultCache::new(folder.path().join("cache"));
    let wanted = record("a", 7);
    assert_eq!(cache.get::<u32>(&wanted.key), None);
    assert!(cache.put(&wanted));
    assert_eq!(cache.get::<u32>(&wanted.key), Some(wanted.clone()));
    // A file that says that it is another key's is not believed, and one that is damaged is none.
    let file = std::fs::read_dir(folder.path().join("cache")).unwrap().next().unwrap().unwrap().path();
    let file = std::fs::read_dir(file).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&file, serde_json::to_vec(&record("b", 1)).unwrap()).unwrap();
    assert_eq!(cache.get::<u32>(&wanted.key), None);
    std::fs::write(&file, b"{").unwrap();
    assert_eq!(cache.get::<u32>(&wanted.key), None);
    let outside: ItemKey = serde_json::from_value(json!("../../../../etc/passwd")).unwrap();
    assert!(!cache.put(&Record { key: outside, ..wanted }));
}
