//! Answers that must have a form.

use std::sync::Arc;

use moa_core::{ChatRequest, FailureKind, FinishReason, Sampling};
use serde_json::{Value, json};

use crate::harness::{ask, request, shared_model, turn};

fn formed(question: &str, format: Value, sampling: Sampling) -> ChatRequest {
    ChatRequest { response_format: Some(Arc::new(format)), ..request(question, 120, sampling) }
}

#[test]
fn an_answer_keeps_to_its_schema_however_it_is_sampled() {
    let _turn = turn();
    let model = shared_model();
    let schema = json!({
        "type": "object",
        "properties": {
            "colour": {"enum": ["red", "green", "blue"]},
            "count": {"type": "integer", "minimum": 0},
            "names": {"type": "array", "items": {"type": "string", "maxLength": 12}, "minItems": 1, "maxItems": 2},
        },
        "required": ["colour", "count", "names"],
        "additionalProperties": false,
    });
    let format =
        json!({"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema": schema}});
    let hot = |seed| Sampling {
        temperature: 1.5,
        seed: Some(seed),
        repeat_penalty: Some(1.1),
        ..Sampling::default()
    };
    for sampling in [Sampling::greedy(), hot(1), hot(2)] {
        let answer = ask(&model, formed("Tell me a story about a dog.", format.clone(), sampling));
        assert_eq!(answer.reason(), FinishReason::Stop, "{answer:?}");
        let value: Value = serde_json::from_str(&answer.text).unwrap();
        assert!(["red", "green", "blue"].contains(&value["colour"].as_str().unwrap()), "{value}");
        assert!(value["count"].is_u64(), "{value}");
        let names = value["names"].as_array().unwrap();
        assert!((1..=2).contains(&names.len()) && names.iter().all(Value::is_string), "{value}");
        assert_eq!(value.as_object().unwrap().len(), 3);
    }
}

#[test]
fn an_object_is_an_object_and_without_a_form_the_answer_is_free() {
    let _turn = turn();
    let model = shared_model();
    let question = "What is the capital of France? Answer as JSON with the key 'capital'.";
    let answer = ask(&model, formed(question, json!({"type": "json_object"}), Sampling::greedy()));
    assert!(serde_json::from_str::<Value>(&answer.text).unwrap().is_object(), "{answer:?}");
    let free = ask(&model, formed("Say hello.", json!({"type": "text"}), Sampling::greedy()));
    assert!(serde_json::from_str::<Value>(&free.text).is_err(), "{free:?}");
}

#[test]
fn a_form_that_cannot_be_kept_is_an_invalid_request() {
    let _turn = turn();
    let format =
        json!({"type": "json_schema", "json_schema": {"schema": {"type": "string", "pattern": "^a+$"}}});
    let answer = ask(&shared_model(), formed("Hello!", format, Sampling::greedy()));
    let failure = answer.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::InvalidRequest);
    assert!(failure.message.contains("pattern"), "{failure}");
}
