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
