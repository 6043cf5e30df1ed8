//! Prompts that are too long, and answers that reach the end of the context.

use std::sync::Arc;

use moa_core::{
    ChatEvent, Conversation, FailureKind, FinishReason, LayerIndex, Prompt, Reference, Sampling,
    SynthesisTemplate,
};

use crate::harness::{ask, engine_and_model, request, request_of, shared_model, turn};

fn reference(agent: &str, text: String) -> Reference {
    Reference { layer: LayerIndex(1), agent: agent.to_owned(), model: "m".into(), text }
}

#[test]
fn references_that_do_not_fit_are_shortened_and_it_is_said() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|options| options.context_tokens = Some(512));
    let references = vec![
        reference("wordy", "The answer is Paris. ".repeat(150)),
        reference("brief", "Paris.".to_owned()),
    ];
    let synthesis = Arc::new(SynthesisTemplate::default());
    let prompt = Prompt::new(Conversation::ask("What is the capital of France?"), references, synthesis);
    let answer = ask(&model, request_of(prompt, 64, Sampling::greedy()));
    let shortened = answer.events.iter().find_map(|event| match event {
        ChatEvent::Shortened(shortening) => Some(shortening),
        _ => None,
    });
    let shortening = shortened.expect("the shortening is told");
    assert_eq!(shortening.limit_tokens, 512 - 64);
    assert!(shortening.original_tokens > 512 && shortening.fitted_tokens <= 512 - 64, "{shortening:?}");
    assert_eq!(shortening.references.len(), 1, "the short one stays whole");
    assert_eq!(answer.usage().prompt_tokens, shortening.fitted_tokens);
    assert!(!answer.text.is_empty());
}

#[test]
fn a_prompt_that_cannot_fit_is_refused_with_both_numbers() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|options| options.context_tokens = Some(256));
    let answer = ask(&model, request(&"word ".repeat(1000), 1000, Sampling::greedy()));
    let failure = answer.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::ContextOverflow);
    // A quarter of the context is kept for the answer.
    assert!(failure.message.contains("192"), "{failure}");
    let numbers = failure.message.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u32>().ok());
    assert!(numbers.max().unwrap() >= 1000, "{failure}");
}

#[test]
fn a_megabyte_is_refused_and_the_model_lives_on() {
    let _turn = turn();
    let model = shared_model();
    let answer = ask(&model, request(&"lorem ipsum ".repeat(90_000), 16, Sampling::greedy()));
    assert_eq!(answer.failure.unwrap().kind, FailureKind::ContextOverflow);
    assert!(ask(&model, request("Hello!", 4, Sampling::greedy())).finish.is_some());
}

#[test]
fn an_answer_that_reaches_the_end_of_the_context_ends_with_length() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|options| options.context_tokens = Some(128));
    let answer = ask(&model, request("Write a very long story about a dragon.", 4000, Sampling::greedy()));
    assert_eq!(answer.reason(), FinishReason::Length);
    assert_eq!(answer.usage().prompt_tokens + answer.usage().completion_tokens, 128);
}

#[test]
fn a_context_beyond_the_training_is_cut_with_a_warning() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|options| options.context_tokens = Some(1_000_000));
    let answer = ask(&model, request("Hello!", 1, Sampling::greedy()));
    let warned = |event: &ChatEvent| matches!(event, ChatEvent::Warning(text) if text.contains("1000000"));
    assert!(answer.events.iter().any(warned), "{answer:?}");
}
