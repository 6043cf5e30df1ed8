//! Limits and the queue before them (R8, R9).

use moa_core::{FailureKind, Progress};

use super::scripted::Step;
use super::*;
use crate::LimitSettings;

fn limited(limits: LimitSettings) -> ResilienceSettings {
    ResilienceSettings { limits, ..once() }
}

fn per_minute(requests: u32) -> LimitSettings {
    LimitSettings { requests_per_minute: Some(requests), ..LimitSettings::default() }
}

#[tokio::test(start_paused = true)]
async fn requests_per_minute_use_the_whole_limit_and_no_more() {
    let model = Scripted::always(&[Step::Say("x")]);
    let start = Instant::now();
    let courses = ask_all(&around(&model, limited(per_minute(30))), 100).await;
    let mut expected = vec![0; 30];
    expected.extend([60_000; 30].into_iter().chain([120_000; 30]).chain([180_000; 10]));
    assert_eq!(model.asked_ms(start), expected);
    let queued = |course: &Course| course.events.contains(&ChatEvent::Progress(Progress::Queued));
    let waited: Vec<bool> = courses.iter().map(queued).collect();
    assert!(waited[..30].iter().all(|waited| !waited) && waited[30..].iter().all(|waited| *waited));
    assert!(courses.windows(2).all(|pair| pair[0].time <= pair[1].time), "first come, first served");
}

#[tokio::test(start_paused = true)]
async fn the_change_of_a_minute_does_not_double_the_limit() {
    let model = Scripted::always(&[Step::Say("x")]);
    let resilient = around(&model, limited(per_minute(10)));
    let start = Instant::now();
    tokio::time::sleep(seconds(50)).await;
    ask_all(&resilient, 10).await;
    tokio::time::sleep(seconds(15)).await;
    ask_all(&resilient, 10).await;
    assert_eq!(model.asked_ms(start)[10..], [110_000; 10]);
}

#[tokio::test(start_paused = true)]
async fn in_flight_is_never_above_the_limit() {
    let model = Scripted::always(&[Step::Wait(seconds(2)), Step::Say("x"), Step::Wait(seconds(1))]);
    let resilient = around(&model, limited(LimitSettings { in_flight: Some(3), ..LimitSettings::default() }));
    let start = Instant::now();
    let watch = async {
        for _ in 0..11 {
            tokio::time::sleep(Duration::from_millis(900)).await;
            assert_eq!(model.open(), 3);
        }
    };
    futures::join!(ask_all(&resilient, 12), watch);
    assert_eq!(start.elapsed(), seconds(12), "no place stays empty");
    assert_eq!(resilient.endpoint_state().status().in_flight, 0);
}

/// What `request` reserves: the most that its prompt can be, and 100 tokens to write.
const RESERVED: u32 = 107;

