use moa_core::{CallId, ChatRequest, Conversation, FailureKind, LayerIndex, Prompt, RetryAdvice, Sampling};

use super::*;

fn jitter(agent: u32, seed: u64) -> Jitter {
    let call = CallId { layer: LayerIndex(1), agent };
    let sampling = Sampling { seed: Some(seed), ..Sampling::default() };
    Jitter::of(&ChatRequest::alone(call, Prompt::plain(Conversation::ask("Where?")), sampling, 10))
}

fn wait(failure: &Failure, attempt: u32, jitter: &Jitter) -> Duration {
    match judge(&RetrySettings::default(), failure, attempt, jitter) {
        Verdict::RetryAfter(wait) => wait,
        Verdict::GiveUp(note) => panic!("given up: {note:?}"),
    }
}

#[test]
fn waits_double_and_are_spread_evenly_below() {
    let failure = Failure::new(FailureKind::ServerError, "");
    for (attempt, most) in (1..=6).zip([1, 2, 4, 8, 16, 32]) {
        let waits: Vec<Duration> =
            (0..1_000).map(|agent| wait(&failure, attempt, &jitter(agent, 7))).collect();
        let most = Duration::from_secs(most);
        assert!(waits.iter().all(|wait| *wait <= most));
        let mean = waits.iter().sum::<Duration>() / 1_000;
        assert!(mean > most * 45 / 100 && mean < most * 55 / 100, "{mean:?} of {most:?}");
        assert!(waits.iter().max().unwrap() > &(most * 95 / 100));
    }
}

#[test]
fn no_doubling_passes_the_cap() {
    let settings =
        RetrySettings { max_retries: u32::MAX, cap: Duration::from_secs(5), ..RetrySettings::default() };
    let failure = Failure::new(FailureKind::ServerError, "");
    for attempt in [4, 33, 34, u32::MAX] {
        let verdict = judge(&settings, &failure, attempt, &jitter(1, 1));
        assert!(matches!(verdict, Verdict::RetryAfter(wait) if wait <= settings.cap), "{verdict:?}");
    }
}

#[test]
fn the_same_call_waits_as_before_and_another_one_otherwise() {
    let failure = Failure::new(FailureKind::ServerError, "");
    let first = wait(&failure, 1, &jitter(1, 7));
    assert_eq!(wait(&failure, 1, &jitter(1, 7)), first);
    assert_ne!(wait(&failure, 1, &jitter(2, 7)), first);
    assert_ne!(wait(&failure, 1, &jitter(1, 8)), first);
    assert_ne!(wait(&failure, 2, &jitter(1, 7)), first * 2);
}

#[test]
fn a_wait_that_is_asked_for_is_never_cut_short() {
    for asked_for in [Duration::from_millis(1), Duration::from_secs(3), Duration::from_mins(1)] {
        let advice = RetryAdvice { after: Some(asked_for), should_retry: None };
        let failure = Failure::new(FailureKind::RateLimited, "").with_advice(advice);
        for agent in 0..100 {
            assert!(wait(&failure, 1, &jitter(agent, 7)) >= asked_for);
        }
    }
}
