use moa_core::{CallId, ChatRequest, LayerIndex, Prompt, Sampling};
use proptest::prelude::*;

use super::*;

/// The events of bytes that arrive in pieces, and the failure that they end in.
fn decoded(bytes: &[u8], size: usize) -> (Vec<ChatEvent>, Option<Failure>) {
    let call = CallId { layer: LayerIndex(1), agent: 1 };
    let conversation = Conversation::ask("Why?");
    let prompt = Prompt::plain(conversation.clone());
    let key = ChatRequest::alone(call, prompt, Sampling::default(), 1).key;
    let mut decoder = ReplyDecoder::new("m", key, conversation);
    let mut events = Vec::new();
    for piece in bytes.chunks(size.max(1)) {
        if let Err(failure) = decoder.push(piece, &mut events) {
            return (events, Some(failure));
        }
    }
    let failure = decoder.finish(&mut events).err();
    (events, failure)
}

fn is_finished(events: &[ChatEvent]) -> bool {
    matches!(events.last(), Some(ChatEvent::Finished { .. }))
}

/// JSON that looks like a chunk, with anything in any place.
fn chunk() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("\"a\"".to_owned()),
        Just("\"\"".to_owned()),
        Just("7".to_owned()),
        Just("-1.5".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("[{\"index\":0,\"id\":\"x\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]".to_owned()),
        Just("[{\"type\":\"text\",\"text\":\"part\"}]".to_owned()),
        Just("{\"prompt_tokens\":3,\"completion_tokens\":1e99}".to_owned()),
        Just("\"stop\"".to_owned()),
    ];
    let field = prop::sample::select(vec![
        "content",
        "role",
        "reasoning",
        "reasoning_content",
        "reasoning_details",
        "refusal",
        "tool_calls",
        "function_call",
    ]);
    let outer =
        prop::sample::select(vec!["usage", "model", "error", "timings", "x_groq", "object", "detail"]);
    let turn = prop::collection::btree_map(field, leaf.clone(), 0..4);
    let outers = prop::collection::btree_map(outer, leaf.clone(), 0..2);
    (turn, outers, leaf.clone(), leaf).prop_map(|(turn, outers, finish, index)| {
        let joined = |fields: std::collections::BTreeMap<&str, String>| {
            fields.iter().map(|(name, value)| format!("{name:?}:{value}")).collect::<Vec<_>>().join(",")
        };
        let outers = joined(outers);
        let comma = if outers.is_empty() { "" } else { "," };
        let turn = joined(turn);
        format!("{{\"choices\":[{{\"index\":{index},\"delta\":{{{turn}}},\"finish_reason\":{finish}}}]{comma}{outers}}}")
    })
}

proptest! {
    #[test]
    fn streams_of_any_chunks_end_in_one_way(chunks in prop::collection::vec(chunk(), 0..8), is_done: bool, size in 1..50_usize) {
        let mut stream = chunks.iter().fold(String::new(), |stream, chunk| stream + "data: " + chunk + "\n\n");
        if is_done {
            stream.push_str("data: [DONE]\n\n");
        }
        let (events, failure) = decoded(stream.as_bytes(), size);
        prop_assert_eq!((&events, &failure), (&decoded(stream.as_bytes(), usize::MAX).0, &decoded(stream.as_bytes(), 1).1));
        let finishes = events.iter().filter(|event| matches!(event, ChatEvent::Finished { .. })).count();
        prop_assert_eq!(finishes, usize::from(failure.is_none()));
        for event in &events {
            if let ChatEvent::Delta { text, .. } | ChatEvent::Reasoning { text, .. } = event {
                prop_assert!(!text.is_empty());
            }
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1..20_usize) {
        let (events, failure) = decoded(&bytes, size);
        prop_assert!(failure.is_some() || is_finished(&events));
    }

    #[test]
    fn bytes_after_a_beginning_are_survived(
        start in prop::sample::select(vec!["data: {", "{\"choices\":[", "data: {\"choices\":[{\"delta\":{\"content\":\"", "\u{feff}data:"]),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        size in 1..20_usize,
    ) {
        let bytes = [start.as_bytes(), &bytes].concat();
        let (events, failure) = decoded(&bytes, size);
        prop_assert!(failure.is_some() || is_finished(&events));
    }
}
