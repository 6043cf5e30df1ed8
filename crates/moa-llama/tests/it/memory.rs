//! Mixtures whose models do not fit into memory at once.

use std::num::NonZeroUsize;
use std::sync::Arc;

use futures::StreamExt;
use futures::executor::block_on;
use moa_core::{
    Agent, ChatModel, Conversation, EventKind, FailureKind, Layer, Mixture, Models, RunId, RunRequest,
    RunSeed, Sampling,
};
use moa_llama::{EngineOptions, KvCacheType, LlamaEngine, LlamaModel, ModelOptions, load_order};

use crate::harness::{ask, engine_and_model, model_path, request, turn};

/// Models of one file that are loaded apart, because their contexts differ.
fn options() -> [ModelOptions; 3] {
    [0, 1, 2].map(|number| {
        let mut options = ModelOptions::new(["a", "b", "c"][number], model_path());
        options.context_tokens = Some(1024 - u32::try_from(number).unwrap());
        options
    })
}

fn engine(memory_bytes: u64) -> LlamaEngine {
    let mut options = EngineOptions::default();
    options.cores = NonZeroUsize::new(1);
    options.memory_bytes = Some(memory_bytes);
    LlamaEngine::new(options)
}

#[test]
fn a_mixture_answers_with_one_model_in_memory_at_a_time_and_loads_as_rarely_as_planned() {
    let _turn = turn();
    let bytes = options()[0].memory_bytes(None).unwrap();
    let budget = bytes + 1_000_000;
    let engine = engine(budget);
    let models = options().map(|options| engine.model(options));
    let [a, b, c] = &models;
    let layer = || Layer::new(["a", "b", "c"].map(|model| Agent::new(model, 8)).to_vec());
    let mixture = Mixture::new("tight", vec![layer(), layer()], Agent::new("b", 8));
    let of = |layer: &[&Arc<LlamaModel>]| layer.iter().map(|model| Arc::clone(model)).collect();
    for model in engine.expect(&[of(&[a, b, c]), of(&[a, b, c]), of(&[b])]) {
        model.preload();
    }
    let known =
        models.iter().fold(Models::new(), |known, model| known.with(Arc::clone(model) as Arc<dyn ChatModel>));
    let question = Conversation::ask("Name a colour.");
    let request = RunRequest::new(RunId::nil(), 0, mixture, question, RunSeed::Given(1));
    let events: Vec<_> = block_on(moa_core::run(request, known).collect());
    let Some(EventKind::RunFinished { outcome }) = events.last().map(|event| event.kind.clone()) else {
        panic!("no answer: {:?}", events.last());
    };
    assert!(!outcome.answer.is_empty() && !outcome.degraded, "{outcome:?}");
    let planned = load_order(&[bytes; 3], &[vec![0, 1, 2], vec![0, 1, 2], vec![1]], budget);
    let loads: u64 = models.iter().map(|model| model.stats().loads).sum();
    assert_eq!(planned.loaded.iter().flatten().count(), 5);
    assert_eq!(loads, 5, "{:?}", models.map(|model| model.stats()));
    assert!(engine.most_memory_bytes() <= budget);
}

#[test]
fn a_budget_that_holds_all_loads_each_once_and_keeps_them() {
    let _turn = turn();
    let budget: u64 = options().iter().map(|options| options.memory_bytes(None).unwrap()).sum();
    let engine = engine(budget);
    let models = options().map(|options| engine.model(options));
    for _ in 0..2 {
        for model in &models {
            assert!(ask(model, request("Hello", 2, Sampling::greedy())).finish.is_some());
        }
    }
    assert!(models.iter().all(|model| model.stats().loads == 1));
    assert_eq!(engine.most_memory_bytes(), budget);
}

#[test]
fn a_model_that_the_budget_cannot_hold_fails_with_what_it_needs() {
    let _turn = turn();
    let engine = engine(60_000_000);
    let [options, ..] = options();
    let failure = ask(&engine.model(options), request("Hello", 2, Sampling::greedy())).failure.unwrap();
    assert_eq!(failure.kind, FailureKind::ModelUnavailable);
    assert!(failure.message.contains("60 MB"), "{failure}");
    assert!(failure.hint.is_some_and(|hint| hint.contains("--memory")));
}

#[test]
fn an_8_bit_cache_answers_and_takes_about_half_the_memory() {
    let _turn = turn();
    let question = || request("What is the capital of France? Answer in one word.", 16, Sampling::greedy());
    let answer = |kv_cache| {
        let (_engine, model) = engine_and_model(|options| options.kv_cache = kv_cache);
        let answer = ask(&model, question());
        (answer.text, model.stats().kv_bytes)
    };
    let (exact, exact_bytes) = answer(KvCacheType::F16);
    let (rounded, rounded_bytes) = answer(KvCacheType::Q8);
    assert!(exact.contains("Paris") && rounded.contains("Paris"), "{exact} and {rounded}");
    assert_eq!(rounded_bytes * 64, exact_bytes * 34);
}
