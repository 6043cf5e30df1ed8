//! What calls consumed that gave no whole answer: it must be paid all the same.

use super::scripted::Step::{self, Call, Consume, Fail, FailAs, Hang, Retry, Say};
use super::*;
use crate::failure::FailureKind;
use crate::usage::Usage;

/// What a call consumed that goes as the steps say, at a dollar a token, and its run.
async fn consumed(steps: &[Step]) -> (Usage, Usage) {
    let mut mixture = mixture(&[]);
    mixture.aggregator.deadline = Some(std::time::Duration::from_secs(20));
    let trace = trace_of(request(mixture), models(&[&Scripted::selling_steps("z", steps)])).await;
    let of_call = trace.calls().next().unwrap().outcome.as_ref().unwrap().usage;
    match &trace.end {
        Some(RunEnd::Failed { usage, .. }) => (of_call, *usage),
        other => panic!("the call did not fail: {other:?}"),
    }
}

fn counted(usage: Usage) -> (u32, u32, bool, Option<f64>) {
    (usage.prompt_tokens, usage.completion_tokens, usage.estimated, usage.cost_usd)
}

/// About the tokens of the question.
fn prompt_tokens() -> u32 {
    crate::token_estimate::estimated_prompt_tokens(&Conversation::ask("Where?"))
}

#[tokio::test(start_paused = true)]
async fn what_the_service_counted_before_it_failed_is_the_calls_and_the_runs() {
    for end in [
        Fail("broken"),
        FailAs(FailureKind::ServerError),
        FailAs(FailureKind::ContentFiltered),
        Hang,
        Step::Stop,
    ] {
        for told_before in [&[][..], &[Say("some"), Say("thing")], &[Consume(9, 0)], &[Call("tool")]] {
            let steps: Vec<Step> = told_before.iter().cloned().chain([Consume(10, 3), end.clone()]).collect();
            let (call, run) = consumed(&steps).await;
            assert_eq!(counted(call), (10, 3, false, Some(13.0)));
            assert_eq!(counted(run), counted(call));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_after_the_service_counted_is_added() {
    let (call, _) = consumed(&[Say("a"), Consume(10, 3), Say("b"), Say("c"), Fail("broken")]).await;
    assert_eq!(counted(call), (10, 5, false, Some(15.0)));
}

#[tokio::test(start_paused = true)]
async fn what_the_service_left_out_is_estimated() {
    let (call, _) = consumed(&[Say("a"), Consume(10, 0), Say("b"), Fail("broken")]).await;
    assert_eq!(counted(call), (10, 2, false, Some(12.0)));
    let prompt = prompt_tokens();
    let (call, _) = consumed(&[Say("a"), Consume(0, 4), Fail("broken")]).await;
    assert_eq!(counted(call), (prompt, 4, true, Some(f64::from(prompt) + 4.0)));
    let (call, _) = consumed(&[Call("tool"), Fail("broken")]).await;
    assert_eq!(counted(call), (prompt, 2, true, Some(f64::from(prompt) + 2.0)));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_failed_counts_beside_the_one_that_was_cut_off() {
    let prompt = prompt_tokens();
    let (call, _) = consumed(&[Consume(10, 3), Retry, Say("a"), Fail("broken")]).await;
    assert_eq!(counted(call), (10 + prompt, 4, true, Some(f64::from(10 + prompt) + 4.0)));
    let (call, _) = consumed(&[Consume(10, 3), Retry, Say("a"), Consume(20, 4), Fail("broken")]).await;
    assert_eq!(counted(call), (20, 4, false, Some(24.0)));
    let (call, _) = consumed(&[Consume(10, 3), Retry, FailAs(FailureKind::RateLimited)]).await;
    assert_eq!(counted(call), (10, 3, false, Some(13.0)));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_costs_nothing() {
    let (call, run) = consumed(&[FailAs(FailureKind::RateLimited)]).await;
    assert_eq!((counted(call), counted(run)), ((0, 0, false, Some(0.0)), (0, 0, false, Some(0.0))));
}

#[tokio::test(start_paused = true)]
async fn the_last_count_of_an_answer_is_the_one_at_its_end() {
    let z = Scripted::selling_steps("z", &[Say("a"), Consume(100, 100)]);
    let trace = trace_of(request(mixture(&[])), models(&[&z])).await;
    assert!(matches!(&trace.end, Some(RunEnd::Finished(outcome)) if outcome.usage.cost_usd == Some(7.0)));
}
