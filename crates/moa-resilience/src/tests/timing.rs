//! Time-outs of each stage (R6).

use moa_core::{FailureKind, Progress, Upstream};

use super::scripted::Step;
use super::*;
use crate::LimitSettings;

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_begin_names_the_first_token() {
    let course = ask(&around(&Scripted::always(&[Step::Hang]), once()), 1).await;
    assert_eq!((course.failure().kind, course.time), (FailureKind::FirstTokenTimeout, seconds(60)));
    assert_eq!(course.failure().message, "endpoint 'e' did not begin to answer within 60s");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_stalls_names_the_silence() {
    let model = Scripted::always(&[
        Step::Wait(seconds(50)),
        Step::Say("x"),
        Step::Wait(seconds(29)),
        Step::Say("y"),
        Step::Hang,
    ]);
    let course = ask(&around(&model, once()), 1).await;
    assert_eq!((course.failure().kind, course.time), (FailureKind::IdleTimeout, seconds(50 + 29 + 30)));
    assert_eq!(course.text(), "xy");
    assert_eq!(model.open(), 0);
}

#[tokio::test(start_paused = true)]
async fn headers_are_no_first_token() {
    let told = Step::Tell(ChatEvent::Upstream(Upstream::default()));
    let model = Scripted::always(&[Step::Wait(seconds(40)), told, Step::Hang]);
    let course = ask(&around(&model, once()), 1).await;
    assert_eq!((course.failure().kind, course.time), (FailureKind::FirstTokenTimeout, seconds(60)));
}

#[tokio::test(start_paused = true)]
async fn loading_and_waiting_for_a_place_do_not_count_but_what_comes_after_does() {
    for waiting in [Progress::Loading { percent: 1 }, Progress::Queued] {
        let told = Step::Tell(ChatEvent::Progress(waiting));
        let model = Scripted::always(&[told.clone(), Step::Wait(seconds(900)), Step::Say("x")]);
        assert_eq!(ask(&around(&model, once()), 1).await.text(), "x");

        let asked = Step::Tell(ChatEvent::Progress(Progress::Waiting));
        let model = Scripted::always(&[told, Step::Wait(seconds(900)), asked, Step::Hang]);
        let course = ask(&around(&model, once()), 1).await;
        assert_eq!((course.failure().kind, course.time), (FailureKind::FirstTokenTimeout, seconds(960)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_is_being_read_shows_life() {
    let read = |done_tokens| {
        Step::Tell(ChatEvent::Progress(Progress::Prefill { done_tokens, total_tokens: 9, cached_tokens: 0 }))
    };
    let wait = Step::Wait(seconds(50));
    let model =
        Scripted::always(&[read(1), wait.clone(), read(5), wait.clone(), read(9), wait, Step::Say("x")]);
    assert_eq!(ask(&around(&model, once()), 1).await.text(), "x");
    let course = ask(&around(&Scripted::always(&[read(1), Step::Hang]), once()), 1).await;
    assert_eq!(course.failure().kind, FailureKind::FirstTokenTimeout);
}

#[tokio::test(start_paused = true)]
async fn time_in_the_queue_of_the_limits_does_not_count() {
    let settings = ResilienceSettings {
        limits: LimitSettings { in_flight: Some(1), ..LimitSettings::default() },
        ..once()
    };
    let model = Scripted::always(&[Step::Wait(seconds(59)), Step::Say("x")]);
    let courses = ask_all(&around(&model, settings), 4).await;
    assert!(courses.iter().all(|course| course.text() == "x"));
    assert_eq!(courses[3].time, seconds(4 * 59));
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_is_away_does_not_make_the_model_late() {
    let model = Scripted::always(&[Step::Say("x"), Step::Wait(seconds(20)), Step::Say("y")]);
    let mut stream = around(&model, once()).stream(request(1));
    assert!(matches!(stream.next().await, Some(Ok(ChatEvent::Delta { .. }))));
    tokio::time::sleep(seconds(500)).await;
    let rest: Vec<_> = stream.collect().await;
    assert!(rest.iter().all(Result::is_ok), "{rest:?}");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_late_is_made_again_elsewhere() {
    let (slow, quick) = (Scripted::always(&[Step::Hang]), Scripted::always(&[Step::Say("x")]));
    let course = ask(&over(&[&slow, &quick], ResilienceSettings::default()), 1).await;
    assert_eq!((course.text().as_str(), slow.count(), quick.count()), ("x", 1, 1));
    assert_eq!(slow.open(), 0);
}
