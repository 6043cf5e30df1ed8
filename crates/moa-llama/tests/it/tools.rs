//! Tools that a model calls.

use std::sync::Arc;

use moa_core::{ChatEvent, ChatRequest, FailureKind, FinishReason, Sampling, Tools};
use serde_json::{Value, json};

use crate::harness::{ask, request, shared_model, turn};

fn offering(question: &str, choice: Value, sampling: Sampling) -> ChatRequest {
    let parameters = json!({
        "type": "object", "properties": {"city": {"enum": ["Rome", "Oslo"]}, "days": {"type": "integer", "minimum": 0}},
        "required": ["city", "days"], "additionalProperties": false
    });
    let weather = json!({"type": "function", "function": {"name": "weather", "description": "Tells the weather.", "parameters": parameters}});
    let tools = Tools { tools: vec![weather], tool_choice: Some(choice), parallel_tool_calls: Some(false) };
    ChatRequest { tools: Some(Arc::new(tools)), ..request(question, 120, sampling) }
}

#[test]
fn a_call_that_is_demanded_is_made_in_its_form_however_it_is_sampled() {
    let _turn = turn();
    let model = shared_model();
    let hot = |seed| Sampling { temperature: 1.5, seed: Some(seed), ..Sampling::default() };
    for sampling in [Sampling::greedy(), hot(1), hot(2)] {
        let answer = ask(&model, offering("Tell me a story about a dog.", json!("required"), sampling));
        assert_eq!(answer.reason(), FinishReason::ToolCalls, "{answer:?}");
        assert_eq!(answer.text, "", "{answer:?}");
        let calls = answer.events.iter().filter_map(|event| match event {
            ChatEvent::ToolCall(call) => Some(call),
            _ => None,
        });
        let [call] = calls.collect::<Vec<_>>()[..] else { panic!("{answer:?}") };
        let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
        assert!(call.name == "weather" && !call.id.is_empty());
        assert!(["Rome", "Oslo"].contains(&arguments["city"].as_str().unwrap()), "{arguments}");
        assert!(arguments["days"].is_u64() && arguments.as_object().unwrap().len() == 2, "{arguments}");
    }
}

#[test]
fn tools_that_may_not_be_called_change_nothing() {
    let _turn = turn();
    let model = shared_model();
    let question = "What is the capital of France?";
    let alone = ask(&model, request(question, 120, Sampling::greedy()));
    let offered = ask(&model, offering(question, json!("none"), Sampling::greedy()));
    assert_eq!((&alone.text, alone.usage().prompt_tokens), (&offered.text, offered.usage().prompt_tokens));
}

#[test]
fn tools_that_cannot_be_offered_are_an_invalid_request() {
    let _turn = turn();
    let answer = ask(&shared_model(), offering("Hello!", json!("sometimes"), Sampling::greedy()));
    let failure = answer.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::InvalidRequest);
    assert!(failure.message.contains("tool_choice"), "{failure}");
}
