//! Listing, searching, naming and removing.

use moa_core::{Event, EventKind};
use moa_core::{Failure, FailureKind, RunId, Usage};
use moa_store::{RunFilter, RunStatus, Store, StoreErrorKind};
use rusqlite::Connection;

use crate::sample::{PATIENCE, Place, Script, record, record_all, run_id, whole_run};

fn store_run(store: &Store, number: u128, preset: &str, prompt: &str, answer: &str) {
    let started_at_unix_ms = u64::try_from(number).unwrap() * 1_000;
    record(store, &whole_run(run_id(number), preset, prompt, answer, started_at_unix_ms));
}

fn found(store: &Store, filter: &RunFilter) -> Vec<u128> {
    store.list(filter).unwrap().iter().map(|run| run.id.as_u128()).collect()
}

fn search(store: &Store, text: &str) -> Vec<u128> {
    found(store, &RunFilter { text: Some(text.to_owned()), ..RunFilter::default() })
}

fn ended(number: u128, last: EventKind) -> Vec<Event> {
    let mut script = Script::start(run_id(number), "local", "How does it end?", 1_000);
    script.push(last);
    script.events
}

#[test]
fn a_summary_says_what_the_events_say() {
    let place = Place::new();
    let store = place.open();
    store_run(&store, 7, "local", "What is\n\n  a\tmixture?", &"word ".repeat(500));
    let run = store.list(&RunFilter::default()).unwrap().remove(0);
    assert_eq!(run.id, run_id(7));
    assert_eq!(run.started_at_unix_ms, 7_000);
    assert_eq!(run.preset, "local");
    assert_eq!(run.prompt, "What is a mixture?");
    let answer = run.answer.unwrap();
    assert!(answer.starts_with("word word") && answer.ends_with('…') && answer.len() < 200, "{answer}");
    assert_eq!(run.status, RunStatus::Finished);
    assert!((run.wall_ms - 99.75).abs() < f64::EPSILON);
    let usage = Usage {
        prompt_tokens: 90,
        cached_tokens: 30,
        completion_tokens: 17,
        reasoning_tokens: 7,
        estimated: true,
        cost_usd: Some(0.25),
    };
    assert_eq!(run.usage, usage);
    assert_eq!(run.layer_count, 2);
    assert_eq!(run.models, ["large", "medium", "small"]);
    assert_eq!(run.lost_events, 0);
}

#[test]
fn each_end_has_its_status_and_can_be_asked_for() {
    let place = Place::new();
    let store = place.open();
    let usage = Usage::default();
    let failure = Failure::new(FailureKind::TooFewProposals, "nobody answered");
    let mut degraded = whole_run(run_id(1), "local", "p", "a", 1_000);
    if let Some(Event { kind: EventKind::RunFinished { outcome }, .. }) = degraded.last_mut() {
        outcome.degraded = true;
    }
    record(&store, &degraded);
    record(&store, &ended(2, EventKind::RunFailed { failure, usage, wall_ms: 1.0 }));
    record(&store, &ended(3, EventKind::RunCancelled { usage, wall_ms: 1.0 }));
    record(
        &store,
        &ended(
            4,
            EventKind::CallWarning {
                call: moa_core::CallId { layer: moa_core::LayerIndex(1), agent: 1 },
                message: "and nothing more".to_owned(),
            },
        ),
    );
    let going_on = store.recorder().unwrap();
    record_all(&going_on, &Script::start(run_id(5), "local", "Still there?", 1_000).events);
    going_on.flush(PATIENCE).unwrap();
    for (status, expected) in [
        (RunStatus::Degraded, 1),
        (RunStatus::Failed, 2),
        (RunStatus::Cancelled, 3),
        (RunStatus::Interrupted, 4),
        (RunStatus::Running, 5),
    ] {
        let filter = RunFilter { status: Some(status), ..RunFilter::default() };
        assert_eq!(found(&store, &filter), [expected], "{}", status.as_str());
    }
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let place = Place::new();
    let store = place.open();
    for number in 1..=7 {
        // All at the same time: only the order of arrival tells them apart.
        record(&store, &whole_run(run_id(number), "local", "p", "a", 5_000));
    }
    let mut pages = Vec::new();
    let mut filter = RunFilter { limit: Some(3), ..RunFilter::default() };
    loop {
        let page = found(&store, &filter);
        let Some(last) = page.last() else { break };
        filter.before = Some(run_id(*last));
        pages.push(page);
    }
    assert_eq!(pages, [vec![7, 6, 5], vec![4, 3, 2], vec![1]]);
    filter.before = Some(run_id(99));
    assert_eq!(store.list(&filter).unwrap_err().kind(), &StoreErrorKind::UnknownRun);
}

