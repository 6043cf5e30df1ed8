//! Two models at once: the cores are shared and never exceeded.

use std::num::NonZeroUsize;

use futures::executor::block_on;
use futures::future::join_all;
use moa_core::{ChatModel, Sampling};
use moa_llama::{EngineOptions, LlamaEngine, ModelOptions};

use crate::harness::{listen, model_path, request, turn};

/// Three models of one file; their options differ, so that they are loaded apart.
fn run_three_models_on(cores: usize) -> LlamaEngine {
    let mut options = EngineOptions::default();
    options.cores = NonZeroUsize::new(cores);
    let engine = LlamaEngine::new(options);
    let models: Vec<_> = (0..3)
        .map(|n| {
            let mut options = ModelOptions::new(format!("model-{n}"), model_path());
            options.context_tokens = Some(512 + n);
            engine.model(options)
        })
        .collect();
    let question = || request("Write a story about a dragon.", 40, Sampling::greedy());
    let answers = block_on(join_all(models.iter().map(|model| listen(model.stream(question())))));
    for answer in &answers {
        assert_eq!(answer.usage().completion_tokens, 40);
    }
    engine
}

#[test]
fn models_side_by_side_never_compute_on_more_cores_than_there_are() {
    let _turn = turn();
    let engine = run_three_models_on(2);
    assert_eq!(engine.most_cores_in_use(), 2, "both cores were used, and never a third");
}

#[test]
fn three_models_on_one_core_take_turns() {
    let _turn = turn();
    assert_eq!(run_three_models_on(1).most_cores_in_use(), 1);
}

#[test]
fn the_same_file_is_loaded_once_whatever_it_is_called() {
    let _turn = turn();
    let mut options = EngineOptions::default();
    options.cores = NonZeroUsize::new(1);
    let engine = LlamaEngine::new(options);
    let a = engine.model(ModelOptions::new("a", model_path()));
    let b = engine.model(ModelOptions::new("b", model_path()));
    block_on(a.load(|_| {})).unwrap();
    assert_eq!(b.stats(), a.stats());
    assert!(b.stats().load_time.as_nanos() > 0);
    assert_ne!(a.id(), b.id());
}
