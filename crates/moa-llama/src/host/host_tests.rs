use std::num::NonZeroUsize;

use futures::executor::block_on;
use moa_core::{
    CallId, ChatEvent, ChatRequest, Conversation, FailureKind, FinishReason, LayerIndex, Progress, Prompt,
    Sampling,
};
use tokio::sync::mpsc;

use super::loading::BATCH_TOKENS;
use super::*;
use crate::native::{KvCacheType, Model, ModelParameters};
use crate::request::Reply;
use crate::scheduler::{Grant, Member};
use crate::testing::{model_path, turn};

fn host(budget: &CoreBudget) -> Host {
    Host::new(options(), budget.clone(), MemoryBudget::new(None))
}

fn options() -> HostOptions {
    HostOptions {
        path: model_path(),
        context_tokens: Some(2048),
        parallel_sequences: 1,
        gpu_layers: Some(0),
        kv_type: KvCacheType::F16,
        poll: 0,
        kernels: true,
        lookup: true,
        peer_lookup: true,
        prefix_reuse: true,
        read_ahead: true,
    }
}

fn one_core() -> CoreBudget {
    crate::system::initialize();
    CoreBudget::new(NonZeroUsize::MIN)
}

fn ready(host: &Host) -> Arc<Ready> {
    let mut status = host.start(None);
    block_on(async {
        loop {
            if let Status::Ready(ready) = &*status.borrow_and_update() {
                return Arc::clone(ready);
            }
            status.changed().await.unwrap();
        }
    })
}

fn request(question: String) -> Box<ChatRequest> {
    let call = CallId { layer: LayerIndex(1), agent: 1 };
    Box::new(ChatRequest::alone(call, Prompt::plain(Conversation::ask(question)), Sampling::greedy(), 4))
}

/// Listens until some of the prompt was computed.
fn wait_for_prefill(replies: &mut mpsc::Receiver<Reply>) {
    loop {
        match block_on(replies.recv()).unwrap().unwrap() {
            ChatEvent::Progress(Progress::Prefill { done_tokens, .. }) if done_tokens > 0 => return,
            ChatEvent::Finished { .. } => panic!("the answer is complete"),
            _ => {}
        }
    }
}

fn finish_reason(replies: &mut mpsc::Receiver<Reply>) -> FinishReason {
    loop {
        if let ChatEvent::Finished { finish_reason, .. } = block_on(replies.recv()).unwrap().unwrap() {
            return finish_reason;
        }
    }
}

/// Takes the only core as soon as the decode call under way ends, so that the next one waits.
fn hold<'member>(member: &'member Member, never: &AtomicBool) -> Grant<'member> {
    member.acquire(1, Urgency::First, never).unwrap()
}

#[test]
fn a_prompt_that_is_given_up_is_not_read_on_and_its_cells_serve_others() {
    let _turn = turn();
    let (budget, never) = (one_core(), AtomicBool::new(false));
    let host = host(&budget);
    let ready = ready(&host);
    let test = budget.join();
    let long = |word: &str| request(format!("{word} ").repeat(1_500));

    let mut given_up = ready.submit(long("rain")).unwrap();
    wait_for_prefill(&mut given_up);
    let core = hold(&test, &never);
    let before = host.stats();
    assert!(before.prefill_tokens < 1_500, "{before:?}");
    // The next piece of the prompt is in a batch that waits for the core.
    drop(given_up);
    drop(core);

    // There is one place, and the cache has room for one such prompt.
    let mut next = ready.submit(long("snow")).unwrap();
    assert_eq!(finish_reason(&mut next), FinishReason::Length);
    let after = host.stats();
    let pieces = 1_500_u64.div_ceil(u64::from(BATCH_TOKENS)) + 1;
    let answer = 4;
    assert!(
        after.decode_calls - before.decode_calls <= pieces + answer,
        "the prompt that was given up was read on: {before:?}, {after:?}"
    );
    assert!(after.kv_cells <= 2048, "{after:?}");
}

#[test]
fn a_shutdown_does_not_wait_for_the_rest_of_a_prompt() {
    let _turn = turn();
    let (budget, never) = (one_core(), AtomicBool::new(false));
    let host = host(&budget);
    let ready = ready(&host);
    let test = budget.join();
    let mut replies = ready.submit(request("rain ".repeat(1_500))).unwrap();
    wait_for_prefill(&mut replies);
    let core = hold(&test, &never);
    let before = host.stats().decode_calls;
    // The worker waits for the core that this test holds; the shutdown must not wait for it, too.
    host.shut_down();
    // The call that gave the core back may have been booked after this test took it; no other was made.
    let after = host.stats().decode_calls;
    assert!(after <= before + 1, "{before} calls before the shutdown, {after} after it");
    drop(core);
    let failure = loop {
        match block_on(replies.recv()) {
            Some(Err(failure)) => break failure,
            Some(Ok(_)) => {}
            None => panic!("the call was left without an end"),
        }
    };
    assert_eq!(failure.kind, FailureKind::ModelUnavailable, "{failure}");
}

#[test]
fn loading_that_waits_for_a_core_is_given_up_at_once() {
    let _turn = turn();
    let (budget, never) = (one_core(), AtomicBool::new(false));
    let test = budget.join();
    let core = hold(&test, &never);
    let host = host(&budget);
    let status = host.start(None);
    host.shut_down();
    assert!(matches!(&*status.borrow(), Status::Stopped), "{:?}", status.borrow());
    assert_eq!(host.stats(), ModelStats::default(), "nothing was loaded");
    drop(core);
}