#[test]
fn search_takes_every_character_as_it_is() {
    let place = Place::new();
    let store = place.open();
    store_run(&store, 1, "local", "It's \"quoted\" -- 100% of_it;", "DROP TABLE run");
    store_run(&store, 2, "local", "混合エージェントとは何ですか", "複数のモデルが答えます 🦀");
    store_run(&store, 3, "tiny", "ÜBER Straße", "naïve ΣΊΣΥΦΟΣ");
    store_run(&store, 4, "local", "plain \\ back", "nul \0 inside");
    for (text, expected) in [
        ("it's", vec![1]),
        ("\"quoted\"", vec![1]),
        ("100%", vec![1]),
        ("%", vec![1]),
        ("_", vec![1]),
        ("of_it", vec![1]),
        ("ofxit", vec![]),
        ("'; DROP TABLE run; --", vec![]),
        ("drop TABLE", vec![1]),
        ("table quoted", vec![1]),
        ("混合", vec![2]),
        ("何", vec![2]),
        ("モデル 混合", vec![2]),
        ("🦀", vec![2]),
        ("🐙", vec![]),
        ("über", vec![3]),
        ("σίσυφ", vec![3]),
        ("\\", vec![4]),
        ("inside", vec![4]),
        ("a*", vec![]),
        ("", vec![4, 3, 2, 1]),
        ("  ", vec![4, 3, 2, 1]),
    ] {
        assert_eq!(search(&store, text), expected, "search for {text:?}");
    }
    let both = RunFilter { text: Some("a".into()), preset: Some("tiny".into()), ..RunFilter::default() };
    assert_eq!(found(&store, &both), [3]);
}

#[test]
fn a_beginning_of_an_id_names_a_run() {
    let place = Place::new();
    let store = place.open();
    assert_eq!(store.resolve("last").unwrap_err().kind(), &StoreErrorKind::UnknownRun);
    let ids = [
        "0192ab00-0000-7000-8000-000000000001",
        "0192ab00-0000-7000-8000-000000000002",
        "0192abff-0000-7000-8000-000000000003",
    ]
    .map(|id| RunId::parse_str(id).unwrap());
    for (id, started_at_unix_ms) in ids.iter().zip([3_000, 2_000, 1_000]) {
        record(&store, &whole_run(*id, "local", "p", "a", started_at_unix_ms));
    }
    assert_eq!(store.resolve("0192abf").unwrap(), ids[2]);
    assert_eq!(store.resolve("0192ABFF-0").unwrap(), ids[2]);
    assert_eq!(store.resolve("0192abff0000").unwrap(), ids[2]);
    assert_eq!(store.resolve(&ids[1].to_string()).unwrap(), ids[1]);
    assert_eq!(store.resolve(&ids[1].simple().to_string()).unwrap(), ids[1]);
    assert_eq!(store.resolve("Last").unwrap(), ids[0]);
    let ambiguous = store.resolve("0192ab00").unwrap_err();
    assert_eq!(ambiguous.kind(), &StoreErrorKind::AmbiguousRun { candidates: vec![ids[0], ids[1]] });
    assert!(ambiguous.hint().unwrap().contains(&ids[1].to_string()));
    let too_long = format!("{}0", ids[0]);
    for unknown in ["", "-", "0193", "xyz", "' OR 1=1", "%", "日本", too_long.as_str()] {
        assert_eq!(store.resolve(unknown).unwrap_err().kind(), &StoreErrorKind::UnknownRun, "{unknown:?}");
    }
}

#[test]
fn a_removed_run_is_gone_with_its_text() {
    let place = Place::new();
    let store = place.open();
    store_run(&store, 1, "local", "My secret is xyzzy-plugh.", "I will not tell.");
    store_run(&store, 2, "local", "Another one.", "Stays.");
    store.remove(run_id(1)).unwrap();
    assert_eq!(store.events(run_id(1)).unwrap_err().kind(), &StoreErrorKind::UnknownRun);
    assert_eq!(store.answers(run_id(1)).unwrap_err().kind(), &StoreErrorKind::UnknownRun);
    assert_eq!(store.remove(run_id(1)).unwrap_err().kind(), &StoreErrorKind::UnknownRun);
    assert_eq!(found(&store, &RunFilter::default()), [2]);
    drop(store);
    for entry in std::fs::read_dir(place.path().parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(11).any(|window| window == b"xyzzy-plugh"), "{}", path.display());
        }
    }
    let orphans: i64 = Connection::open(place.path())
        .unwrap()
        .query_row("SELECT count(*) FROM event WHERE run NOT IN (SELECT key FROM run)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(orphans, 0);
}

