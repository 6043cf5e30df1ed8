use std::sync::Arc;

use moa_core::{CallId, LayerIndex, Prompt, Sampling, Tools};

use super::*;
use crate::dialect::MaxTokensField;

fn request(sampling: Sampling) -> ChatRequest {
    let call = CallId { layer: LayerIndex(1), agent: 1 };
    ChatRequest::alone(call, Prompt::plain(Conversation::ask("Why?")), sampling, 512)
}

fn everything() -> ChatRequest {
    let mut request = request(Sampling {
        temperature: 0.7,
        top_p: Some(0.9),
        top_k: Some(40),
        min_p: Some(0.05),
        repeat_penalty: Some(1.1),
        frequency_penalty: Some(0.5),
        presence_penalty: Some(-0.5),
        seed: Some(u64::MAX - 1),
        stop: vec!["END".to_owned()],
    });
    request.tools = Some(Arc::new(Tools {
        tools: vec![json!({"type": "function", "function": {"name": "weather"}})],
        tool_choice: Some(json!("auto")),
        parallel_tool_calls: Some(false),
    }));
    request.response_format = Some(Arc::new(json!({"type": "json_object"})));
    request
}

fn body(model: &ModelSettings, dialect: Dialect, request: &ChatRequest) -> Map<String, Value> {
    let conversation = request.prompt.render().unwrap();
    Question { model, dialect, request, conversation: &conversation }.body(&Adjustments::default())
}

#[test]
fn each_dialect_gets_the_fields_that_it_knows() {
    let model = ModelSettings::new("m", "vendor/m");
    let mut lines = Vec::new();
    for dialect in
        [Dialect::OpenAi, Dialect::Together, Dialect::LlamaServer, Dialect::Mistral, Dialect::Generic]
    {
        let body = Value::from(body(&model, dialect, &everything()));
        lines.push(format!("{dialect:?} {body:#}"));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_is_not_set_is_not_sent() {
    let model = ModelSettings { stream: false, ..ModelSettings::new("m", "m") };
    let body = body(&model, Dialect::Generic, &request(Sampling::default()));
    let fields: Vec<&str> = body.keys().map(String::as_str).collect();
    assert_eq!(fields, ["max_tokens", "messages", "model", "stream", "temperature"]);
    assert_eq!(body["temperature"].to_string(), "0.7");
    assert_eq!(body["stream"], false);
}

#[test]
fn tools_without_any_are_left_out() {
    let mut request = request(Sampling::default());
    request.tools = Some(Arc::new(Tools {
        tools: Vec::new(),
        tool_choice: Some(json!("none")),
        parallel_tool_calls: None,
    }));
    let body = body(&ModelSettings::new("m", "m"), Dialect::Generic, &request);
    assert!(!body.contains_key("tools") && !body.contains_key("tool_choice"));
}

#[test]
fn the_configuration_has_the_last_word() {
    let mut model = ModelSettings::new("m", "m");
    let extra = json!({"reasoning_effort": "low", "temperature": null, "stream_options": {"a": 1}});
    model.extra_body = extra.as_object().unwrap().clone();
    model.max_tokens_field = MaxTokensField::MaxCompletionTokens;
    let body = body(&model, Dialect::Generic, &request(Sampling::default()));
    assert_eq!(body["reasoning_effort"], "low");
    assert_eq!(body["stream_options"], json!({"a": 1}));
    assert!(!body.contains_key("temperature") && !body.contains_key("max_tokens"));
    assert_eq!(body["max_completion_tokens"], 512);
}

#[test]
fn seeds_fit_into_what_services_read_and_differ() {
    assert_eq!(folded(42), 42);
    assert_eq!(folded(LARGEST_SEED), LARGEST_SEED);
    let seeds: Vec<u64> = (0..100).map(|at| folded(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(at + 1))).collect();
    assert!(seeds.iter().all(|seed| *seed <= LARGEST_SEED));
    let distinct: std::collections::BTreeSet<_> = seeds.iter().collect();
    assert_eq!(distinct.len(), seeds.len());
}

#[test]
fn what_a_dialect_has_no_field_for_is_told() {
    let (model, request) = (ModelSettings::new("m", "m"), everything());
    let conversation = request.prompt.render().unwrap();
    let missed = |dialect| {
        let question = Question { model: &model, dialect, request: &request, conversation: &conversation };
        question.missed(&Adjustments::default())
    };
    assert_eq!(missed(Dialect::OpenAi), ["top_k", "min_p", "repeat_penalty"]);
    assert_eq!(missed(Dialect::Vllm), Vec::<&str>::new());
}

#[test]
fn log_probabilities_are_asked_for_only_where_they_are_wanted() {
    let model = ModelSettings::new("m", "m");
    let mut request = request(Sampling::default());
    assert!(!body(&model, Dialect::Generic, &request).contains_key("logprobs"));
    request.wants_certainty = true;
    let asked = body(&model, Dialect::Generic, &request);
    assert_eq!((asked.get("logprobs"), asked.get("top_logprobs")), (Some(&json!(true)), None));
    request.top_logprobs = Some(5);
    let body = body(&model, Dialect::Generic, &request);
    assert_eq!((&body["logprobs"], &body["top_logprobs"]), (&json!(true), &json!(5)));
}