#[test]
fn loading_under_way_is_broken_off_at_the_next_sign_of_progress() {
    let _turn = turn();
    crate::system::initialize();
    let parameters = ModelParameters { vocabulary_only: false, gpu_layers: Some(0), repack: true };
    let mut signs = Vec::new();
    let loaded = Model::load(&model_path(), parameters, |share| {
        signs.push(share);
        signs.len() < 3
    });
    assert!(loaded.is_err());
    assert_eq!(signs.len(), 3, "{signs:?}");
    assert!(signs[2] < 1.0, "{signs:?}");
}

/// What the 135M takes with one full context of `options`, in bytes.
fn needed_bytes() -> u64 {
    Host::new(options(), one_core(), MemoryBudget::new(None)).footprint().unwrap().bytes()
}

fn answer(host: &Host, question: &str) -> FinishReason {
    finish_reason(&mut ready(host).submit(request(question.to_owned())).unwrap())
}

#[test]
fn a_model_that_nobody_uses_leaves_for_another_one_and_comes_back() {
    let _turn = turn();
    let cores = one_core();
    let memory = MemoryBudget::new(Some(needed_bytes() + 1_000_000));
    let second = HostOptions { context_tokens: Some(2047), ..options() };
    let [first, second] =
        [options(), second].map(|options| Host::new(options, cores.clone(), memory.clone()));
    for _ in 0..2 {
        for (host, other) in [(&first, &second), (&second, &first)] {
            assert_eq!(answer(host, "Hello"), FinishReason::Length);
            assert!(matches!(&*other.status(), Status::Unloaded), "{:?}", other.status());
            assert_eq!(other.stats().kv_bytes, 0);
        }
    }
    assert_eq!((first.stats().loads, second.stats().loads), (2, 2));
    assert_eq!(first.stats().requests, 2, "figures outlive the loading");
    // What is only wanted later does not push anybody out.
    first.preload();
    assert_eq!(answer(&second, "Hello"), FinishReason::Length);
    assert_eq!((first.stats().loads, second.stats().loads), (2, 2));
}

#[test]
fn a_model_in_use_stays_and_who_waits_for_its_memory_comes_after_it() {
    let _turn = turn();
    let (cores, never) = (one_core(), AtomicBool::new(false));
    let memory = MemoryBudget::new(Some(needed_bytes() + 1_000_000));
    let second = HostOptions { context_tokens: Some(2047), ..options() };
    let [first, second] =
        [options(), second].map(|options| Host::new(options, cores.clone(), memory.clone()));
    let ready_first = ready(&first);
    first.lease().begin_use();
    let test = cores.join();
    let mut replies = ready_first.submit(request("Hello".to_owned())).unwrap();
    let core = hold(&test, &never);
    let status = second.start(Some(1));
    drop(core);
    assert_eq!(finish_reason(&mut replies), FinishReason::Length);
    assert!(matches!(&*status.borrow(), Status::Loading(0)), "{:?}", status.borrow());
    assert!(matches!(&*first.status(), Status::Ready(_)));
    first.lease().end_use();
    drop(ready(&second));
    // The old handle does not take calls any more, and gives them back.
    let refused = ready_first.submit(request("Hello".to_owned()));
    assert!(matches!(refused, Err(Refusal::Leaving(_))), "{refused:?}");
}

#[test]
fn a_model_that_is_larger_than_the_budget_says_what_it_needs() {
    let host = Host::new(options(), one_core(), MemoryBudget::new(Some(50_000_000)));
    let mut status = host.start(None);
    let failure = block_on(async {
        loop {
            if let Status::Failed(failure) = &*status.borrow_and_update() {
                return failure.clone();
            }
            status.changed().await.unwrap();
        }
    });
    assert!(failure.message.contains("50 MB"), "{failure}");
    assert!(failure.hint.unwrap().contains("--memory"));
}

#[test]
fn where_memory_is_short_the_call_closest_to_its_end_goes_first_and_all_are_answered() {
    let _turn = turn();
    let options = HostOptions { context_tokens: Some(512), parallel_sequences: 4, ..options() };
    let footprint = Host::new(options.clone(), one_core(), MemoryBudget::new(None)).footprint().unwrap();
    // Room for one context, and nothing else.
    let memory = MemoryBudget::new(Some(footprint.bytes() + footprint.kv_bytes_per_token));
    let host = Host::new(options, one_core(), memory);
    let ready = ready(&host);
    let ask = |salt: u32, max_tokens: u32| {
        // What is said last is repeated, so that no answer ends early.
        let question = format!("{salt} {}", "Tell a long story of rain and wind. ".repeat(12));
        let mut request = request(question);
        request.max_tokens = max_tokens;
        ready.submit(request).unwrap()
    };
    let mut calls = [ask(1, 300), ask(2, 200), ask(3, 100)];
    for replies in &mut calls {
        finish_reason(replies);
    }
    let stats = host.stats();
    assert!(stats.kv_cells <= 512, "{stats:?}");
    assert_eq!(stats.requests, 3);
    assert!(
        stats.set_back > 0,
        "three prompts of more than a hundred tokens and their answers do not fit: {stats:?}"
    );
}
