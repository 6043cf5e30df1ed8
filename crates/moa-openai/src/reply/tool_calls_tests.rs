use moa_core::{CallId, ChatRequest, Conversation, LayerIndex, Prompt, Sampling};
use serde_json::json;

use super::*;

fn key() -> ContentKey {
    let call = CallId { layer: LayerIndex(1), agent: 1 };
    ChatRequest::alone(call, Prompt::plain(Conversation::ask("x")), Sampling::default(), 1).key
}

fn finished(pieces: &[Value]) -> Vec<ToolCall> {
    let mut calls = ToolCalls::default();
    for piece in pieces {
        calls.push(piece);
    }
    calls.finish(&key())
}

fn piece(index: u64, arguments: &str) -> Value {
    json!([{"index": index, "function": {"arguments": arguments}}])
}

#[test]
fn pieces_find_their_call_by_index_whatever_their_order() {
    let calls = finished(&[
        json!([{"index": 1, "id": "b", "function": {"name": "two", "arguments": ""}}]),
        json!([{"index": 0, "id": "a", "function": {"name": "one", "arguments": "{\"x\""}}]),
        piece(1, "{}"),
        piece(0, ":1}"),
    ]);
    let shown: Vec<_> = calls.iter().map(|call| (call.name.as_str(), call.arguments.as_str())).collect();
    assert_eq!(shown, [("two", "{}"), ("one", "{\"x\":1}")]);
}

#[test]
fn arguments_that_came_once_too_often_are_mended() {
    let whole = "{\"x\": 11}";
    assert_eq!(settled(&["{\"x\"".into(), "{\"x\"".into(), ": 11}".into(), ": 11}".into()]), whole);
    assert_eq!(settled(&["{\"x\"".into(), ": 11}".into(), whole.into()]), whole);
    // Repetitions that belong there stay.
    assert_eq!(settled(&["[1".into(), "1".into(), "1".into(), "1]".into()]), "[1111]");
    // What is no JSON either way stays as the model wrote it.
    assert_eq!(settled(&["x".into(), "x".into()]), "xx");
}

#[test]
fn ids_that_are_missing_are_made_up_and_differ() {
    let calls = finished(&[json!([{"function": {"name": "a"}}, {"function": {"name": "b"}}])]);
    assert_eq!(calls.len(), 2);
    assert_ne!(calls[0].id, calls[1].id);
    assert!(
        calls
            .iter()
            .all(|call| call.id.len() == 9 && call.id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    );
}

#[test]
fn there_is_an_end_to_calls() {
    let many: Vec<Value> =
        (0..1000).map(|at| json!({"id": format!("c{at}"), "function": {"name": "a"}})).collect();
    assert_eq!(finished(&[Value::Array(many)]).len(), MAX_CALLS);
}
