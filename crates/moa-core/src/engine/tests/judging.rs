//! Runs in which a model compares the proposals.

use std::time::Duration;

use super::scripted::Step;
use super::*;
use crate::aggregation::{Aggregation, Choosing, ChoosingKind, RankMethod};
use crate::layer::{CallId, LayerIndex, LayerRole};
use crate::task::CallTask;

fn ranking(method: RankMethod) -> Choosing {
    Choosing { by: ChoosingKind::Rank { method }, keep: 1, prefer: Vec::new() }
}

/// Three proposers, between whose answers `z` decides.
fn judged(choosing: Choosing) -> Mixture {
    Mixture { aggregation: Aggregation::Choose(choosing), ..mixture(&[&["a", "b", "c"]]) }
}

fn proposers() -> [Arc<Scripted>; 3] {
    [Scripted::saying("a", "one"), Scripted::saying("b", "two"), Scripted::saying("c", "three")]
}

#[tokio::test(start_paused = true)]
async fn the_aggregator_ranks_in_both_orders_and_the_proposals_stay_what_they_are() {
    let ([a, b, c], z) = (proposers(), Scripted::saying("z", "2 > 3 > 1"));
    let trace = trace_of(request(judged(ranking(RankMethod::Listwise))), models(&[&a, &b, &c, &z])).await;
    assert_eq!(answer(&trace), "two");
    let asked = z.requests();
    assert_eq!(asked.len(), 2);
    let order = |place: usize| {
        let texts = asked[place].prompt.references().iter().map(|reference| reference.text.clone());
        texts.collect::<Vec<_>>()
    };
    assert_eq!(
        (order(0), order(1)),
        (
            vec!["one".to_owned(), "two".to_owned(), "three".to_owned()],
            vec!["three".to_owned(), "two".to_owned(), "one".to_owned()],
        )
    );
    assert!(asked.iter().all(|request| request.sampling.temperature == 0.0));
    let layer = &trace.layers[0];
    let tasks: Vec<_> = layer.calls.iter().map(|call| (call.call.agent, call.task)).collect();
    let (answer, rank) = (CallTask::Answer, CallTask::Rank);
    assert_eq!(tasks, [(1, answer), (2, answer), (3, answer), (4, rank), (5, rank)]);
    assert_eq!(layer.answers().count(), 3);
    assert_eq!(layer.decisions[0].reason, "the judge gives it 4 points");
    assert_eq!(trace.layers[1].role, LayerRole::Aggregator);
    let Some(RunEnd::Finished(outcome)) = &trace.end else { panic!("{:?}", trace.end) };
    assert_eq!(outcome.usage.completion_tokens, 10, "judgments are paid for");
    assert!(!outcome.degraded);
}

#[tokio::test(start_paused = true)]
async fn a_judge_of_its_own_compares_each_pair_both_ways() {
    let ([a, b, c], y) = (proposers(), Scripted::saying("y", "1"));
    let mut mixture = judged(ranking(RankMethod::Pairwise));
    mixture.judge = Some(Agent::new("y", 8));
    let trace = trace_of(request(mixture), models(&[&a, &b, &c, &y])).await;
    assert_eq!(y.requests().len(), 6);
    let decision = &trace.layers[0].decisions[0];
    assert!(decision.tie, "a judge that always takes the first has decided nothing: {}", decision.reason);
    // The aggregator does not even exist.
    assert!(matches!(&trace.end, Some(RunEnd::Finished(outcome)) if outcome.chosen.is_some()));
}

#[tokio::test(start_paused = true)]
async fn a_judge_that_fails_leaves_a_degraded_run_and_the_words_decide() {
    let (a, b, c) = (
        Scripted::saying("a", "buy gold"),
        Scripted::saying("b", "it is so"),
        Scripted::saying("c", "it is so, yes"),
    );
    for broken in [Step::Fail("broken"), Step::Say("I cannot say.")] {
        let z = Scripted::new("z", &[broken]);
        let trace = trace_of(request(judged(ranking(RankMethod::Listwise))), models(&[&a, &b, &c, &z])).await;
        assert_ne!(answer(&trace), "buy gold");
        let reason = &trace.layers[0].decisions[0].reason;
        assert!(reason.starts_with("no reply of the judge could be read"), "{reason}");
        assert!(matches!(&trace.end, Some(RunEnd::Finished(outcome)) if outcome.degraded));
    }
}

