//! Reading ahead on a real model.

use std::sync::Arc;

use moa_core::{
    ChatEvent, ChatModel, ChatRequest, Conversation, LayerIndex, Prompt, ReadAhead, Reference, Sampling,
};
use moa_llama::LlamaModel;

use crate::harness::{Answer, ask, engine_and_model, request, request_of, turn};

fn prompt(references: usize) -> Prompt {
    let reference = |number: usize| Reference {
        layer: LayerIndex(1),
        agent: format!("agent-{number}"),
        model: "m".into(),
        text: format!(
            "Answer {number}. {}",
            "The harbour lies north of the lighthouse and is deep. ".repeat(6)
        ),
    };
    Prompt::new(
        Conversation::ask("Where is the harbour?"),
        (1..=references).map(reference).collect(),
        Arc::default(),
    )
}

/// Lets the model go on until it has read as many tokens beyond `before`. Each question is a round of its thread, which reads ahead beside it.
fn read_on(model: &LlamaModel, before: u64, tokens: u64) {
    for _ in 0..200 {
        if model.stats().prefill_tokens >= before + tokens {
            return;
        }
        ask(model, request("Hi", 1, Sampling::greedy()));
    }
    panic!("nothing is read ahead: {:?}", model.stats());
}

fn reading(model: &LlamaModel, prompt: Prompt) -> ReadAhead {
    let reading = model.read_ahead(prompt, 24);
    assert!(matches!(reading, ReadAhead::Reading(_)), "the model does not read");
    reading
}

fn first_words(text: &str) -> Vec<&str> {
    text.split_whitespace().take(4).collect()
}

/// The three likeliest tokens at the first place of an answer.
fn first_likely(answer: &Answer) -> Vec<(String, f64)> {
    let first = answer.events.iter().find_map(|event| match event {
        ChatEvent::Logprobs(places) => places.first(),
        _ => None,
    });
    let likely = &first.expect("log-probabilities were asked for").top_logprobs;
    likely.iter().take(3).map(|likely| (likely.token.clone(), likely.logprob)).collect()
}

#[test]
fn what_was_read_ahead_is_not_read_again_and_the_answer_is_the_same() {
    let _turn = turn();
    let (_engine, plain) = engine_and_model(|_| {});
    let expected = ask(&plain, request_of(prompt(3), 24, Sampling::greedy()));
    let half = u64::from(expected.usage().prompt_tokens / 2);
    let (_engine, model) = engine_and_model(|_| {});
    // Nothing is loaded for the sake of reading.
    assert!(matches!(model.read_ahead(prompt(2), 24), ReadAhead::NotNow));
    ask(&model, request("Hi", 1, Sampling::greedy()));
    let before = model.stats().prefill_tokens;
    let reading = reading(&model, prompt(2));
    read_on(&model, before, half + 20);
    drop(reading);
    let answer = ask(&model, request_of(prompt(3), 24, Sampling::greedy()));
    assert!(u64::from(answer.usage().cached_tokens) + 64 >= half, "{answer:?}");
    assert_eq!(answer.usage().prompt_tokens, expected.usage().prompt_tokens);
    assert_eq!(first_words(&answer.text), first_words(&expected.text));
}

#[test]
fn reading_that_nobody_wants_any_more_harms_nobody() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|_| {});
    ask(&model, request("Hi", 1, Sampling::greedy()));
    for references in [1, 2, 3, 2, 1] {
        drop(model.read_ahead(prompt(references), 24));
    }
    let held: Vec<_> = (1..=3).map(|references| model.read_ahead(prompt(references), 24)).collect();
    // Probabilities rather than words: what is computed beside a token changes the last bits of its sums, and with them words at near-ties.
    let question = || ChatRequest {
        top_logprobs: Some(5),
        ..request("Name three colours of the rainbow.", 12, Sampling::greedy())
    };
    let answer = ask(&model, question());
    let (_engine, fresh) = engine_and_model(|_| {});
    let expected = ask(&fresh, question());
    let (likely, alone) = (first_likely(&answer), first_likely(&expected));
    println!("{likely:?} against {alone:?}");
    for (token, logprob) in &alone {
        let (_, other) = likely.iter().find(|(other, _)| other == token).expect("the same tokens are likely");
        assert!((logprob - other).abs() < 0.2, "{token:?}: {logprob} against {other}");
    }
    // A prompt that could not fit is left alone.
    let long =
        Prompt::new(Conversation::ask("x ".repeat(4_000)), prompt(1).references().to_vec(), Arc::default());
    let kept = model.read_ahead(long, 24);
    assert!(ask(&model, request("Hi", 2, Sampling::greedy())).failure.is_none());
    drop((held, kept));
}

#[test]
fn where_there_is_one_place_an_answer_comes_before_what_is_read_ahead() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|options| options.parallel_sequences = 1);
    ask(&model, request("Hi", 1, Sampling::greedy()));
    for _ in 0..3 {
        let held = reading(&model, prompt(3));
        let answer = ask(&model, request("Name three colours of the rainbow.", 6, Sampling::greedy()));
        assert_eq!(answer.usage().completion_tokens, 6, "{answer:?}");
        drop(held);
    }
}
