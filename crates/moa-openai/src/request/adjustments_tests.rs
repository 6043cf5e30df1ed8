use serde_json::json;

use super::*;

fn body() -> Map<String, Value> {
    let body = json!({
        "model": "m", "messages": [], "max_tokens": 5, "temperature": 0.7, "seed": 1, "stop": ["x"],
        "stream_options": {"include_usage": true}
    });
    body.as_object().unwrap().clone()
}

fn learned(error: &Value) -> Option<Adjustments> {
    let mut adjustments = Adjustments::default();
    let refusal = ErrorBody::of(error);
    adjustments.learn(&refusal, &body(), MaxTokensField::Auto, Dialect::Generic).then_some(adjustments)
}

#[test]
fn the_other_spelling_of_max_tokens_is_learned_once() {
    let refusal = json!({"error": {
        "message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "type": "invalid_request_error", "param": "max_tokens", "code": "unsupported_parameter"
    }});
    let mut adjustments = learned(&refusal).unwrap();
    let field = adjustments.max_tokens_field(MaxTokensField::Auto, Dialect::Generic);
    assert_eq!(field, MaxTokensField::MaxCompletionTokens);
    let refusal = ErrorBody::of(&refusal);
    assert!(!adjustments.learn(&refusal, &body(), MaxTokensField::Auto, Dialect::Generic));
    // Who chose a spelling keeps it.
    let mut chosen = Adjustments::default();
    assert!(!chosen.learn(&refusal, &body(), MaxTokensField::MaxTokens, Dialect::Generic));
}

#[test]
fn fields_that_are_refused_are_left_out() {
    for (error, field) in [
        (
            json!({"error": {"message": "Unsupported value: 'temperature' does not support 0.7 with this model.",
                "param": "temperature", "code": "unsupported_value"}}),
            "temperature",
        ),
        (
            json!({"object": "error", "message": {"detail": [{"type": "extra_forbidden",
                "loc": ["body", "stream_options", "include_usage"], "msg": "Extra inputs are not permitted"}]}}),
            "stream_options",
        ),
        (json!({"error": "Unrecognized request argument supplied: `seed`"}), "seed"),
    ] {
        assert_eq!(learned(&error).unwrap().left_out(), [field]);
    }
}

#[test]
fn wrong_values_and_needed_fields_are_no_lesson() {
    for error in [
        json!({"error": {"message": "'temperature' must be at most 2", "param": "temperature"}}),
        json!({"error": {"message": "'stop' is not supported with this model", "param": "stop"}}),
        json!({"error": {"message": "'top_k' is not supported", "param": "top_k"}}),
        json!({"error": {"message": "something else is not supported"}}),
    ] {
        assert_eq!(learned(&error), None, "{error}");
    }
}

#[test]
fn only_what_a_reader_misses_is_told() {
    let mut adjustments = Adjustments::default();
    for field in ["temperature", "stream_options"] {
        let refusal = ErrorBody::of(&json!({"error": {"message": "not supported", "param": field}}));
        assert!(adjustments.learn(&refusal, &body(), MaxTokensField::Auto, Dialect::Generic));
    }
    assert_eq!(adjustments.missed(&body()), ["temperature"]);
}
