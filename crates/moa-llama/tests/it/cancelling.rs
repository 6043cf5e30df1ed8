//! Calls that are given up, and engines that are shut down.

use futures::executor::block_on;
use futures::{StreamExt, future};
use moa_core::{ChatEvent, ChatModel, FailureKind, Sampling};

use crate::harness::{ask, engine_and_model, listen, request, turn};

/// Reads a stream up to the given number of deltas.
async fn some_deltas(stream: &mut moa_core::ChatStream, count: usize) {
    let mut seen = 0;
    while seen < count {
        match stream.next().await {
            Some(Ok(ChatEvent::Delta { .. })) => seen += 1,
            Some(Ok(ChatEvent::Finished { .. }) | Err(_)) | None => panic!("ended after {seen} deltas"),
            Some(Ok(_)) => {}
        }
    }
}

#[test]
fn a_dropped_call_frees_its_place_and_the_others_go_on() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|options| options.parallel_sequences = 2);
    let long = || model.stream(request("Write a very long story about a dragon.", 900, Sampling::greedy()));
    let (mut given_up, mut stays) = (long(), long());
    block_on(async {
        future::join(some_deltas(&mut given_up, 3), some_deltas(&mut stays, 3)).await;
    });
    drop(given_up);
    // Both places were taken: this one can only be answered in the place of the dropped call.
    let answer =
        ask(&model, request("What is the capital of France? Answer in one word.", 16, Sampling::greedy()));
    assert!(answer.text.contains("Paris"), "{answer:?}");
    block_on(some_deltas(&mut stays, 3));
    drop(stays);
    let again =
        ask(&model, request("What is the capital of Italy? Answer in one word.", 16, Sampling::greedy()));
    assert!(again.text.contains("Rome"), "{again:?}");
    assert!(model.stats().decode_tokens < 900, "the dropped calls did not go on: {:?}", model.stats());
}

#[test]
fn a_call_that_is_dropped_while_it_waits_or_reads_costs_nothing() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|options| options.parallel_sequences = 1);
    let long_prompt = "word ".repeat(800);
    block_on(async {
        let mut reading = model.stream(request(&long_prompt, 16, Sampling::greedy()));
        let mut waiting = model.stream(request("Hello!", 16, Sampling::greedy()));
        // The first event of each, then both are given up.
        let _ = future::join(reading.next(), waiting.next()).await;
    });
    let answer =
        ask(&model, request("What is the capital of France? Answer in one word.", 16, Sampling::greedy()));
    assert!(answer.text.contains("Paris"), "{answer:?}");
}

#[test]
fn dropping_the_engine_ends_calls_with_a_failure_and_joins_its_threads() {
    let _turn = turn();
    let (engine, model) = engine_and_model(|_| {});
    let mut stream =
        model.stream(request("Write a very long story about a dragon.", 900, Sampling::greedy()));
    block_on(some_deltas(&mut stream, 3));
    drop(engine);
    let rest = block_on(listen(stream));
    let failure = rest.failure.expect("the call fails");
    assert_eq!(failure.kind, FailureKind::ModelUnavailable, "{failure}");
    assert!(failure.message.contains("shut down"), "{failure}");
    let later = ask(&model, request("Hello!", 1, Sampling::greedy()));
    assert!(later.failure.unwrap().message.contains("shut down"));
}

#[test]
fn a_reader_that_does_not_read_holds_nobody_up() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|_| {});
    let mut slow = model.stream(request("Write a long story.", 80, Sampling::greedy()));
    block_on(some_deltas(&mut slow, 1));
    // The slow reader's answer is written to its end meanwhile, whatever becomes of it.
    let answer = ask(&model, request("Write a long story about rain.", 100, Sampling::greedy()));
    assert!(answer.tokens > 50, "{answer:?}");
    let rest = block_on(listen(slow));
    assert!(rest.finish.is_some() && rest.tokens > 20, "{rest:?}");
}
