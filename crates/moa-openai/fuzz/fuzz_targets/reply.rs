//! A reply gives the same events however it is cut, and ends in one way. The last byte is the size of the pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use moa_core::{CallId, ChatEvent, ChatRequest, Conversation, Failure, LayerIndex, Prompt, Sampling};
use moa_openai::ReplyDecoder;

fn decoded(bytes: &[u8], piece_bytes: usize) -> (Vec<ChatEvent>, Option<Failure>) {
    let conversation = Conversation::ask("Why?");
    let call = CallId { layer: LayerIndex(1), agent: 1 };
    let key = ChatRequest::alone(call, Prompt::plain(conversation.clone()), Sampling::default(), 1).key;
    let mut decoder = ReplyDecoder::new("m", key, conversation);
    let mut events = Vec::new();
    for piece in bytes.chunks(piece_bytes) {
        if let Err(failure) = decoder.push(piece, &mut events) {
            return (events, Some(failure));
        }
    }
    let failure = decoder.finish(&mut events).err();
    (events, failure)
}

fn is_finish(event: &ChatEvent) -> bool {
    matches!(event, ChatEvent::Finished { .. })
}

fuzz_target!(|bytes: &[u8]| {
    let Some((size, reply)) = bytes.split_last() else { return };
    let (events, failure) = decoded(reply, usize::from(*size).max(1));
    assert_eq!((&events, &failure), (&decoded(reply, 1).0, &decoded(reply, 1).1));
    assert_eq!(events.iter().filter(|event| is_finish(event)).count(), usize::from(failure.is_none()));
    assert!(failure.is_some() || events.last().is_some_and(is_finish));
    for event in &events {
        if let ChatEvent::Delta { text, .. } | ChatEvent::Reasoning { text, .. } = event {
            assert!(!text.is_empty());
        }
    }
});