#[test]
fn a_vacuum_gives_space_back_and_empties_the_log() {
    let place = Place::new();
    let store = place.open();
    store_run(&store, 1, "local", "My secret is xyzzy-plugh.", &"word ".repeat(100_000));
    store.remove(run_id(1)).unwrap();
    let size = |suffix| {
        let mut name = place.path().into_os_string();
        name.push(suffix);
        std::fs::metadata(name).unwrap().len()
    };
    assert!(size("-wal") > 0);
    store.vacuum().unwrap();
    assert_eq!(size("-wal"), 0);
    assert!(size("") < 100_000);
}

#[test]
fn old_runs_are_removed_and_running_ones_stay() {
    let place = Place::new();
    let store = place.open();
    for number in 2..=4 {
        store_run(&store, number, "local", "p", "a");
    }
    let going_on = store.recorder().unwrap();
    record_all(&going_on, &Script::start(run_id(1), "local", "Still there?", 1_000).events);
    going_on.flush(PATIENCE).unwrap();
    assert_eq!(store.remove(run_id(1)).unwrap_err().kind(), &StoreErrorKind::Running);
    assert_eq!(store.remove_before(Some(4_000)).unwrap(), 2);
    assert_eq!(found(&store, &RunFilter::default()), [4, 1]);
    assert_eq!(store.remove_before(None).unwrap(), 1);
    assert_eq!(found(&store, &RunFilter::default()), [1]);
    drop(going_on);
    store.recorder().unwrap().flush(PATIENCE).unwrap();
    assert_eq!(store.remove_before(None).unwrap(), 1);
}

#[test]
fn a_damaged_row_names_its_run_and_spares_the_others() {
    for damage in [
        "UPDATE event SET body = '{' WHERE run = 1 AND sequence = 0",
        "UPDATE event SET body = '[[1,1,0.5,\"x\",2]]' WHERE run = 1 AND form = 'deltas'",
        "UPDATE event SET body = '{\"type\":\"from_the_future\"}' WHERE run = 1 AND form = 'outcome'",
        "UPDATE event SET body = replace(body, '0001\"', '0009\"') WHERE run = 1 AND sequence = 0",
        "UPDATE event SET sequence = sequence - 100000 WHERE run = 1",
        "UPDATE event SET sequence = sequence + 9223372036854775000 WHERE run = 1 AND form = 'deltas'",
        "UPDATE event SET body = CAST(x'ff00fe' AS TEXT) WHERE run = 1 AND sequence = 1",
    ] {
        let place = Place::new();
        let store = place.open();
        store_run(&store, 1, "local", "p", "a");
        store_run(&store, 2, "local", "p", "a");
        Connection::open(place.path()).unwrap().execute(damage, []).unwrap();
        match store.events(run_id(1)) {
            Err(error) => {
                assert_eq!(error.kind(), &StoreErrorKind::DamagedRun, "{damage}");
                assert!(error.to_string().contains(&run_id(1).to_string()), "{error}");
            }
            // A number that is only too high is in order as far as anybody can tell.
            Ok(_) => assert!(damage.contains("9223372036854775000"), "{damage}"),
        }
        assert!(!store.events(run_id(2)).unwrap().is_empty());
    }
}

#[test]
fn a_damaged_summary_names_its_run() {
    for damage in [
        "UPDATE run SET models = 'x'",
        "UPDATE run SET layer_count = -1",
        "UPDATE run SET prompt_tokens = 99999999999",
        "UPDATE run SET prompt = CAST(x'ff00fe' AS TEXT)",
    ] {
        let place = Place::new();
        let store = place.open();
        store_run(&store, 1, "local", "p", "a");
        Connection::open(place.path()).unwrap().execute(damage, []).unwrap();
        let error = store.list(&RunFilter::default()).unwrap_err();
        assert_eq!(error.kind(), &StoreErrorKind::DamagedRun, "{damage}");
        assert!(error.to_string().contains(&run_id(1).to_string()), "{error}");
        store.remove(run_id(1)).unwrap();
    }
}
