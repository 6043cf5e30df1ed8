use std::num::NonZeroUsize;

use futures::executor::block_on;
use moa_core::{CallId, ChatEvent, Conversation, FinishReason, LayerIndex, Progress, Prompt, Sampling};

use super::loading::BATCH_TOKENS;
use super::*;
use crate::cores::{Grant, Member};
use crate::native::{Model, ModelParameters};
use crate::testing::{model_path, turn};

fn host(budget: &CoreBudget) -> Host {
    let options = HostOptions {
        path: model_path(),
        context_tokens: Some(2048),
        parallel_sequences: 1,
        gpu_layers: Some(0),
        poll: 0,
        lookup: true,
        prefix_reuse: true,
        read_ahead: true,
    };
    Host::new(options, budget.clone())
}

fn one_core() -> CoreBudget {
    crate::system::initialize();
    CoreBudget::new(NonZeroUsize::MIN)
}

fn ready(host: &Host) -> Arc<Ready> {
    let mut status = host.start();
    block_on(async {
        loop {
            if let Status::Ready(ready) = &*status.borrow_and_update() {
                return Arc::clone(ready);
            }
            status.changed().await.unwrap();
        }
    })
}

fn request(question: String) -> ChatRequest {
    let call = CallId { layer: LayerIndex(1), agent: 1 };
    ChatRequest::alone(call, Prompt::plain(Conversation::ask(question)), Sampling::greedy(), 4)
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
    let status = host.start();
    host.shut_down();
    assert!(matches!(&*status.borrow(), Status::Stopped), "{:?}", status.borrow());
    assert_eq!(host.stats(), ModelStats::default(), "nothing was loaded");
    drop(core);
}

#[test]
fn loading_under_way_is_broken_off_at_the_next_sign_of_progress() {
    let _turn = turn();
    crate::system::initialize();
    let parameters = ModelParameters { vocabulary_only: false, gpu_layers: Some(0) };
    let mut signs = Vec::new();
    let loaded = Model::load(&model_path(), parameters, |share| {
        signs.push(share);
        signs.len() < 3
    });
    assert!(loaded.is_err());
    assert_eq!(signs.len(), 3, "{signs:?}");
    assert!(signs[2] < 1.0, "{signs:?}");
}
