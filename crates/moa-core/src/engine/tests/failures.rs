//! Lost answers, deadlines, stopping.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::scripted::Step;
use super::*;
use crate::event::CallStatus;
use crate::failure::FailureKind;
use crate::mixture::{AggregatorFailure, PartialAnswers};

fn statuses(trace: &Trace) -> Vec<CallStatus> {
    trace.calls().filter_map(|call| Some(call.outcome.as_ref()?.status)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_failed_proposer_is_left_out_the_numbers_close_up_and_the_reason_is_told() {
    let (a, b, c, z) = (
        Scripted::saying("a", "x"),
        Scripted::new("b", &[Step::Fail("out of order")]),
        Scripted::saying("c", "y"),
        Scripted::saying("z", "z"),
    );
    let trace = trace_of(request(mixture(&[&["a", "b", "c"]])), models(&[&a, &b, &c, &z])).await;
    assert!(z.system_message(0).unwrap().ends_with("1. x\n2. y"));
    assert_eq!(trace.warnings(), ["layer 1, b: the answer was lost: out of order"]);
    assert!(matches!(&trace.end, Some(RunEnd::Finished(outcome)) if outcome.degraded));
}

#[tokio::test(start_paused = true)]
async fn a_model_that_is_not_set_up_or_says_nothing_is_a_lost_answer() {
    let (a, b, z) = (Scripted::saying("a", "x"), Scripted::saying("b", " \n "), Scripted::saying("z", "z"));
    let trace = trace_of(request(mixture(&[&["a", "b", "missing"]])), models(&[&a, &b, &z])).await;
    assert_eq!(
        trace.warnings(),
        [
            "layer 1, b: the answer was lost: the model answered nothing",
            "layer 1, missing: the answer was lost: no model 'missing' is set up"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_layer_below_its_quorum_ends_the_run_with_every_reason() {
    let (a, b, z) =
        (Scripted::saying("a", "x"), Scripted::new("b", &[Step::Fail("broken")]), Scripted::saying("z", "z"));
    let mut strict = mixture(&[&["a", "b"]]);
    strict.layers[0].min_proposals = 2;
    let trace = trace_of(request(strict), models(&[&a, &b, &z])).await;
    assert_eq!(failure(&trace).kind, FailureKind::TooFewProposals);
    assert_eq!(failure(&trace).message, "layer 1 needs at least 2 answers and got 1 of 2 (b: broken)");
    assert!(z.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_broke_off_is_never_continued_by_somebody_else() {
    let (a, z) = (Scripted::saying("a", "x"), Scripted::new("z", &[Step::Say("So "), Step::Fail("broken")]));
    let trace = trace_of(request(mixture(&[&["a"]])), models(&[&a, &z])).await;
    assert_eq!(failure(&trace).message, "the aggregator 'z' gave no answer: broken");
    // What was paid for is kept.
    assert_eq!(trace.calls().last().unwrap().outcome.as_ref().unwrap().text, "So");
    assert_eq!(statuses(&trace), [CallStatus::Ok, CallStatus::Failed], "and is no answer of the run");

    // Not by the next in line either.
    let y = Scripted::saying("y", "from y");
    let mut careful = mixture(&[&["a"]]);
    careful.fallback_aggregators = agents(&["y"]);
    let trace = trace_of(request(careful), models(&[&a, &z, &y])).await;
    assert_eq!(failure(&trace).message, "the aggregator 'z' gave no answer: broken");
    assert!(y.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_just_stops_is_no_answer() {
    let (a, z) = (Scripted::saying("a", "x"), Scripted::new("z", &[Step::Say("So "), Step::Stop]));
    let trace = trace_of(request(mixture(&[&["a"]])), models(&[&a, &z])).await;
    assert!(failure(&trace).message.ends_with("the model stopped without finishing its answer"));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_after_the_runs_deadline() {
    let (a, b) = (Scripted::new("a", &[Step::Hang]), Scripted::saying("b", "y"));
    let z = Scripted::saying("z", "z");
    let mut impatient = mixture(&[&["a", "b"]]);
    impatient.deadline = Some(Duration::from_mins(1));
    let trace = trace_of(request(impatient), models(&[&a, &b, &z])).await;
    assert_eq!(failure(&trace).kind, FailureKind::RunDeadline);
    assert!(z.requests().is_empty(), "one answer would have been enough");
}

#[tokio::test(start_paused = true)]
async fn the_first_of_several_deadlines_counts() {
    let (b, z) = (Scripted::saying("b", "y"), Scripted::saying("z", "z"));
    let hanging = Scripted::new("a", &[Step::Hang]);
    for (call, layer, wall_ms, kind) in
        [(30, 20, 20_000.0, FailureKind::LayerDeadline), (10, 20, 10_000.0, FailureKind::CallDeadline)]
    {
        let mut impatient = mixture(&[&["a", "b"]]);
        impatient.layers[0].agents[0].deadline = Some(Duration::from_secs(call));
        impatient.layers[0].deadline = Some(Duration::from_secs(layer));
        impatient.deadline = Some(Duration::from_mins(1));
        let trace = trace_of(request(impatient), models(&[&hanging, &b, &z])).await;
        assert_eq!(trace.layers[0].wall_ms, Some(wall_ms));
        let lost = trace.calls().next().unwrap().outcome.clone().unwrap();
        assert_eq!(lost.error.unwrap().kind, kind);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_proposer_is_cut_off_at_its_deadline_and_its_part_is_used_or_not() {
    let slow = Scripted::new("a", &[Step::Say("half"), Step::Hang]);
    let (b, z) = (Scripted::saying("b", "y"), Scripted::saying("z", "z"));
    let mut impatient = mixture(&[&["a", "b"]]);
    impatient.layers[0].agents[0].deadline = Some(Duration::from_secs(30));
    let trace = trace_of(request(impatient.clone()), models(&[&slow, &b, &z])).await;
    assert_eq!(statuses(&trace), [CallStatus::Partial, CallStatus::Ok, CallStatus::Ok]);
    assert!(z.system_message(0).unwrap().ends_with("1. half\n2. y"));
    assert_eq!(
        trace.warnings(),
        ["layer 1, a: only a part of the answer was used: agent 'a' was not done within its deadline of 30s"]
    );

    impatient.partial_answers = PartialAnswers::Drop;
    let trace = trace_of(request(impatient), models(&[&slow, &b, &z])).await;
    assert_eq!(statuses(&trace)[0], CallStatus::Dropped);
    assert!(z.system_message(1).unwrap().ends_with("1. y"));
    assert_eq!(slow.open_streams.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_layer_goes_on_at_its_deadline_with_what_is_there() {
    let (slow, b, z) =
        (Scripted::new("a", &[Step::Hang]), Scripted::saying("b", "y"), Scripted::saying("z", "z"));
    let mut impatient = mixture(&[&["a", "b"]]);
    impatient.layers[0].deadline = Some(Duration::from_secs(20));
    let trace = trace_of(request(impatient), models(&[&slow, &b, &z])).await;
    assert_eq!(answer(&trace), "z");
    let lost = trace.calls().next().unwrap().outcome.clone().unwrap();
    assert_eq!(lost.error.unwrap().kind, FailureKind::LayerDeadline);
    assert_eq!(trace.layers[0].wall_ms, Some(20_000.0));
}

#[tokio::test(start_paused = true)]
async fn the_runs_deadline_ends_it() {
    let (a, z) = (Scripted::saying("a", "x"), Scripted::new("z", &[Step::Hang]));
    let mut impatient = mixture(&[&["a"]]);
    impatient.deadline = Some(Duration::from_mins(1));
    impatient.on_aggregator_failure = AggregatorFailure::Fail;
    let trace = trace_of(request(impatient), models(&[&a, &z])).await;
    assert_eq!(failure(&trace).kind, FailureKind::RunDeadline);
    assert!((60_000.0..60_001.0).contains(&trace.at_ms));
}

#[tokio::test(start_paused = true)]
async fn stopping_a_run_stops_every_model_and_tells_what_was_kept() {
    let (a, b) =
        (Scripted::new("a", &[Step::Say("half"), Step::Hang]), Scripted::new("b", &[Step::Say("done")]));
    let z = Scripted::saying("z", "z");
    let asked = request(mixture(&[&["a", "b"]]));
    let cancel = asked.cancel.clone();
    let mut events = Vec::new();
    let mut running = Box::pin(run(asked, models(&[&a, &b, &z])));
    while let Some(event) = running.next().await {
        if matches!(&event.kind, EventKind::CallFinished { call, .. } if call.agent == 2) {
            cancel.cancel();
        }
        events.push(event);
    }
    let trace = Trace::of(&events);
    assert!(matches!(trace.end, Some(RunEnd::Cancelled { .. })));
    assert_eq!(statuses(&trace), [CallStatus::Dropped, CallStatus::Ok]);
    assert_eq!(trace.calls().next().unwrap().outcome.as_ref().unwrap().text, "half");
    assert_eq!(a.open_streams.load(Ordering::SeqCst), 0);
    assert!(z.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn dropping_the_stream_stops_every_model_at_once() {
    let (a, b) = (Scripted::new("a", &[Step::Say("x"), Step::Hang]), Scripted::new("b", &[Step::Hang]));
    let z = Scripted::saying("z", "z");
    let mut running = Box::pin(run(request(mixture(&[&["a", "b"]])), models(&[&a, &b, &z])));
    while let Some(event) = running.next().await {
        if matches!(event.kind, EventKind::CallDelta { .. }) {
            break;
        }
    }
    assert_eq!(a.open_streams.load(Ordering::SeqCst) + b.open_streams.load(Ordering::SeqCst), 2);
    drop(running);
    assert_eq!(a.open_streams.load(Ordering::SeqCst) + b.open_streams.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn an_empty_question_is_refused_before_any_model_is_asked() {
    let z = Scripted::saying("z", "z");
    let mut asked = request(mixture(&[]));
    asked.conversation = Conversation::ask("  \n");
    let trace = trace_of(asked, models(&[&z])).await;
    assert_eq!(failure(&trace).kind, FailureKind::InvalidRequest);
    assert!(z.requests().is_empty());
}
