//! Whoever leaves takes everything along at once (R1).

use moa_core::{FailureKind, Progress};

use super::scripted::{Step, fail};
use super::*;
use crate::{HedgeDelay, HedgeSettings, LimitSettings};

#[tokio::test(start_paused = true)]
async fn while_it_is_queued_its_turn_goes_to_the_next() {
    let model = Scripted::always(&[Step::Wait(seconds(10)), Step::Say("x")]);
    let limits = LimitSettings { in_flight: Some(1), ..LimitSettings::default() };
    let resilient = around(&model, ResilienceSettings { limits, ..once() });
    let mut first = resilient.stream(request(1));
    assert!(futures::poll!(first.next()).is_pending());
    let (mut second, mut third) = (resilient.stream(request(2)), resilient.stream(request(3)));
    assert_eq!(second.next().await, Some(Ok(ChatEvent::Progress(Progress::Queued))));
    assert_eq!(third.next().await, Some(Ok(ChatEvent::Progress(Progress::Queued))));
    assert!(futures::poll!(second.next()).is_pending());
    assert_eq!(resilient.endpoint_state().status().queued, 2);
    drop(second);
    assert_eq!(resilient.endpoint_state().status().queued, 1);
    assert_eq!(model.count(), 1);
    drop(first);
    assert_eq!(model.open(), 0);
    let start = Instant::now();
    let third: Vec<_> = in_time(third.collect()).await;
    assert!(third.iter().all(Result::is_ok));
    assert_eq!((start.elapsed(), model.count()), (seconds(10), 2));
}

#[tokio::test(start_paused = true)]
async fn one_that_was_admitted_and_did_not_look_gives_its_place_back_unused() {
    let model = Scripted::always(&[Step::Say("x")]);
    let limits =
        LimitSettings { in_flight: Some(1), requests_per_minute: Some(2), ..LimitSettings::default() };
    let resilient = around(&model, ResilienceSettings { limits, ..once() });
    let mut first = resilient.stream(request(1));
    assert!(matches!(first.next().await, Some(Ok(ChatEvent::Delta { .. }))));
    let mut second = resilient.stream(request(2));
    assert_eq!(second.next().await, Some(Ok(ChatEvent::Progress(Progress::Queued))));
    drop(first);
    assert_eq!(resilient.endpoint_state().status().in_flight, 1);
    drop(second);
    assert_eq!(resilient.endpoint_state().status().in_flight, 0);
    let start = Instant::now();
    ask(&resilient, 3).await;
    assert_eq!(start.elapsed(), Duration::ZERO, "one request of this minute is left");
}

#[tokio::test(start_paused = true)]
async fn while_it_backs_off_nothing_is_open_and_nothing_follows() {
    let model = Scripted::always(&[fail(FailureKind::ServerError)]);
    let mut stream = around(&model, ResilienceSettings::default()).stream(request(1));
    assert!(matches!(stream.next().await, Some(Ok(ChatEvent::Retrying(_)))));
    assert_eq!(model.open(), 0);
    assert!(futures::poll!(stream.next()).is_pending());
    drop(stream);
    tokio::time::sleep(seconds(100)).await;
    assert_eq!(model.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn while_it_is_hedged_both_requests_are_dropped() {
    let model = Scripted::always(&[Step::Hang]);
    let hedge = HedgeSettings { delay: HedgeDelay::Fixed(seconds(1)), budget_percent: 100 };
    let mut stream = around(&model, ResilienceSettings { hedge: Some(hedge), ..once() }).stream(request(1));
    assert_eq!(stream.next().await, Some(Ok(ChatEvent::Hedged)));
    assert_eq!(model.open(), 2);
    drop(stream);
    assert_eq!(model.open(), 0);
}

#[tokio::test(start_paused = true)]
async fn while_it_streams_the_request_is_dropped_and_its_place_is_free() {
    let model = Scripted::always(&[Step::Say("x"), Step::Hang]);
    let resilient = around(&model, ResilienceSettings::default());
    let mut stream = resilient.stream(request(1));
    assert!(matches!(stream.next().await, Some(Ok(ChatEvent::Delta { .. }))));
    assert_eq!((model.open(), resilient.endpoint_state().status().in_flight), (1, 1));
    assert_eq!(resilient.endpoint_state().status().replicas[0].in_flight, 1);
    drop(stream);
    assert_eq!((model.open(), resilient.endpoint_state().status().in_flight), (0, 0));
    assert_eq!(resilient.endpoint_state().status().replicas[0].in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_nobody_reads_asks_nobody() {
    let model = Scripted::always(&[Step::Say("x")]);
    drop(around(&model, ResilienceSettings::default()).stream(request(1)));
    assert_eq!(model.count(), 0);
}
