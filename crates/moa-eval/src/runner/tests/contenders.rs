use std::collections::BTreeSet;
use std::sync::Arc;

use moa_core::{Agent, Conversation, Failure, FailureKind, Layer, Mixture, Models, Sampling};

use super::scripted::{ScriptedModel, calls};
use crate::runner::{Contender, Vote};

fn single(model: &str) -> Contender {
    Contender::new(model, Mixture::new(model, Vec::new(), Agent::new(model, 10)))
}

fn question() -> Conversation {
    Conversation::ask("What is 6 times 7?")
}

#[tokio::test]
async fn samples_differ_in_their_seeds_and_the_vote_chooses() {
    let model = ScriptedModel::new("m", |request| Ok(format!("{}", request.sampling.seed.unwrap() % 7)));
    let models = Models::new().with(Arc::clone(&model) as _);
    let choose = |samples: &[Vote<'_>]| samples.iter().position(|sample| *sample == samples[3]).unwrap();
    let done = single("m").voting(5).answer(&question(), 9, &calls(&models), &choose).await.unwrap();
    let seeds: BTreeSet<_> = model.seeds.lock().unwrap().iter().copied().collect();
    assert_eq!(seeds.len(), 5, "each sample has a seed of its own");
    let texts: Vec<&str> = done.result.samples.iter().map(|sample| sample.text.as_str()).collect();
    assert_eq!((texts.len(), done.result.text.as_str()), (5, texts[3]));
    assert_eq!(done.usage.completion_tokens, 10, "all samples count");
    let again = single("m").voting(5).answer(&question(), 9, &calls(&models), &choose).await.unwrap();
    assert_eq!(again.result.samples, done.result.samples, "the same seed, the same samples");
}

#[tokio::test]
async fn self_moa_samples_a_model_and_lets_it_aggregate() {
    let model =
        ScriptedModel::new("m", |request| Ok(format!("{} references", request.prompt.references().len())));
    let models = Models::new().with(Arc::clone(&model) as _);
    let contender = Contender::self_moa("self-moa:m:3", &Agent::new("m", 10), 3);
    let done = contender.answer(&question(), 0, &calls(&models), &|_| 0).await.unwrap();
    assert_eq!((model.asked(), done.result.text.as_str()), (4, "3 references"));
    assert_eq!(done.result.layers[0].len(), 3);
    assert_eq!((done.result.answer_tokens, done.usage.completion_tokens), (2, 8));
}

#[tokio::test]
async fn what_would_fail_again_is_an_empty_answer_and_the_rest_a_failure() {
    let answer = async |kind| {
        let model = ScriptedModel::new("m", move |_| Err(Failure::new(kind, "no")));
        let models = Models::new().with(model as _);
        single("m").answer(&question(), 0, &calls(&models), &|_| 0).await
    };
    let empty = answer(FailureKind::ContextOverflow).await.unwrap().result;
    assert_eq!((empty.text.as_str(), empty.failure.unwrap().kind), ("", FailureKind::ContextOverflow));
    let undone = answer(FailureKind::RateLimited).await.unwrap_err();
    assert_eq!(undone.failure.kind, FailureKind::RateLimited);
    let silent = ScriptedModel::new("m", |_| Ok(String::new()));
    let silent = Models::new().with(silent as _);
    let empty = single("m").answer(&question(), 0, &calls(&silent), &|_| 0).await.unwrap().result;
    assert_eq!((empty.text.as_str(), empty.failure.unwrap().kind), ("", FailureKind::EmptyAnswer));
}

#[tokio::test]
async fn a_mixture_without_a_proposal_that_the_cap_forbade_is_no_answer_of_it() {
    let good = ScriptedModel::new("good", |_| Ok("fine".to_owned()));
    let poor = ScriptedModel::new("poor", |_| Err(Failure::new(FailureKind::CostCap, "no")));
    let models = Models::new().with(good as _).with(poor as _);
    let layer = Layer::new(vec![Agent::new("good", 10), Agent::new("poor", 10)]);
    let contender = Contender::new("mix", Mixture::new("mix", vec![layer], Agent::new("good", 10)));
    let undone = contender.answer(&question(), 0, &calls(&models), &|_| 0).await.unwrap_err();
    assert_eq!(
        (undone.failure.kind, undone.usage.completion_tokens),
        (FailureKind::CostCap, 4),
        "{undone:?}"
    );
}

#[tokio::test]
async fn what_a_failure_took_is_told() {
    let asked = std::sync::atomic::AtomicU32::new(0);
    let model =
        ScriptedModel::new("m", move |_| match asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            1 => Err(Failure::new(FailureKind::RateLimited, "no")),
            _ => Ok("yes".to_owned()),
        });
    let models = Models::new().with(model as _);
    let undone = single("m").voting(4).answer(&question(), 0, &calls(&models), &|_| 0).await.unwrap_err();
    assert_eq!((undone.failure.kind, undone.usage.completion_tokens), (FailureKind::RateLimited, 6));
}

#[test]
fn content_says_what_is_run_and_not_what_it_is_called() {
    let models = Models::new().with(ScriptedModel::new("m", |_| Ok(String::new())) as _);
    let content = |contender: Contender| contender.content(&models);
    let plain = content(single("m"));
    assert_eq!(plain, content(Contender { name: "other".to_owned(), ..single("m") }));
    assert_ne!(plain, content(single("m").voting(3)));
    assert_ne!(plain, content(single("m").with_agents(|agent| agent.max_tokens = 11)));
    assert_ne!(plain, content(single("m").with_agents(|agent| agent.sampling = Sampling::greedy())));
    assert_ne!(plain, single("m").content(&Models::new()), "another model");
}
