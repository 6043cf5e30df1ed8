//! Runs that choose between proposals.

use super::scripted::Step;
use super::*;
use crate::aggregation::{Aggregation, CertaintyMeasure, Choosing, ChoosingKind};
use crate::event::RunOutcome;
use crate::extraction::AnswerForm;
use crate::layer::{CallId, LayerIndex, LayerRole};
use crate::model::FinishReason;

fn outcome(trace: &Trace) -> &RunOutcome {
    match &trace.end {
        Some(RunEnd::Finished(outcome)) => outcome,
        other => panic!("no answer: {other:?}"),
    }
}

fn vote(keep: u32) -> Choosing {
    Choosing { by: ChoosingKind::Vote { answer: AnswerForm::Number }, keep, prefer: Vec::new() }
}

fn voting(layers: &[&[&str]]) -> Mixture {
    Mixture { aggregation: Aggregation::Choose(vote(1)), ..mixture(layers) }
}

fn call(layer: u32, agent: u32) -> CallId {
    CallId { layer: LayerIndex(layer), agent }
}

#[tokio::test(start_paused = true)]
async fn the_winning_proposal_is_the_answer_and_no_aggregator_is_asked() {
    let (a, b, c) =
        (Scripted::saying("a", "it is 4"), Scripted::saying("b", "4"), Scripted::saying("c", "say 5"));
    let z = Scripted::saying("z", "z");
    let trace = trace_of(request(voting(&[&["a", "b", "c"]])), models(&[&a, &b, &c, &z])).await;
    let chosen = outcome(&trace).chosen.unwrap();
    assert!([call(1, 1), call(1, 2)].contains(&chosen));
    assert_eq!(outcome(&trace).answer, trace.call(chosen).unwrap().text);
    assert_eq!(trace.settled(), Some(chosen));
    assert_eq!(outcome(&trace).finish_reason, FinishReason::Stop);
    assert!(!outcome(&trace).degraded && outcome(&trace).first_token_ms.is_some());
    assert!(z.requests().is_empty());
    let decision = &trace.layers[0].decisions[0];
    assert_eq!((decision.kind.as_str(), decision.reason.as_str()), ("vote", "2 of 3 answer 4"));
    let roles: Vec<_> = trace.layers.iter().map(|layer| (layer.role, layer.calls.len())).collect();
    assert_eq!(roles, [(LayerRole::Proposers, 3), (LayerRole::Aggregator, 0)]);
}

#[tokio::test(start_paused = true)]
async fn who_finishes_first_wins_nothing() {
    for slow in ["a", "b"] {
        let say = |id: &str, text| {
            let seconds = if id == slow { 5 } else { 1 };
            Scripted::new(id, &[Step::Wait(std::time::Duration::from_secs(seconds)), Step::Say(text)])
        };
        let (a, b) = (say("a", "it is 4"), say("b", "it is 5"));
        let trace = trace_of(request(voting(&[&["a", "b"]])), models(&[&a, &b])).await;
        assert_eq!(answer(&trace), "it is 4");
        assert!(trace.layers[0].decisions[0].tie);
    }
}

