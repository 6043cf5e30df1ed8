//! Hedged requests (R4).

use std::sync::Mutex;

use moa_core::{FailureKind, Upstream, Usage};

use super::scripted::{Step, fail};
use super::*;
use crate::{HedgeDelay, HedgeSettings, LimitSettings};

fn hedged(delay: HedgeDelay, budget_percent: u32) -> ResilienceSettings {
    ResilienceSettings { hedge: Some(HedgeSettings { delay, budget_percent }), ..once() }
}

fn after_a_second() -> ResilienceSettings {
    hedged(HedgeDelay::Fixed(seconds(1)), 100)
}

#[tokio::test(start_paused = true)]
async fn the_second_request_wins_when_it_answers_first_and_the_other_is_dropped_at_once() {
    let slow = Scripted::always(&[Step::Hang]);
    let quick =
        Scripted::always(&[Step::Wait(seconds(2)), Step::Say("x"), Step::Wait(seconds(5)), Step::Say("y")]);
    let resilient = over(&[&slow, &quick], after_a_second());
    let mut stream = resilient.stream(request(1));
    assert_eq!(stream.next().await, Some(Ok(ChatEvent::Hedged)));
    assert_eq!((slow.open(), quick.open()), (1, 1));
    let who = Upstream { replica: Some("r2".into()), ..Upstream::default() };
    assert_eq!(stream.next().await, Some(Ok(ChatEvent::Upstream(who))));
    assert_eq!((slow.open(), quick.open()), (0, 1));
    let rest: Vec<_> = stream.map(Result::unwrap).collect().await;
    let text: String = rest
        .iter()
        .filter_map(|e| if let ChatEvent::Delta { text, .. } = e { Some(text.as_str()) } else { None })
        .collect();
    assert_eq!(text, "xy");
    let usage = Usage { prompt_tokens: 1, estimated: true, ..Usage::default() };
    assert!(matches!(rest.last(), Some(ChatEvent::Finished { usage: told, .. }) if *told == usage));
}

