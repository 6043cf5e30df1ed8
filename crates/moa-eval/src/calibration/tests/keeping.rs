//! What is kept, and that nothing is asked twice.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use moa_core::{Failure, FailureKind, ModelId};

use super::scripted::{ScriptedModel, items, mark, roster, settings};
use crate::calibration::{CalibrationError, Item, Settings, Told, Workbench, calibrate, forecast};
use crate::calls::CallBook;
use crate::runner::ResultCache;

#[tokio::test]
async fn a_calibration_that_was_stopped_goes_on_and_comes_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.jsonl");
    let [one, other] = [1, 2].map(|salt| ScriptedModel::right(&format!("m{salt}"), 60, 5, salt));
    let (roster, known) = roster(&[&one, &other]);
    let all = items(60);
    let run = async |settings: Settings, stop_at: usize| {
        let book = Arc::new(CallBook::open(&path, None).unwrap());
        let bench = Workbench::new(known.clone(), &book);
        let cancel = settings.cancel.clone();
        let mut told = 0;
        let mut watch = |_: Told<'_>| {
            told += 1;
            if told == stop_at {
                cancel.cancel();
            }
        };
        calibrate(&bench, &all, &roster, &settings, &mark, &mut watch).await
    };
    let asked = || one.asked.load(Ordering::SeqCst) + other.asked.load(Ordering::SeqCst);
    let stopped = run(settings(), 150).await.unwrap_err();
    assert!(matches!(stopped, CalibrationError::Stopped), "{stopped}");
    let before = asked();
    assert!(before > 0);
    let whole = run(settings(), usize::MAX).await.unwrap();
    let all_calls = asked();
    assert!(all_calls > before);
    let again = run(settings(), usize::MAX).await.unwrap();
    assert_eq!(asked(), all_calls, "everything is known: nobody is asked");
    assert_eq!((&again.recommended, &again.finalists), (&whole.recommended, &whole.finalists));
    // What was in flight when it was stopped is all that may have been asked twice.
    let kept = std::fs::read_to_string(&path).unwrap().lines().count() - 1;
    assert!(all_calls - kept <= settings().concurrency, "{all_calls} calls, {kept} kept");
}

#[tokio::test]
async fn the_cache_serves_other_folders() {
    let folder = tempfile::tempdir().unwrap();
    let model = ScriptedModel::right("m", 60, 5, 1);
    let (roster, known) = roster(&[&model]);
    let all = items(30);
    for name in ["one", "other"] {
        let cache = Some(ResultCache::new(folder.path().join("cache")));
        let book = Arc::new(CallBook::open(folder.path().join(name), cache).unwrap());
        calibrate(&Workbench::new(known.clone(), &book), &all, &roster, &settings(), &mark, &mut |_| {})
            .await
            .unwrap();
        let asked = model.asked.swap(0, Ordering::SeqCst);
        assert_eq!(asked > 0, name == "one");
    }
}

/// A sandbox that is gone when the fourth item is marked.
fn failing<'a>(item: &'a Item, _: &'a str) -> BoxFuture<'a, Result<bool, Failure>> {
    let gone = || Err(Failure::new(FailureKind::ModelError, "the sandbox is gone"));
    async move { if item.id == "q3" { gone() } else { Ok(true) } }.boxed()
}

#[tokio::test]
async fn failures_are_told_and_not_taken_for_wrong_answers() {
    let folder = tempfile::tempdir().unwrap();
    let book = Arc::new(CallBook::open(folder.path().join("calls.jsonl"), None).unwrap());
    let model = ScriptedModel::right("m", 60, 5, 1);
    let (roster, known) = roster(&[&model]);
    let refusal =
        calibrate(&Workbench::new(known, &book), &items(20), &roster, &settings(), &failing, &mut |_| {})
            .await;
    let Err(CalibrationError::Failures { failed, first, .. }) = refusal else { panic!("{refusal:?}") };
    assert_eq!((failed, first.as_str()), (1, "t/q3"));
}

#[tokio::test]
async fn an_estimate_by_earlier_runs_says_so_until_each_model_was_timed() {
    let folder = tempfile::tempdir().unwrap();
    let book = Arc::new(CallBook::open(folder.path().join("calls.jsonl"), None).unwrap());
    let model = ScriptedModel::right("m", 60, 5, 1);
    let (roster, known) = roster(&[&model]);
    let bench = Workbench::new(known, &book);
    let told = Settings { known_seconds: [(ModelId::new("m"), 2.0)].into(), ..settings() };
    let all = items(30);

    let before = forecast(&bench, &all, &roster, &told).unwrap();
    assert!(before.is_by_earlier_runs);
    let seconds = before.alone.seconds.unwrap();
    assert!((seconds - 2.0 * before.alone.calls).abs() < 1e-9, "{before:?}");
    assert!(
        !forecast(&bench, &all, &roster, &settings()).unwrap().is_by_earlier_runs,
        "nothing is known yet"
    );

    let mut forecasts = Vec::new();
    let mut watch = |told: Told<'_>| {
        if let Told::Forecast(forecast) = told {
            forecasts.push(*forecast);
        }
    };
    calibrate(&bench, &all, &roster, &told, &mark, &mut watch).await.unwrap();
    let by_earlier_runs: Vec<bool> = forecasts.iter().map(|forecast| forecast.is_by_earlier_runs).collect();
    assert!(
        by_earlier_runs.len() > 1 && by_earlier_runs[0] && !by_earlier_runs[1..].contains(&true),
        "{by_earlier_runs:?}"
    );
}
