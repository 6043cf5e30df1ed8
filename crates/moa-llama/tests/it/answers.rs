//! One call: text, end, usage, seeds, stop texts, refusals.

use moa_core::{
    ChatEvent, ChatModel, Conversation, FailureKind, FinishReason, Message, Progress, Prompt, Sampling,
};

use crate::harness::{ask, engine_and_model, request, request_of, shared_model, turn};

#[test]
fn a_question_is_answered_in_pieces() {
    let _turn = turn();
    let model = shared_model();
    assert_eq!((model.endpoint(), model.id().as_str()), ("local", "smollm2-135m-instruct"));
    let answer = ask(
        &model,
        request("What is the capital of France? Answer in one sentence.", 24, Sampling::greedy()),
    );
    assert!(answer.text.contains("Paris"), "{answer:?}");
    assert_eq!(answer.reason(), FinishReason::Stop);
    assert!(answer.deltas.len() > 3, "{answer:?}");
    assert_eq!(answer.usage().completion_tokens, answer.tokens);
    let (done, total, cached) = *answer.prefill_steps().last().unwrap();
    assert_eq!((done, total), (answer.usage().prompt_tokens, answer.usage().prompt_tokens));
    assert_eq!(cached, answer.usage().cached_tokens);
}

#[test]
fn loading_is_reported_and_done_once() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|_| {});
    let mut percents = Vec::new();
    futures::executor::block_on(model.load(|percent| percents.push(percent))).unwrap();
    assert!(percents.windows(2).all(|pair| pair[0] <= pair[1]), "{percents:?}");
    let stats = model.stats();
    assert!(
        stats.load_time.as_nanos() > 0 && stats.file_bytes > 90_000_000 && stats.weight_bytes > 80_000_000
    );
    let answer = ask(&model, request("Hello!", 1, Sampling::greedy()));
    let loading = |event: &ChatEvent| matches!(event, ChatEvent::Progress(Progress::Loading { .. }));
    assert!(!answer.events.iter().any(loading), "{answer:?}");
    assert_eq!(model.stats().load_time, stats.load_time);
    let (_engine, lazy) = engine_and_model(|_| {});
    assert!(ask(&lazy, request("Hello!", 1, Sampling::greedy())).events.iter().any(loading));
}

#[test]
fn the_cap_ends_an_answer_with_length() {
    let _turn = turn();
    let answer = ask(&shared_model(), request("Tell me a long story.", 7, Sampling::greedy()));
    assert_eq!(answer.reason(), FinishReason::Length);
    assert_eq!(answer.usage().completion_tokens, 7);
}

#[test]
fn a_seed_repeats_an_answer_and_another_one_changes_it() {
    let _turn = turn();
    let model = shared_model();
    let sample = |seed| {
        let sampling = Sampling { temperature: 1.0, seed: Some(seed), ..Sampling::default() };
        ask(&model, request("Tell me about a strange animal.", 32, sampling)).text
    };
    assert_eq!(sample(1), sample(1));
    assert_ne!(sample(1), sample(2));
}

#[test]
fn greedy_answers_are_repeated_word_for_word() {
    let _turn = turn();
    let model = shared_model();
    let run = || ask(&model, request("Write a poem about the sea.", 48, Sampling::greedy())).text;
    assert_eq!(run(), run());
}

#[test]
fn a_stop_text_ends_the_answer_before_it_also_between_tokens() {
    let _turn = turn();
    let model = shared_model();
    let whole = ask(&model, request("Count from 1 to 20, with commas.", 48, Sampling::greedy())).text;
    // A stop text from the middle of the answer that begins and ends inside words or numbers.
    let middle = whole.len() / 2;
    let stop = whole.get(middle..middle + 5).unwrap().to_owned();
    let expected = &whole[..whole.find(&stop).unwrap()];
    let sampling = Sampling { stop: vec!["never said".to_owned(), stop.clone()], ..Sampling::greedy() };
    let stopped = ask(&model, request("Count from 1 to 20, with commas.", 48, sampling));
    assert_eq!(stopped.text, expected, "stop {stop:?} in {whole:?}");
    assert_eq!(stopped.reason(), FinishReason::Stop);
}

#[test]
fn penalties_change_what_repeats_itself() {
    let _turn = turn();
    let model = shared_model();
    let ask_with = |sampling| ask(&model, request("Say the word yes fifty times.", 64, sampling)).text;
    let plain = ask_with(Sampling::greedy());
    let punished = ask_with(Sampling { frequency_penalty: Some(2.0), ..Sampling::greedy() });
    let repeats = |text: &str| text.to_lowercase().matches("yes").count();
    assert!(repeats(&punished) < repeats(&plain).max(2), "{plain:?} against {punished:?}");
}

#[test]
fn characters_of_many_bytes_arrive_whole() {
    let _turn = turn();
    let question = "Repeat exactly: 漢字 🦀 été 漢字 🦀 été 漢字 🦀";
    let answer = ask(&shared_model(), request(question, 64, Sampling::greedy()));
    assert!(!answer.text.is_empty());
    // A `String` cannot hold half a character; a broken one would show as a replacement.
    assert!(!answer.text.trim_end_matches('\u{fffd}').contains('\u{fffd}'), "{answer:?}");
}

#[test]
fn senseless_requests_are_refused_in_words() {
    let _turn = turn();
    let model = shared_model();
    let refused = |request| {
        let answer = ask(&model, request);
        let failure = answer.failure.expect("refused");
        assert_eq!(failure.kind, FailureKind::InvalidRequest, "{failure}");
        failure.message
    };
    assert!(refused(request(" \n", 16, Sampling::greedy())).contains("empty"));
    assert!(
        refused(request_of(Prompt::plain(Conversation::default()), 16, Sampling::greedy())).contains("empty")
    );
    assert!(refused(request("x", 0, Sampling::greedy())).contains("max-tokens"));
    let hot = Sampling { temperature: f32::NAN, ..Sampling::default() };
    assert!(refused(request("x", 1, hot)).contains("temperature"));
    let long_stop = Sampling { stop: vec!["x".repeat(1 << 20)], ..Sampling::greedy() };
    assert!(refused(request("x", 1, long_stop)).contains("stop text"));
    let many_stops = Sampling { stop: vec!["x".to_owned(); 1000], ..Sampling::greedy() };
    assert!(refused(request("x", 1, many_stops)).contains("stop texts"));
}

#[test]
fn a_conversation_of_several_turns_is_understood() {
    let _turn = turn();
    let conversation = Conversation::new(vec![
        Message::user("My name is Zoltan. What is 2+2?"),
        Message::assistant("2+2 is 4."),
        Message::user("What is my name?"),
    ]);
    let answer = ask(&shared_model(), request_of(Prompt::plain(conversation), 24, Sampling::greedy()));
    assert!(answer.text.contains("Zoltan"), "{answer:?}");
}