#[tokio::test(start_paused = true)]
async fn lost_answers_have_no_vote_and_the_last_one_wins_alone() {
    let (a, b, c) = (
        Scripted::new("a", &[Step::Fail("broken")]),
        Scripted::saying("b", " \n"),
        Scripted::saying("c", "no idea"),
    );
    let trace = trace_of(request(voting(&[&["a", "b", "c"]])), models(&[&a, &b, &c])).await;
    assert_eq!(answer(&trace), "no idea");
    let decision = &trace.layers[0].decisions[0];
    assert_eq!(decision.reason, "it was the only answer");
    assert!(outcome(&trace).degraded, "two of three were lost");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_must_have_a_form_or_may_call_tools_is_written() {
    let (a, z) = (Scripted::saying("a", "4"), Scripted::saying("z", "{}"));
    let mut formed = request(voting(&[&["a"]]));
    formed.response_format = Some(Arc::new(serde_json::json!({"type": "json_object"})));
    let mut armed = request(voting(&[&["a"]]));
    armed.tools = Some(Arc::default());
    for (asked, why) in [(formed, "must have a form"), (armed, "may call tools")] {
        let trace = trace_of(asked, models(&[&a, &z])).await;
        assert_eq!((answer(&trace), outcome(&trace).chosen), ("{}", None));
        let decision = &trace.layers[0].decisions[0];
        assert!(decision.chosen.is_empty() && decision.reason.contains(why));
    }
}

#[tokio::test(start_paused = true)]
async fn without_proposers_there_is_nothing_to_choose_and_the_aggregator_answers() {
    let z = Scripted::saying("z", "alone");
    let trace = trace_of(request(voting(&[])), models(&[&z])).await;
    assert_eq!((answer(&trace), outcome(&trace).chosen), ("alone", None));
}

#[tokio::test(start_paused = true)]
async fn a_layer_hands_on_what_it_selects() {
    let (a, b, c) =
        (Scripted::saying("a", "it is 4"), Scripted::saying("b", "say 5"), Scripted::saying("c", "it is 4"));
    let z = Scripted::saying("z", "z");
    let mut choosy = mixture(&[&["a", "b", "c"]]);
    choosy.layers[0].select = Some(vote(2));
    let trace = trace_of(request(choosy), models(&[&a, &b, &c, &z])).await;
    assert_eq!(answer(&trace), "z");
    assert!(z.system_message(0).unwrap().ends_with("1. it is 4\n2. it is 4"));
    assert_eq!(trace.layers[0].decisions[0].chosen.len(), 2);
    assert_eq!(trace.settled(), None, "the aggregator has the last word");
}

#[tokio::test(start_paused = true)]
async fn a_decision_that_costs_nothing_is_made_even_when_time_is_up() {
    let (a, b) = (Scripted::new("a", &[Step::Hang]), Scripted::saying("b", "7"));
    let mut late = voting(&[&["a", "b"]]);
    late.deadline = Some(std::time::Duration::from_mins(1));
    let trace = trace_of(request(late), models(&[&a, &b])).await;
    assert_eq!(answer(&trace), "7");
}

#[tokio::test(start_paused = true)]
async fn the_surest_answer_wins_whoever_told_how_sure_it_is() {
    let by = ChoosingKind::Certainty { measure: CertaintyMeasure::LogProbability };
    let sure = Mixture {
        aggregation: Aggregation::Choose(Choosing { by, ..vote(1) }),
        ..mixture(&[&["a", "b", "c"]])
    };
    let a = Scripted::new("a", &[Step::Say("local"), Step::Trust(-0.5)]);
    let b =
        Scripted::new("b", &[Step::Logprob(-0.1), Step::Say("end"), Step::Logprob(-0.3), Step::Say("point")]);
    let c = Scripted::saying("c", "silent");
    let trace = trace_of(request(sure), models(&[&a, &b, &c])).await;
    assert_eq!(answer(&trace), "endpoint");
    let reason = &trace.layers[0].decisions[0].reason;
    assert!(reason.contains("-0.200, the next -0.500; 2 of 3 said how sure they were"), "{reason}");
    let told = trace.calls().nth(1).unwrap().outcome.as_ref().unwrap().certainty.clone().unwrap();
    assert_eq!((told.tokens, told.mean_entropy), (2, None));
    assert!(a.requests()[0].wants_certainty, "an endpoint must be asked");

    // Nobody is asked for what no decision looks at.
    let trace = trace_of(request(voting(&[&["a"]])), models(&[&a])).await;
    assert_eq!(answer(&trace), "local");
    assert!(!a.requests()[1].wants_certainty);
}

#[tokio::test(start_paused = true)]
async fn answers_whose_tokens_were_used_up_have_no_vote_and_say_so_where_they_win() {
    let cut = |id: &str| Scripted::new(id, &[Step::Say("first 2"), Step::RunOut]);
    let (a, b, c) = (cut("a"), cut("b"), Scripted::saying("c", "2 and 16 make 18"));
    let trace = trace_of(request(voting(&[&["a", "b", "c"]])), models(&[&a, &b, &c])).await;
    assert_eq!((answer(&trace), outcome(&trace).finish_reason), ("2 and 16 make 18", FinishReason::Stop));
    let reason = &trace.layers[0].decisions[0].reason;
    assert_eq!(reason, "1 of 3 answer 18; 2 were cut short and have no vote");

    let trace = trace_of(request(voting(&[&["a", "b"]])), models(&[&a, &b])).await;
    assert_eq!((answer(&trace), outcome(&trace).finish_reason), ("first 2", FinishReason::Length));
    assert_eq!(trace.layers[0].decisions[0].reason, "all 2 answer 2; all were cut short");
}