#[tokio::test(start_paused = true)]
async fn tokens_are_set_aside_and_settled_with_what_was_used() {
    let limits =
        LimitSettings { tokens_per_minute: Some(2 * u64::from(RESERVED)), ..LimitSettings::default() };
    let model = Scripted::always(&[Step::Wait(seconds(1)), Step::Say("x"), Step::End(7)]);
    let start = Instant::now();
    ask_all(&around(&model, limited(limits)), 16).await;
    // Two fit at the same time. Each turns out to be 7 tokens, so that 15 of them leave room for the next in the first minute: 14 are used
    // when 200 are free for one.
    let asked = model.asked_ms(start);
    assert_eq!(asked[..4], [0, 0, 1_000, 2_000], "{asked:?}");
    for (place, at) in asked.iter().enumerate() {
        let used_before =
            asked[..place].iter().filter(|&&other| other + 1_000 <= *at && at - other - 1_000 < 60_000);
        let under_way = asked[..place].iter().filter(|&&other| other + 1_000 > *at).count();
        let tokens = 7 * used_before.count() + under_way * usize::try_from(RESERVED).unwrap();
        assert!(
            tokens + usize::try_from(RESERVED).unwrap() <= 2 * usize::try_from(RESERVED).unwrap(),
            "{asked:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_no_minute_has_room_for_fails_at_once() {
    let limits = LimitSettings { tokens_per_minute: Some(90), ..LimitSettings::default() };
    let model = Scripted::always(&[Step::Say("x")]);
    let course = ask(&around(&model, limited(limits)), 1).await;
    assert_eq!((course.failure().kind, model.count()), (FailureKind::InvalidRequest, 0));
    assert!(course.failure().message.contains("has 90 in a minute"), "{}", course.failure());
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_sends_away_at_once_and_says_when_to_come_back() {
    let limits = LimitSettings { requests_per_minute: Some(1), queue: 2, ..LimitSettings::default() };
    let model = Scripted::always(&[Step::Say("x")]);
    let settings = ResilienceSettings { limits, ..ResilienceSettings::default() };
    let courses = ask_all(&around(&model, settings), 4).await;
    let sent_away = &courses[3];
    assert_eq!((sent_away.failure().kind, sent_away.time), (FailureKind::RateLimited, Duration::ZERO));
    assert_eq!(
        sent_away.failure().advice.after,
        Some(seconds(180)),
        "60 s for the first, 60 s each for the two"
    );
    assert_eq!(courses.iter().filter(|course| course.text() == "x").count(), 3);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_sent_away_does_not_come_back_by_itself() {
    let limits = LimitSettings { in_flight: Some(1), queue: 1, ..LimitSettings::default() };
    let model = Scripted::always(&[Step::Wait(seconds(3)), Step::Say("x")]);
    let courses =
        ask_all(&around(&model, ResilienceSettings { limits, ..ResilienceSettings::default() }), 3).await;
    let sent_away = &courses[2];
    assert_eq!((sent_away.failure().kind, sent_away.time), (FailureKind::RateLimited, Duration::ZERO));
    assert_eq!((sent_away.failure().advice.after, model.count()), (Some(seconds(1)), 2));
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_is_away_holds_nobody_up() {
    let model = Scripted::always(&[Step::Say("x")]);
    let resilient = around(&model, limited(per_minute(1)));
    ask(&resilient, 1).await;
    let mut asleep = resilient.stream(request(2));
    assert_eq!(asleep.next().await, Some(Ok(ChatEvent::Progress(Progress::Queued))));
    let start = Instant::now();
    assert_eq!(ask(&resilient, 3).await.text(), "x");
    // The place at 60 s is kept for the sleeper, the next one is not.
    assert_eq!(start.elapsed(), seconds(120));
    drop(asleep);
}

#[tokio::test(start_paused = true)]
async fn several_models_of_an_endpoint_share_its_limits() {
    let (one, other) = (Scripted::always(&[Step::Say("x")]), Scripted::always(&[Step::Say("y")]));
    let endpoint = EndpointState::new("e", limited(per_minute(10)));
    let first = ResilientModel::new(Arc::clone(&one) as Arc<dyn ChatModel>, Arc::clone(&endpoint));
    let second = ResilientModel::new(Arc::clone(&other) as Arc<dyn ChatModel>, endpoint);
    let start = Instant::now();
    futures::join!(ask_all(&first, 8), ask_all(&second, 8));
    let mut asked = one.asked_ms(start);
    asked.extend(other.asked_ms(start));
    assert_eq!(asked.iter().filter(|&&ms| ms == 0).count(), 10);
    assert_eq!(asked.iter().filter(|&&ms| ms == 60_000).count(), 6);
}

#[tokio::test(start_paused = true)]
async fn requests_that_an_open_circuit_stops_use_up_no_limit() {
    let model = Scripted::new(|n| match n {
        0 => vec![Step::Wait(seconds(5)), super::scripted::fail(FailureKind::ServerError)],
        _ => vec![Step::Say("x")],
    });
    let mut settings = limited(LimitSettings { in_flight: Some(1), ..per_minute(2) });
    settings.breaker.failures = 1;
    let resilient = around(&model, settings);
    let start = Instant::now();
    let courses = ask_all(&resilient, 20).await;
    assert!(courses[1..].iter().all(|course| course.failure().kind == FailureKind::CircuitOpen));
    assert_eq!(start.elapsed(), seconds(5));
    tokio::time::sleep(seconds(30)).await;
    assert_eq!(ask(&resilient, 1).await.text(), "x");
    assert_eq!(start.elapsed(), seconds(35), "of two requests in a minute one was left");
}
