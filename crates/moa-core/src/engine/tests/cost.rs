//! Money: what is booked, and what is not asked for because of the cap.

use super::*;
use crate::event::CallStatus;
use crate::failure::FailureKind;

fn statuses(trace: &Trace) -> Vec<CallStatus> {
    trace.calls().filter_map(|call| Some(call.outcome.as_ref()?.status)).collect()
}

fn capped(mixture: Mixture, dollars: f64) -> RunRequest {
    RunRequest { max_cost_usd: Some(dollars), ..request(mixture) }
}

/// Agents that may write 2 tokens.
fn terse(layers: &[&[&str]]) -> Mixture {
    let mut mixture = mixture(layers);
    mixture.aggregator.max_tokens = 2;
    mixture.layers.iter_mut().flat_map(|layer| &mut layer.agents).for_each(|agent| agent.max_tokens = 2);
    mixture
}

#[tokio::test(start_paused = true)]
async fn the_cost_of_every_call_and_of_the_run_is_known_where_prices_are() {
    let (a, b, z) = (Scripted::selling("a", "x"), Scripted::saying("b", "y"), Scripted::selling("z", "z"));
    let trace = trace_of(request(mixture(&[&["a", "b"]])), models(&[&a, &b, &z])).await;
    let costs: Vec<_> = trace.calls().map(|call| call.outcome.as_ref().unwrap().usage.cost_usd).collect();
    assert_eq!(costs, [Some(7.0), None, Some(7.0)]);
    assert!(matches!(&trace.end, Some(RunEnd::Finished(outcome)) if outcome.usage.cost_usd == Some(14.0)));
}

#[tokio::test(start_paused = true)]
async fn a_cap_leaves_out_proposers_before_the_aggregator_and_is_never_passed() {
    let (a, b, z) = (Scripted::selling("a", "x"), Scripted::selling("b", "y"), Scripted::selling("z", "z"));
    // The most that a proposer can cost is 9 dollars (7 to read, 2 to write); the aggregator reads the instruction as well.
    let run = |cap: f64| {
        let (a, b, z) = (a.clone(), b.clone(), z.clone());
        async move { trace_of(capped(terse(&[&["a", "b"]]), cap), models(&[&a, &b, &z])).await }
    };
    let plenty = run(1_000_000.0).await;
    assert_eq!(statuses(&plenty), [CallStatus::Ok; 3]);

    // For the aggregator: 2 to write, 7 for the question, twice the 2 of each proposal and 24 for its marks, and the instruction.
    let source = crate::synthesis::SynthesisTemplate::default().source().len().div_ceil(2) + 4;
    let aggregator = f64::from(2 + 7 + 2 * (2 * 2 + 24) + u32::try_from(source).unwrap());
    let tight = run(aggregator + 9.0).await;
    assert_eq!(statuses(&tight), [CallStatus::Ok, CallStatus::Dropped, CallStatus::Ok]);
    let lost = tight.calls().nth(1).unwrap().outcome.clone().unwrap();
    assert_eq!(lost.error.unwrap().kind, FailureKind::CostCap);
    assert!(matches!(&tight.end, Some(RunEnd::Finished(outcome)) if outcome.degraded));

    let asked_before = (a.requests().len(), z.requests().len());
    let too_tight = run(aggregator + 8.0).await;
    assert_eq!(failure(&too_tight).kind, FailureKind::CostCap);
    assert_eq!((a.requests().len(), z.requests().len()), asked_before);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_prices_are_not_known_is_not_started_under_a_cap() {
    let (a, z) = (Scripted::of_unknown_price("a"), Scripted::saying("z", "z"));
    let trace = trace_of(capped(mixture(&[&["a"]]), 1.0), models(&[&a, &z])).await;
    assert_eq!(failure(&trace).kind, FailureKind::CostCap);
    assert!(failure(&trace).message.contains("'a'"));
    assert!(a.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_cut_off_may_have_cost_all_that_was_set_aside_for_it() {
    use super::scripted::Step;
    // Both layers ask `a`, which may cost 9 dollars in the first one, and more than 30 with what it reads in the second.
    let late = Scripted::selling_steps("a", &[Step::Say("x"), Step::Hang]);
    let refused = Scripted::selling_steps("a", &[Step::Fail("refused")]);
    // What is no reason to pay anything for a refusal is one in the middle of an answer.
    let broken = Scripted::selling_steps("a", &[Step::Say("x"), Step::FailAs(FailureKind::ServerError)]);
    let z = Scripted::saying("z", "z");
    for (a, booked) in [(late, 9.0), (refused, 9.0), (broken, 9.0)] {
        let mut mixture = terse(&[&["a", "b"], &["b"]]);
        mixture.layers[0].deadline = Some(std::time::Duration::from_secs(20));
        mixture.partial_answers = crate::mixture::PartialAnswers::Drop;
        let b = Scripted::selling("b", "y");
        let run = |cap: f64| trace_of(capped(mixture.clone(), cap), models(&[&a, &b, &z]));
        let second = second_layer_usd();
        let just_enough = run(booked + 7.0 + second).await;
        assert_eq!(statuses(&just_enough)[2], CallStatus::Ok);
        let too_little = run(booked + 7.0 + second - 1.0).await;
        assert_eq!(failure(&too_little).kind, FailureKind::CostCap);
    }
}

/// The most that a call of the second layer can cost which reads one answer `y`.
fn second_layer_usd() -> f64 {
    let prompt = crate::Prompt::new(
        Conversation::ask("Where?"),
        vec![crate::Reference {
            layer: crate::LayerIndex(1),
            agent: "b".into(),
            model: "b".into(),
            text: "y".to_owned(),
        }],
        Arc::default(),
    );
    f64::from(2 + crate::token_estimate::most_prompt_tokens(&prompt.render().unwrap()))
}
