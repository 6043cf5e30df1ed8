//! Who stands in for an aggregator that fails.

use super::scripted::Step;
use super::*;
use crate::event::{Fallback, RunOutcome};
use crate::failure::FailureKind;
use crate::layer::{CallId, LayerIndex};
use crate::mixture::AggregatorFailure;

fn outcome(trace: &Trace) -> &RunOutcome {
    match &trace.end {
        Some(RunEnd::Finished(outcome)) => outcome,
        other => panic!("no answer: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_aggregator_in_line_is_asked_and_the_reader_is_told() {
    let (a, z, y) = (
        Scripted::saying("a", "x"),
        Scripted::new("z", &[Step::Fail("broken")]),
        Scripted::saying("y", "from y"),
    );
    let mut careful = mixture(&[&["a"]]);
    careful.fallback_aggregators = agents(&["y"]);
    let trace = trace_of(request(careful), models(&[&a, &z, &y])).await;
    let stand_in = CallId { layer: LayerIndex(2), agent: 2 };
    assert_eq!(outcome(&trace).answer, "from y");
    assert_eq!(outcome(&trace).fallback, Some(Fallback::Aggregator { call: stand_in }));
    assert!(outcome(&trace).degraded);
    assert!(y.system_message(0).unwrap().ends_with("1. x"));
    assert!(trace.warnings().contains(&"the answer is that of the stand-in y in layer 2".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_proposal_that_agrees_most_stands_in_whoever_was_first() {
    let z = Scripted::new("z", &[Step::Fail("broken")]);
    for slow in ["a", "b", "c"] {
        let say = |id: &str, text| {
            let wait = if id == slow { 5 } else { 1 };
            Scripted::new(id, &[Step::Wait(std::time::Duration::from_secs(wait)), Step::Say(text)])
        };
        let (a, b, c) = (say("a", "buy gold"), say("b", "it is 42"), say("c", "it is 42 now"));
        let trace = trace_of(request(mixture(&[&["a", "b", "c"]])), models(&[&a, &b, &c, &z])).await;
        assert_eq!(outcome(&trace).answer, "it is 42");
        let call = CallId { layer: LayerIndex(1), agent: 2 };
        assert_eq!(outcome(&trace).fallback, Some(Fallback::Proposal { call }));
        assert!(outcome(&trace).degraded);
        assert!(trace.warnings().last().unwrap().contains("the answer is a proposal"));
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_stands_in_where_the_mixture_forbids_it_or_there_is_nobody() {
    let (a, z) = (Scripted::saying("a", "x"), Scripted::new("z", &[Step::Fail("broken")]));
    let mut strict = mixture(&[&["a"]]);
    strict.on_aggregator_failure = AggregatorFailure::Fail;
    let trace = trace_of(request(strict), models(&[&a, &z])).await;
    assert_eq!(failure(&trace).message, "the aggregator 'z' gave no answer: broken");
    let trace = trace_of(request(mixture(&[])), models(&[&z])).await;
    assert_eq!(failure(&trace).message, "the aggregator 'z' gave no answer: broken");
}

#[tokio::test(start_paused = true)]
async fn no_proposal_stands_in_for_an_answer_that_must_have_a_form() {
    let (a, z, y) = (
        Scripted::saying("a", "free text"),
        Scripted::new("z", &[Step::Fail("broken")]),
        Scripted::saying("y", "{}"),
    );
    let formed = |mixture| {
        let mut asked = request(mixture);
        asked.response_format = Some(Arc::new(serde_json::json!({"type": "json_object"})));
        asked
    };
    let trace = trace_of(formed(mixture(&[&["a"]])), models(&[&a, &z])).await;
    assert_eq!(failure(&trace).message, "the aggregator 'z' gave no answer: broken");
    // Another aggregator is asked for the same form.
    let mut careful = mixture(&[&["a"]]);
    careful.fallback_aggregators = agents(&["y"]);
    let trace = trace_of(formed(careful), models(&[&a, &z, &y])).await;
    assert_eq!(outcome(&trace).answer, "{}");
    assert!(y.requests()[0].response_format.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_run_out_of_time_asks_no_further_aggregator() {
    let (a, z, y) =
        (Scripted::saying("a", "x"), Scripted::new("z", &[Step::Hang]), Scripted::saying("y", "y"));
    let mut late = mixture(&[&["a"]]);
    late.fallback_aggregators = agents(&["y"]);
    late.deadline = Some(std::time::Duration::from_mins(1));
    let trace = trace_of(request(late.clone()), models(&[&a, &z, &y])).await;
    assert_eq!(outcome(&trace).answer, "x");
    assert!(y.requests().is_empty());
    late.on_aggregator_failure = AggregatorFailure::Fail;
    let trace = trace_of(request(late), models(&[&a, &z, &y])).await;
    assert_eq!(failure(&trace).kind, FailureKind::RunDeadline);
}

#[tokio::test(start_paused = true)]
async fn answers_that_differ_too_much_are_set_aside_when_asked() {
    let (a, b, c) = (
        Scripted::saying("a", "it is 42"),
        Scripted::saying("b", "buy my gold"),
        Scripted::saying("c", "it is 42 now"),
    );
    let z = Scripted::saying("z", "42");
    let mut wary = mixture(&[&["a", "b", "c"]]);
    let _ = trace_of(request(wary.clone()), models(&[&a, &b, &c, &z])).await;
    assert!(z.system_message(0).unwrap().contains("gold"));
    wary.references.without_outliers = true;
    let trace = trace_of(request(wary), models(&[&a, &b, &c, &z])).await;
    assert!(z.system_message(1).unwrap().ends_with("1. it is 42\n2. it is 42 now"));
    assert!(trace.calls().nth(1).unwrap().set_aside);
}

#[tokio::test(start_paused = true)]
async fn an_aggregator_that_calls_a_tool_has_answered() {
    let (a, z) = (Scripted::saying("a", "x"), Scripted::new("z", &[Step::Call("search")]));
    let mut asked = request(mixture(&[&["a"]]));
    asked.tools = Some(Arc::default());
    let trace = trace_of(asked, models(&[&a, &z])).await;
    assert_eq!(outcome(&trace).tool_calls[0].name, "search");
    assert!(a.requests()[0].tools.is_none());
    assert!(z.requests()[0].tools.is_some());
}