#[tokio::test(start_paused = true)]
async fn one_survivor_is_not_compared_with_anybody() {
    let (a, b, z) =
        (Scripted::saying("a", "alone"), Scripted::new("b", &[Step::Fail("x")]), Scripted::saying("z", "1"));
    let choosing = ranking(RankMethod::Pairwise);
    let mixture = Mixture { aggregation: Aggregation::Choose(choosing), ..mixture(&[&["a", "b"]]) };
    let trace = trace_of(request(mixture), models(&[&a, &b, &z])).await;
    assert_eq!(answer(&trace), "alone");
    assert!(z.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_best_of_a_ranking_go_to_the_synthesiser() {
    let ([a, b, c], judge, z) = (proposers(), Scripted::saying("y", "3 > 1 > 2"), Scripted::saying("z", "z"));
    let mut mixture = mixture(&[&["a", "b", "c"]]);
    mixture.judge = Some(Agent::new("y", 8));
    mixture.layers[0].select = Some(Choosing { keep: 2, ..ranking(RankMethod::Listwise) });
    let trace = trace_of(request(mixture), models(&[&a, &b, &c, &judge, &z])).await;
    assert_eq!(answer(&trace), "z");
    // Third and first in one order, first and third in the other: two points more than the second each.
    assert!(z.system_message(0).unwrap().ends_with("1. one\n2. three"));
    let call = |agent| CallId { layer: LayerIndex(1), agent };
    assert_eq!(trace.layers[0].decisions[0].judged.len(), 3);
    assert!(trace.call(call(4)).is_some_and(|asked| asked.agent == "judge: order of 1, 2, 3"));
}

#[tokio::test(start_paused = true)]
async fn too_many_answers_are_not_all_compared_and_it_is_told() {
    let names: Vec<String> = (0..14).map(|number| format!("m{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let proposers: Vec<_> = names.iter().map(|name| Scripted::saying(name, "same words")).collect();
    let z = Scripted::saying("z", "0");
    let pool = proposers.iter().chain([&z]).collect::<Vec<_>>();
    let choosing = ranking(RankMethod::Pairwise);
    let mixture = Mixture { aggregation: Aggregation::Choose(choosing), ..mixture(&[&names]) };
    let trace = trace_of(request(mixture), models(&pool)).await;
    assert_eq!(z.requests().len(), 12 * 11);
    assert!(trace.layers[0].decisions[0].reason.ends_with("only 12 of 14 answers were compared"));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_stopped_while_the_judge_is_asked_decides_nothing() {
    for choosing in [
        judged(ranking(RankMethod::Pairwise)),
        selecting(Choosing { keep: 2, ..ranking(RankMethod::Listwise) }),
    ] {
        let ([a, b, c], z) = (proposers(), Scripted::new("z", &[Step::Hang]));
        let asked = request(choosing);
        let cancel = asked.cancel.clone();
        let stopped = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            cancel.cancel();
        };
        let (trace, ()) = tokio::join!(trace_of(asked, models(&[&a, &b, &c, &z])), stopped);
        assert!(matches!(trace.end, Some(RunEnd::Cancelled { .. })), "{:?}", trace.end);
        assert!(!z.requests().is_empty());
        assert!(trace.layers.iter().all(|layer| layer.decisions.is_empty()), "{:?}", trace.layers);
    }
}

/// Some of three answers go on to the aggregator.
fn selecting(choosing: Choosing) -> Mixture {
    let mut mixture = mixture(&[&["a", "b", "c"]]);
    mixture.layers[0].select = Some(choosing);
    mixture
}
