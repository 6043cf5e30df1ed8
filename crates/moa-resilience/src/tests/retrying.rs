//! Retries: which, when, how many (R5).

use moa_core::{FailureKind, RetryAdvice, ToolCall};

use super::scripted::{Step, fail};
use super::*;

fn advised(kind: FailureKind, after: Option<Duration>, should_retry: Option<bool>) -> Step {
    Step::Fail(Failure::new(kind, "as scripted").with_advice(RetryAdvice { after, should_retry }))
}

#[tokio::test(start_paused = true)]
async fn what_failed_before_it_said_anything_is_made_again_and_told() {
    let model =
        Scripted::new(|n| if n < 2 { vec![fail(FailureKind::ServerError)] } else { vec![Step::Say("x")] });
    let course = ask(&around(&model, ResilienceSettings::default()), 1).await;
    assert_eq!(course.text(), "x");
    let retries = course.retries();
    assert_eq!(retries.iter().map(|retry| retry.attempt).collect::<Vec<_>>(), [1, 2]);
    assert!(retries.iter().all(|retry| retry.failure.kind == FailureKind::ServerError));
    let waits: Duration = retries.iter().map(|retry| retry.wait).sum();
    // The clock of the tests counts whole milliseconds, and wakes nobody early.
    assert!(
        course.time >= waits && course.time <= waits + Duration::from_millis(2),
        "{:?} {waits:?}",
        course.time
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_is_given_up_after_its_last_retry_and_the_waits_stay_within_1_2_4_8_16_32_s() {
    let model = Scripted::always(&[fail(FailureKind::RateLimited)]);
    let resilient = around(&model, ResilienceSettings::default());
    let course = ask(&resilient, 1).await;
    assert_eq!(model.count(), 7);
    assert_eq!(course.failure().kind, FailureKind::RateLimited);
    assert!(course.failure().message.contains("after 7 attempts"), "{}", course.failure());
    for (retry, most) in course.retries().iter().zip([1, 2, 4, 8, 16, 32]) {
        assert!(retry.wait <= seconds(most), "{retry:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn useless_retries_are_not_made() {
    use FailureKind::{ContentFiltered, ContextOverflow, InvalidRequest, ModelNotFound, Unauthorized};
    for kind in [InvalidRequest, ContextOverflow, Unauthorized, ModelNotFound, ContentFiltered] {
        let model = Scripted::always(&[fail(kind)]);
        let course = ask(&around(&model, ResilienceSettings::default()), 1).await;
        assert_eq!((model.count(), course.failure().kind), (1, kind));
        assert_eq!(course.failure().message, "as scripted");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_made_again_once_a_piece_was_told() {
    let tool = ToolCall { id: "1".into(), name: "f".into(), arguments: "{}".into() };
    let thought = ChatEvent::Reasoning { text: "hm".into(), tokens: 1 };
    for told in [Step::Say("x"), Step::Tell(thought), Step::Tell(ChatEvent::ToolCall(tool))] {
        let model = Scripted::always(&[told, fail(FailureKind::ConnectionLost)]);
        let course = ask(&around(&model, ResilienceSettings::default()), 1).await;
        assert_eq!((model.count(), course.failure().kind), (1, FailureKind::ConnectionLost));
    }
    let model = Scripted::always(&[Step::Say("x"), Step::Cut]);
    let course = ask(&around(&model, ResilienceSettings::default()), 1).await;
    assert_eq!((model.count(), course.failure().kind), (1, FailureKind::ConnectionLost));
}

#[tokio::test(start_paused = true)]
async fn the_endpoints_own_words_about_retries_are_obeyed() {
    let asked_for = seconds(7);
    let model = Scripted::new(move |n| match n {
        0 => vec![advised(FailureKind::RateLimited, Some(asked_for), None)],
        _ => vec![Step::Say("x")],
    });
    let course = ask(&around(&model, ResilienceSettings::default()), 1).await;
    assert!(course.time >= asked_for && course.time <= asked_for.mul_f64(1.1), "{:?}", course.time);

    let model = Scripted::always(&[advised(FailureKind::RateLimited, None, Some(false))]);
    ask(&around(&model, ResilienceSettings::default()), 1).await;
    assert_eq!(model.count(), 1);

    let model = Scripted::new(|n| match n {
        0 => vec![advised(FailureKind::InvalidRequest, None, Some(true))],
        _ => vec![Step::Say("x")],
    });
    assert_eq!(ask(&around(&model, ResilienceSettings::default()), 1).await.text(), "x");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_is_not_begun_and_the_message_says_how_long() {
    let model = Scripted::always(&[advised(FailureKind::RateLimited, Some(seconds(3_600)), None)]);
    let course = ask(&around(&model, ResilienceSettings::default()), 1).await;
    assert_eq!((model.count(), course.time), (1, Duration::ZERO));
    assert!(course.failure().message.contains("3600 s"), "{}", course.failure());
    assert_eq!(course.failure().advice.after, Some(seconds(3_600)));
}

#[tokio::test(start_paused = true)]
async fn a_storm_makes_at_most_a_fifth_more_calls_and_they_do_not_come_together() {
    let model = Scripted::always(&[fail(FailureKind::RateLimited)]);
    let start = Instant::now();
    let courses = ask_all(&around(&model, ResilienceSettings::default()), 1_000).await;
    assert_eq!(model.count(), 1_200);
    assert!(courses.iter().all(|course| course.failure().kind == FailureKind::RateLimited));
    let noted = |course: &&Course| course.failure().message.contains("retries already");
    assert!(courses.iter().filter(noted).count() > 900);
    let mut tenths = [0; 10];
    for ms in model.asked_ms(start).into_iter().skip(1_000) {
        tenths[usize::try_from(ms / 100).unwrap().min(9)] += 1;
    }
    // 20 in each tenth of the first second, were they spread evenly.
    assert!(tenths.iter().all(|&count| (8..40).contains(&count)), "{tenths:?}");
}

#[tokio::test(start_paused = true)]
async fn those_who_are_told_to_come_back_at_one_time_do_not_come_together() {
    let model = Scripted::new(|n| match n {
        0..50 => vec![advised(FailureKind::RateLimited, Some(seconds(20)), None)],
        _ => vec![Step::Say("x")],
    });
    let mut settings = ResilienceSettings::default();
    settings.retry.budget_percent = 100;
    let start = Instant::now();
    ask_all(&around(&model, settings), 50).await;
    let mut again: Vec<u64> = model.asked_ms(start).into_iter().skip(50).collect();
    assert!(again.iter().all(|ms| (20_000..=22_000).contains(ms)), "{again:?}");
    again.dedup();
    assert!(again.len() > 40, "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn all_models_of_an_endpoint_share_its_budget() {
    let (failing, fine) =
        (Scripted::always(&[fail(FailureKind::RateLimited)]), Scripted::always(&[Step::Say("x")]));
    let endpoint = EndpointState::new("e", ResilienceSettings::default());
    ask_all(&ResilientModel::new(fine, Arc::clone(&endpoint)), 100).await;
    ask_all(&ResilientModel::new(Arc::clone(&failing) as Arc<dyn ChatModel>, endpoint), 100).await;
    // One in five of 200 calls may be made again.
    assert_eq!(failing.count(), 140);
}

#[tokio::test(start_paused = true)]
async fn a_local_model_is_asked_once() {
    let model = Scripted::always(&[fail(FailureKind::ModelError)]);
    ask_all(&around(&model, ResilienceSettings::local()), 10).await;
    assert_eq!(model.count(), 10);
}

#[tokio::test(start_paused = true)]
async fn under_a_cap_on_the_cost_nothing_is_made_again_that_may_have_cost_something() {
    for (kind, asked) in [
        (FailureKind::ServerError, 2),
        (FailureKind::RateLimited, 2),
        (FailureKind::ModelUnavailable, 2),
        (FailureKind::ConnectionLost, 1),
        (FailureKind::BadResponse, 1),
    ] {
        let model = Scripted::new(move |n| if n == 0 { vec![fail(kind)] } else { vec![Step::Say("x")] });
        let resilient = around(&model, ResilienceSettings::default());
        let capped = ChatRequest { pays_once: true, ..request(1) };
        let items: Vec<_> = in_time(resilient.stream(capped).collect()).await;
        assert_eq!(model.count(), asked, "{kind:?}");
        if asked == 1 {
            let failure = items.last().unwrap().as_ref().unwrap_err();
            assert!(failure.message.contains("the cost of the run is capped"), "{failure}");
        }
    }
}