#[tokio::test(start_paused = true)]
async fn the_first_request_may_still_win() {
    let first = Scripted::always(&[Step::Wait(seconds(2)), Step::Say("x")]);
    let second = Scripted::always(&[Step::Hang]);
    let course = ask(&over(&[&first, &second], after_a_second()), 1).await;
    assert_eq!((course.text().as_str(), course.time, second.count(), second.open()), ("x", seconds(2), 1, 0));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_has_begun_is_not_hedged_and_nothing_is_unless_asked_for() {
    let model = Scripted::always(&[Step::Say("x"), Step::Wait(seconds(20)), Step::Say("y")]);
    ask(&around(&model, after_a_second()), 1).await;
    assert_eq!(model.count(), 1);
    let model = Scripted::always(&[Step::Wait(seconds(20)), Step::Say("y")]);
    ask(&around(&model, once()), 1).await;
    assert_eq!(model.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn under_a_cap_on_the_cost_nothing_is_hedged() {
    let model = Scripted::always(&[Step::Wait(seconds(20)), Step::Say("y")]);
    let resilient = around(&model, after_a_second());
    let capped = ChatRequest { pays_once: true, ..request(1) };
    let items: Vec<_> = in_time(resilient.stream(capped).collect()).await;
    assert_eq!((model.count(), items.len()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_fails_only_when_both_requests_do() {
    let failing = Scripted::always(&[Step::Wait(seconds(3)), fail(FailureKind::ServerError)]);
    let slow = Scripted::always(&[Step::Wait(seconds(5)), Step::Say("x")]);
    for order in [[&failing, &slow], [&slow, &failing]] {
        let course = ask(&over(&order, after_a_second()), 1).await;
        assert_eq!(course.text(), "x");
    }
    let course = ask(&over(&[&failing, &failing], after_a_second()), 1).await;
    assert_eq!((course.failure().kind, course.time), (FailureKind::ServerError, seconds(4)));
    let refusing = Scripted::always(&[Step::Wait(seconds(3)), fail(FailureKind::InvalidRequest)]);
    let course = ask(&over(&[&refusing, &slow], after_a_second()), 1).await;
    assert_eq!((course.failure().kind, course.time), (FailureKind::InvalidRequest, seconds(3)));
    assert_eq!(slow.open(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_hedge_waits_for_no_limit_and_time_in_the_queue_is_not_lateness() {
    let model = Scripted::always(&[Step::Wait(seconds(3)), Step::Say("x")]);
    let limits = LimitSettings { in_flight: Some(1), ..LimitSettings::default() };
    let courses = ask_all(&around(&model, ResilienceSettings { limits, ..after_a_second() }), 3).await;
    assert_eq!(model.count(), 3);
    assert!(courses.iter().all(|course| !course.events.contains(&ChatEvent::Hedged)));
}

#[tokio::test(start_paused = true)]
async fn a_hedge_that_found_no_place_is_not_counted() {
    let model = Scripted::new(|n| vec![Step::Wait(seconds(if n < 2 { 3 } else { 9 })), Step::Say("x")]);
    let limits = LimitSettings { in_flight: Some(2), ..LimitSettings::default() };
    let settings = ResilienceSettings { limits, ..hedged(HedgeDelay::Fixed(seconds(1)), 0) };
    let resilient = around(&model, settings);
    ask_all(&resilient, 2).await;
    let course = ask(&resilient, 3).await;
    assert!(course.events.contains(&ChatEvent::Hedged), "the one that there is in any case is left");
}

#[tokio::test(start_paused = true)]
async fn hedges_stay_within_their_budget() {
    let model = Scripted::always(&[Step::Wait(seconds(3)), Step::Say("x")]);
    ask_all(&around(&model, hedged(HedgeDelay::Fixed(seconds(1)), 10)), 200).await;
    assert_eq!(model.count(), 220);
}

/// Times to the first token of an endpoint with stragglers: 88 % take 50 to 150 ms, 8 % around 700 ms, 4 % 5 to 20 s. A second
/// request helps where most are much faster than the 90th percentile.
struct Times(u64);

impl Times {
    fn unit(&mut self) -> f64 {
        // A linear congruential generator with Knuth's constants; the high bits are good enough for a distribution.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 32).unwrap()) / f64::from(u32::MAX)
    }

    fn next(&mut self) -> Duration {
        let (which, place) = (self.unit(), self.unit());
        let ms = match which {
            ..0.88 => 50.0 + 100.0 * place,
            ..0.96 => 690.0 + 20.0 * place,
            _ => 5_000.0 + 15_000.0 * place,
        };
        Duration::from_secs_f64(ms / 1_000.0)
    }
}

fn quantile(times: &[Duration], quantile: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[(sorted.len() * quantile).div_ceil(100) - 1]
}

#[tokio::test(start_paused = true)]
async fn stragglers_are_cut_off_at_the_price_of_one_call_in_ten() {
    for seed in [1, 2, 3, 4, 5] {
        let times = Mutex::new(Times(seed));
        let single = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&single);
        let model = Scripted::new(move |_| {
            let time = times.lock().unwrap().next();
            seen.lock().unwrap().push(time);
            vec![Step::Wait(time), Step::Say("x")]
        });
        let resilient = around(&model, hedged(HedgeDelay::Quantile(0.9), 10));
        // What is late has to be learned first.
        for number in 0..500 {
            ask(&resilient, number).await;
        }
        let mut whole = Vec::new();
        for number in 0..1_000 {
            whole.push(ask(&resilient, number).await.time);
        }
        let single = single.lock().unwrap();
        assert!(model.count() <= 1_650, "{} calls", model.count());
        let (p90, p99) = (quantile(&single, 90), quantile(&whole, 99));
        assert!(quantile(&single, 99) > p90 * 10, "the endpoint has stragglers");
        assert!(p99 <= p90.mul_f64(1.3), "seed {seed}: p99 {p99:?}, p90 of single calls {p90:?}");
    }
}
