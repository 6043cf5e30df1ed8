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

#[test]
fn log_probabilities_come_before_the_text_that_they_are_of_and_nonsense_in_them_is_passed_over() {
    let logprobs = r#"{"content": [{"token": "m", "logprob": -0.5, "bytes": [109], "top_logprobs": [
        {"token": "m", "logprob": -0.5}, {"token": 7}, {"token": "M", "logprob": -1.25}]}, 3]}"#;
    let chunk = format!(
        r#"{{"choices": [{{"index": 0, "delta": {{"content": "m"}}, "logprobs": {logprobs}, "finish_reason": "length"}}]}}"#
    );
    let stream = format!("data: {}\n\ndata: [DONE]\n\n", chunk.replace('\n', " "));
    let whole = chunk.replace("delta", "message");
    for bytes in [stream.as_bytes(), whole.as_bytes()] {
        let (events, failure) = decoded(bytes, 7);
        assert_eq!(failure, None);
        let places: Vec<usize> = ["Logprobs", "Delta"]
            .iter()
            .map(|kind| events.iter().position(|event| format!("{event:?}").starts_with(kind)).unwrap())
            .collect();
        assert!(places[0] < places[1], "{events:?}");
        let Some(ChatEvent::Logprobs(told)) = events.get(places[0]) else { panic!("{events:?}") };
        assert_eq!(told.len(), 1);
        let likely: Vec<(&str, f64)> =
            told[0].top_logprobs.iter().map(|of| (of.token.as_str(), of.logprob)).collect();
        assert_eq!(likely, [("m", -0.5), ("M", -1.25)]);
    }
}
