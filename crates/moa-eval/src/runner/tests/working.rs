use std::cell::{Cell, RefCell};
use std::path::Path;

use moa_core::{Failure, FailureKind, Usage};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::runner::{
    Done, End, ItemKey, Journal, JournalHeader, Progress, ResultCache, Runner, Undone, WorkItem,
};

fn items(names: &[&str]) -> Vec<WorkItem<String>> {
    let item = |name: &&str| WorkItem {
        id: (*name).to_owned(),
        key: ItemKey::of(name).unwrap(),
        input: (*name).to_owned(),
    };
    names.iter().map(item).collect()
}

fn journal(path: &Path) -> Journal<String> {
    let header = JournalHeader { benchmark: "b".to_owned(), contender: "c".to_owned(), settings: json!({}) };
    Journal::open(path, &header).unwrap()
}

fn runner(concurrency: usize) -> Runner {
    Runner { concurrency, cache: None, cancel: CancellationToken::new() }
}

fn done(result: String) -> Done<String> {
    let usage = Usage { completion_tokens: 3, ..Usage::default() };
    Done { result, usage, wall_ms: 1.0 }
}

#[tokio::test]
async fn only_what_has_no_result_is_asked_and_failures_are_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.jsonl");
    let asked = RefCell::new(Vec::new());
    let work = async |names: &[&str], fails: &str| {
        let ask = |name: String| {
            asked.borrow_mut().push(name.clone());
            async move {
                if name == fails {
                    let usage = Usage { completion_tokens: 2, ..Usage::default() };
                    return Err(Undone { failure: Failure::new(FailureKind::ServerError, "no"), usage });
                }
                Ok(done(name.to_uppercase()))
            }
        };
        runner(2).work(items(names), &mut journal(&path), ask, |_| {}).await.unwrap()
    };
    let report = work(&["a", "b", "c"], "b").await;
    assert_eq!((report.progress.done, report.progress.failed, &report.end), (2, 1, &End::Finished));
    assert_eq!(report.failures[0].0, "b");
    assert_eq!(report.progress.usage.completion_tokens, 8, "what failed was paid for as well");
    let report = work(&["a", "b", "c", "d"], "").await;
    assert_eq!((report.progress.done, report.progress.kept, report.progress.asked()), (4, 2, 2));
    assert_eq!(*asked.borrow(), ["a", "b", "c", "b", "d"]);
}

#[tokio::test]
async fn so_many_are_in_flight_as_are_wanted_and_never_more() {
    let folder = tempfile::tempdir().unwrap();
    let (now, most) = (Cell::new(0), Cell::new(0));
    let ask = |name: String| {
        let (now, most) = (&now, &most);
        async move {
            now.set(now.get() + 1);
            most.set(most.get().max(now.get()));
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
            now.set(now.get() - 1);
            Ok(done(name))
        }
    };
    let names: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    runner(3).work(items(&names), &mut journal(&folder.path().join("j")), ask, |_| {}).await.unwrap();
    assert_eq!(most.get(), 3);
}

#[tokio::test]
async fn equal_content_is_asked_once_also_for_another_folder() {
    let folder = tempfile::tempdir().unwrap();
    let asked = Cell::new(0);
    let ask = |name: String| {
        asked.set(asked.get() + 1);
        async move { Ok(done(name)) }
    };
    let mut twins = items(&["a", "a"]);
    twins[1].id = "twin".to_owned();
    let runner = Runner { cache: Some(ResultCache::new(folder.path().join("cache"))), ..runner(2) };
    let report =
        runner.work(twins.clone(), &mut journal(&folder.path().join("1")), &ask, |_| {}).await.unwrap();
    assert_eq!((asked.get(), report.progress.done), (1, 2));
    let mut other = journal(&folder.path().join("2"));
    let report = runner.work(twins.clone(), &mut other, &ask, |_| {}).await.unwrap();
    assert_eq!((asked.get(), report.progress.cached, report.progress.usage), (1, 2, Usage::default()));
    // What came out of the cache says what it took when it was asked.
    let record = other.get("twin", &twins[1].key).unwrap();
    assert_eq!((record.usage.completion_tokens, record.result.as_str()), (3, "a"));
}

#[tokio::test]
async fn cancelling_keeps_what_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.jsonl");
    let runner = runner(1);
    let ask = |name: String| {
        let cancel = runner.cancel.clone();
        async move {
            if name == "b" {
                cancel.cancel();
                return std::future::pending().await;
            }
            Ok(done(name))
        }
    };
    let report = runner.work(items(&["a", "b", "c"]), &mut journal(&path), ask, |_| {}).await.unwrap();
    assert_eq!((report.progress.done, report.end), (1, End::Cancelled));
    assert!(journal(&path).get("a", &ItemKey::of(&"a").unwrap()).is_some());
}

#[tokio::test]
async fn what_would_fail_for_every_item_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..100).map(|number| number.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for (kind, most) in
        [(FailureKind::CostCap, 1), (FailureKind::Unauthorized, 1), (FailureKind::ServerError, 16)]
    {
        let asked = Cell::new(0);
        let ask = |_: String| {
            asked.set(asked.get() + 1);
            async move { Err(Failure::new(kind, "no").into()) }
        };
        let path = folder.path().join(format!("{kind:?}"));
        let report =
            runner(1).work::<_, String, _, _>(items(&names), &mut journal(&path), ask, |_| {}).await.unwrap();
        assert!(matches!(report.end, End::GivenUp(failure) if failure.kind == kind));
        assert_eq!(report.progress.failed, most, "{kind:?}");
        assert!(asked.get() <= most + 1, "{kind:?}");
    }
}

#[tokio::test]
async fn what_is_in_flight_when_the_rest_is_given_up_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let asked = Cell::new(0);
    let ask = |item: String| {
        asked.set(asked.get() + 1);
        async move {
            if item == "a" {
                return Err(Failure::new(FailureKind::CostCap, "no").into());
            }
            // Ends after the other one has failed.
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            Ok(done(item))
        }
    };
    let report = runner(2).work(items(&["a", "b", "c"]), &mut journal(&path), ask, |_| {}).await.unwrap();
    assert!(matches!(report.end, End::GivenUp(_)));
    assert_eq!((report.progress.done, report.progress.failed, asked.get()), (1, 1, 2));
    assert!(journal(&path).get("b", &ItemKey::of(&"b").unwrap()).is_some());
}

#[test]
fn the_time_left_is_measured_on_what_was_asked() {
    let progress = Progress {
        total: 100,
        done: 60,
        kept: 40,
        cached: 10,
        elapsed: std::time::Duration::from_secs(20),
        ..Progress::default()
    };
    assert_eq!(progress.left(), Some(std::time::Duration::from_secs(80)));
    assert_eq!(Progress { done: 50, ..progress }.left(), None, "nothing was asked yet");
}
