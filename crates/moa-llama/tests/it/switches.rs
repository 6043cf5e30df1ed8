//! The engine without some of its sources of speed: slower, and the answers are the same.

use std::num::NonZeroUsize;
use std::sync::Arc;

use moa_core::{
    ChatModel as _, ChatRequest, Conversation, GrowingAnswers, LayerIndex, Prompt, ReadAhead, Reference,
    Sampling,
};
use moa_llama::{EngineOptions, LlamaEngine, LlamaModel, ModelOptions};

use crate::harness::{ask, ask_all, model_path, request, turn};

const QUESTION: &str = "Name three colours of the rainbow, and say where one sees a rainbow.";

fn engine_and_model(change: impl FnOnce(&mut EngineOptions)) -> (LlamaEngine, Arc<LlamaModel>) {
    let mut options = EngineOptions::default();
    options.cores = NonZeroUsize::new(1);
    change(&mut options);
    let engine = LlamaEngine::new(options);
    let model = engine.model(ModelOptions::new("smollm2-135m-instruct", model_path()));
    (engine, model)
}

#[test]
fn without_prefix_reuse_every_prompt_is_read_whole_and_lookup_goes_on() {
    let _turn = turn();
    let (_with_engine, with) = engine_and_model(|_| {});
    let (_engine, without) = engine_and_model(|options| options.prefix_reuse = false);
    let question = || request(QUESTION, 12, Sampling::greedy());
    let expected = ask(&with, question());
    for _ in 0..2 {
        let answer = ask(&without, question());
        assert_eq!((answer.usage().cached_tokens, &answer.text), (0, &expected.text));
    }
    let samples = ask_all(&without, vec![question(), question()]);
    assert!(samples.iter().all(|sample| sample.usage().cached_tokens == 0), "{samples:?}");
    let prompt_tokens = u64::from(expected.usage().prompt_tokens);
    assert_eq!(without.stats().prefill_tokens, prompt_tokens * 4);
    let quoting = "Repeat word for word: the keeper of the lighthouse wrote the weather into a thick green book every evening.";
    ask(&without, request(&format!("{quoting} {quoting}"), 60, Sampling::greedy()));
    assert!(without.stats().drafted_tokens > 0, "{:?}", without.stats());
}

#[test]
fn nothing_is_read_ahead_where_it_is_switched_off_or_would_not_be_used() {
    let _turn = turn();
    let reference = Reference {
        layer: LayerIndex(1),
        agent: "a".to_owned(),
        model: "m".into(),
        text: "Red, green and blue, after the rain.".to_owned(),
    };
    let prompt = Prompt::new(Conversation::ask(QUESTION), vec![reference], Arc::default());
    let reads_ahead = |change: fn(&mut EngineOptions)| {
        let (_engine, model) = engine_and_model(change);
        ask(&model, request("Hi", 1, Sampling::greedy()));
        matches!(model.read_ahead(prompt.clone(), 8), ReadAhead::Reading(_))
    };
    assert!(reads_ahead(|_| {}));
    assert!(!reads_ahead(|options| options.read_ahead = false));
    assert!(!reads_ahead(|options| options.prefix_reuse = false));
}

#[test]
fn nothing_is_guessed_from_what_others_write_where_it_is_switched_off_or_nothing_is_guessed_at_all() {
    let _turn = turn();
    let drafted = |change: fn(&mut EngineOptions)| {
        let (_engine, model) = engine_and_model(change);
        let question = request(QUESTION, 40, Sampling::greedy());
        let said = ask(&model, question.clone());
        let before = model.stats().drafted_tokens;
        let answers = Arc::new(GrowingAnswers::new(1, [said.text.as_str()]));
        // What calls take is learned from them: of a few answers at least one is guessed where guessing is on.
        for _ in 0..5 {
            ask(&model, ChatRequest { peers: answers.peers_of(0), ..question.clone() });
        }
        model.stats().drafted_tokens - before
    };
    let without = drafted(|options| options.peer_lookup = false);
    assert!(drafted(|_| {}) > without + 20, "{without} tokens were guessed without");
    assert_eq!(drafted(|options| options.lookup = false), 0);
}
