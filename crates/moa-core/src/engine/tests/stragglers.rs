//! Not waiting for the last one.

use std::time::Duration;

use super::scripted::Step;
use super::*;
use crate::event::CallStatus;
use crate::failure::FailureKind;
use crate::mixture::PartialAnswers;

fn statuses(trace: &Trace) -> Vec<CallStatus> {
    trace.calls().filter_map(|call| Some(call.outcome.as_ref()?.status)).collect()
}

fn after(id: &str, seconds: u64, text: &'static str) -> Arc<Scripted> {
    Scripted::new(id, &[Step::Wait(Duration::from_secs(seconds)), Step::Say(text)])
}

/// Three proposers that take 1, 2 and 60 seconds, two of which are enough.
fn hasty(wait: Option<Duration>) -> Mixture {
    let mut mixture = mixture(&[&["a", "b", "c"]]);
    mixture.layers[0].min_proposals = 2;
    mixture.layers[0].wait = wait;
    mixture
}

async fn trace_with(wait: Option<Duration>) -> Trace {
    let (a, b, c, z) =
        (after("a", 1, "x"), after("b", 2, "y"), after("c", 60, "w"), Scripted::saying("z", "z"));
    trace_of(request(hasty(wait)), models(&[&a, &b, &c, &z])).await
}

#[tokio::test(start_paused = true)]
async fn the_next_layer_starts_with_the_answer_that_completes_the_quorum_or_a_while_after() {
    let at_once = trace_with(Some(Duration::ZERO)).await;
    assert_eq!(at_once.layers[0].wall_ms, Some(2_000.0));
    assert_eq!(statuses(&at_once), [CallStatus::Ok, CallStatus::Ok, CallStatus::Dropped, CallStatus::Ok]);
    let lost = at_once.calls().nth(2).unwrap().outcome.clone().unwrap();
    assert_eq!(lost.error.unwrap().kind, FailureKind::Straggler);

    let soon = trace_with(Some(Duration::from_secs(5))).await;
    assert_eq!(soon.layers[0].wall_ms, Some(7_000.0));
    let patient = trace_with(Some(Duration::from_secs(100))).await;
    assert_eq!(patient.layers[0].wall_ms, Some(60_000.0));
    assert_eq!(statuses(&patient), [CallStatus::Ok; 4]);
    let endless = trace_with(None).await;
    assert_eq!(endless.layers[0].wall_ms, Some(60_000.0));
}

#[tokio::test(start_paused = true)]
async fn the_wait_begins_with_the_quorum_and_not_anew_with_each_answer() {
    let mut mixture = mixture(&[&["a", "b", "c", "d"]]);
    mixture.layers[0].min_proposals = 2;
    mixture.layers[0].wait = Some(Duration::from_secs(5));
    let (a, b, c, d) = (after("a", 1, "x"), after("b", 2, "y"), after("c", 5, "v"), after("d", 60, "w"));
    let trace = trace_of(request(mixture), models(&[&a, &b, &c, &d, &Scripted::saying("z", "z")])).await;
    assert_eq!(trace.layers[0].wall_ms, Some(7_000.0));
    assert_eq!(statuses(&trace)[2..4], [CallStatus::Ok, CallStatus::Dropped]);
}

#[tokio::test(start_paused = true)]
async fn failures_do_not_count_as_answers() {
    let (a, b, c, z) = (
        Scripted::new("a", &[Step::Fail("broken")]),
        after("b", 2, "y"),
        after("c", 60, "w"),
        Scripted::saying("z", "z"),
    );
    let trace = trace_of(request(hasty(Some(Duration::ZERO))), models(&[&a, &b, &c, &z])).await;
    assert_eq!(trace.layers[0].wall_ms, Some(60_000.0));
    assert!(z.system_message(0).unwrap().ends_with("1. y\n2. w"));
}

#[tokio::test(start_paused = true)]
async fn what_a_straggler_has_written_is_used_or_not_by_the_same_policy_as_other_parts() {
    let half = Scripted::new("c", &[Step::Say("half"), Step::Hang]);
    let (a, b, z) = (after("a", 1, "x"), after("b", 2, "y"), Scripted::saying("z", "z"));
    let mut mixture = hasty(Some(Duration::ZERO));
    let trace = trace_of(request(mixture.clone()), models(&[&a, &b, &half, &z])).await;
    assert_eq!(statuses(&trace)[2], CallStatus::Partial);
    assert!(z.system_message(0).unwrap().ends_with("3. half"));
    mixture.partial_answers = PartialAnswers::Drop;
    let trace = trace_of(request(mixture), models(&[&a, &b, &half, &z])).await;
    assert_eq!(statuses(&trace)[2], CallStatus::Dropped);
    assert!(z.system_message(1).unwrap().ends_with("2. y"));
    assert_eq!(half.open_streams.load(std::sync::atomic::Ordering::SeqCst), 0);
}
