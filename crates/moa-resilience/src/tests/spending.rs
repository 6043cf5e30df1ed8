//! What requests consumed that gave no answer is told with what the others did.

use moa_core::{FailureKind, Usage};

use super::scripted::{Step, fail};
use super::*;
use crate::{HedgeDelay, HedgeSettings};

fn consumed(prompt_tokens: u32, completion_tokens: u32, cost_usd: Option<f64>) -> Step {
    Step::Tell(ChatEvent::Consumed(Usage { prompt_tokens, completion_tokens, cost_usd, ..Usage::default() }))
}

/// The counts that a call told, in their order, that of its end as well.
fn told(course: &Course) -> Vec<(u32, u32, Option<f64>)> {
    let usage = |event: &ChatEvent| match event {
        ChatEvent::Consumed(usage) | ChatEvent::Finished { usage, .. } => Some(*usage),
        _ => None,
    };
    let counts = |usage: Usage| (usage.prompt_tokens, usage.completion_tokens, usage.cost_usd);
    course.events.iter().filter_map(usage).map(counts).collect()
}

#[tokio::test(start_paused = true)]
async fn attempts_that_failed_are_in_what_the_call_consumed() {
    let model = Scripted::new(|n| match n {
        0 => vec![consumed(7, 0, None), consumed(7, 2, None), fail(FailureKind::ServerError)],
        1 => vec![fail(FailureKind::RateLimited)],
        _ => vec![consumed(9, 0, None), Step::Say("x"), Step::End(9)],
    });
    let course = ask(&around(&model, ResilienceSettings::default()), 1).await;
    assert_eq!(told(&course), [(7, 0, None), (7, 2, None), (16, 2, None), (16, 2, None)]);

    let model = Scripted::always(&[consumed(7, 2, Some(0.5)), fail(FailureKind::ServerError)]);
    let course = ask(&around(&model, ResilienceSettings::default()), 1).await;
    // As many as the circuit breaker let through.
    let asked = u32::try_from(model.count()).unwrap();
    assert!(asked > 2, "{asked}");
    assert_eq!(told(&course).last(), Some(&(7 * asked, 2 * asked, Some(0.5 * f64::from(asked)))));
}

#[tokio::test(start_paused = true)]
async fn a_cost_that_one_request_told_is_added_to_the_price_of_the_others() {
    let model = Scripted::new(|n| match n {
        0 => vec![consumed(7, 0, Some(0.5)), fail(FailureKind::ServerError)],
        _ => vec![Step::Say("x"), Step::End(9)],
    });
    let model = model.at_a_dollar_a_token();
    let course = ask(&around(&model, ResilienceSettings::default()), 1).await;
    assert_eq!(told(&course), [(7, 0, Some(0.5)), (16, 0, Some(9.5))]);
}

#[tokio::test(start_paused = true)]
async fn a_request_and_its_hedge_are_counted_together_whichever_wins() {
    let hedge = HedgeSettings { delay: HedgeDelay::Fixed(seconds(1)), budget_percent: 100 };
    let settings = ResilienceSettings { hedge: Some(hedge), ..once() };
    let slow =
        Scripted::always(&[consumed(7, 0, None), Step::Wait(seconds(9)), Step::Say("x"), Step::End(7)]);
    let quick = Scripted::always(&[consumed(5, 0, None), Step::Say("x"), Step::End(5)]);
    let failing = Scripted::always(&[consumed(5, 0, None), fail(FailureKind::ServerError)]);
    let course = ask(&over(&[&slow, &quick], settings), 1).await;
    assert_eq!(told(&course), [(7, 0, None), (12, 0, None), (12, 0, None)]);
    let course = ask(&over(&[&slow, &failing], settings), 1).await;
    assert_eq!(told(&course), [(7, 0, None), (12, 0, None), (12, 0, None)]);
    let late =
        Scripted::always(&[consumed(7, 0, None), Step::Wait(seconds(3)), fail(FailureKind::ServerError)]);
    let lasting = Scripted::always(&[Step::Wait(seconds(9)), Step::Say("x"), Step::End(5)]);
    let course = ask(&over(&[&late, &lasting], settings), 1).await;
    assert_eq!(told(&course), [(7, 0, None), (12, 0, None)]);
}

#[tokio::test(start_paused = true)]
async fn under_a_cap_on_the_cost_nothing_is_made_again_that_has_cost_something() {
    for kind in [FailureKind::ServerError, FailureKind::RateLimited] {
        let model = Scripted::always(&[consumed(7, 0, None), fail(kind)]);
        let resilient = around(&model, ResilienceSettings::default());
        let capped = ChatRequest { pays_once: true, ..request(1) };
        let items: Vec<_> = in_time(resilient.stream(capped).collect()).await;
        assert_eq!((model.count(), items.len()), (1, 2), "{kind:?}");
    }
}
