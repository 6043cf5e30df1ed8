//! What arrives at the endpoint, and the plain way of an answer.

use moa_core::{ChatEvent, ChatModel as _, FinishReason, Progress, Upstream};
use moa_openai::{Dialect, Endpoint, KeySource, ModelSettings, OpenAiModel};
use moa_testkit::{Mock, ReasoningForm, Rule, UsageAt};
use secrecy::SecretString;
use serde_json::json;

use crate::asking::{ask, model, one, request, rest_of, settings};

#[tokio::test]
async fn a_streamed_answer_comes_piece_by_piece() {
    let mock =
        Mock::builder().rule(Rule::any().answer("one two three").usage_tokens(11, 3)).start().await.unwrap();
    let mut endpoint = settings(&mock.base_url());
    endpoint.key = KeySource::Value(SecretString::from("sk-the-key"));
    let outcome = ask(&model(endpoint)).await;
    assert_eq!(outcome.events[0], ChatEvent::Progress(Progress::Waiting));
    let deltas = outcome.events.iter().filter(|event| matches!(event, ChatEvent::Delta { .. })).count();
    assert_eq!((outcome.text().as_str(), deltas), ("one two three", 3));
    let (finish_reason, usage) = outcome.end();
    assert_eq!(finish_reason, FinishReason::Stop);
    assert_eq!((usage.prompt_tokens, usage.completion_tokens, usage.estimated), (11, 3, false));
    let asked = &mock.log().requests()[0];
    assert!(asked.authorization.is_bearer("sk-the-key"));
    assert_eq!(asked.path, "/v1/chat/completions");
    assert!(asked.header("user-agent").unwrap().starts_with("moa/"));
    assert_eq!(asked.header("accept-encoding"), None);
    assert_eq!(
        asked.body,
        json!({
            "model": "asked-model", "stream": true, "stream_options": {"include_usage": true},
            "messages": [{"role": "user", "content": "Why is the sky blue?"}],
            "max_tokens": 64, "temperature": 0.7, "seed": 7,
        })
    );
}

#[tokio::test]
async fn a_whole_answer_is_asked_for_and_read() {
    let mock = Mock::builder().rule(Rule::any().answer("one two three")).start().await.unwrap();
    let settings = ModelSettings { stream: false, ..ModelSettings::new("here", "asked-model") };
    let model = OpenAiModel::new(&Endpoint::new(self::settings(&mock.base_url())), settings);
    let outcome = ask(&model).await;
    assert_eq!(outcome.text(), "one two three");
    assert!(!outcome.end().1.estimated);
    assert_eq!(mock.log().requests()[0].body["stream"], false);
}

#[tokio::test]
async fn reasoning_is_told_apart_in_both_spellings() {
    for form in [ReasoningForm::ReasoningContent, ReasoningForm::Reasoning] {
        let (_mock, model) = one(Rule::any().answer("Yes.").reasoning("Let me think.", form)).await;
        let outcome = ask(&model).await;
        assert_eq!((outcome.reasoning().as_str(), outcome.text().as_str()), ("Let me think.", "Yes."));
    }
}

#[tokio::test]
async fn usage_is_found_wherever_it_stands_and_estimated_where_it_does_not() {
    for at in [UsageAt::OwnChunk, UsageAt::FinishChunk, UsageAt::LastContent, UsageAt::EveryChunk] {
        let (_mock, model) = one(Rule::any().answer("one two").usage(at).usage_tokens(9, 2)).await;
        let usage = ask(&model).await.end().1;
        assert_eq!((usage.prompt_tokens, usage.completion_tokens, usage.estimated), (9, 2, false), "{at:?}");
    }
    let (_mock, model) = one(Rule::any().answer("one two").usage(UsageAt::Never)).await;
    let usage = ask(&model).await.end().1;
    assert!(usage.estimated && usage.prompt_tokens > 0 && usage.completion_tokens > 0);
}

#[tokio::test]
async fn tool_calls_arrive_whole() {
    for twice in [false, true] {
        let rule = Rule::any().tool_call("weather", "{\"city\": \"Rome\"}").tool_call("time", "{}");
        let (_mock, model) = one(rule.stream(|shape| shape.duplicate_tool_calls = twice)).await;
        let outcome = ask(&model).await;
        assert_eq!(outcome.end().0, FinishReason::ToolCalls);
        let calls = outcome.events.iter().filter_map(|event| match event {
            ChatEvent::ToolCall(call) => Some((call.name.as_str(), call.arguments.as_str())),
            _ => None,
        });
        let calls: Vec<_> = calls.collect();
        assert_eq!(calls, [("weather", "{\"city\": \"Rome\"}"), ("time", "{}")], "twice: {twice}");
    }
}

#[tokio::test]
async fn who_answers_is_told_as_far_as_the_endpoint_says() {
    let rule = Rule::any().answer("x").header("x-request-id", "req-7");
    let mut rule_of_other_model = rule.clone();
    rule_of_other_model.answer.model = Some("asked-model-2026-04-01".to_owned());
    let mock = Mock::builder().rule(rule_of_other_model).start().await.unwrap();
    let mut endpoint = settings(&mock.base_url());
    endpoint.is_replica = true;
    let outcome = ask(&model(endpoint)).await;
    let upstreams: Vec<&Upstream> = outcome
        .events
        .iter()
        .filter_map(|event| match event {
            ChatEvent::Upstream(upstream) => Some(upstream),
            _ => None,
        })
        .collect();
    let known =
        Upstream { model: None, replica: Some(mock.base_url()), request_id: Some("req-7".to_owned()) };
    let all = Upstream { model: Some("asked-model-2026-04-01".to_owned()), ..known.clone() };
    assert_eq!(upstreams, [&known, &all]);
}

#[tokio::test]
async fn azure_gets_the_key_in_its_own_header_and_own_headers_win() {
    let mock = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let mut endpoint = settings(&format!("{}?api-version=2026-01-01", mock.base_url()));
    endpoint.dialect = Dialect::Azure;
    endpoint.key = KeySource::Value(SecretString::from("azure-key-1"));
    endpoint.headers = vec![
        ("x-title".to_owned(), SecretString::from("moa tests")),
        ("User-Agent".to_owned(), SecretString::from("somebody else")),
    ];
    ask(&model(endpoint)).await.end();
    let asked = &mock.log().requests()[0];
    assert!(!asked.authorization.is_present());
    assert_eq!(asked.path, "/v1/chat/completions?api-version=2026-01-01");
    assert_eq!(asked.header("x-title"), Some("moa tests"));
    assert_eq!(asked.header("user-agent"), Some("somebody else"));
    assert_eq!(asked.body["max_completion_tokens"], 64);
}

#[tokio::test]
async fn a_hundred_questions_at_once_are_a_hundred_connections() {
    let (mock, model) = one(Rule::any().answer("x").hold(moa_testkit::Point::BeforeHead)).await;
    let asked: Vec<_> = (0..120).map(|_| rest_of(model.stream(request("Why?")))).collect();
    let all = futures::future::join_all(asked);
    let release = async {
        mock.all().held(120).await;
        mock.all().release();
    };
    let (outcomes, ()) = futures::join!(all, release);
    assert!(outcomes.iter().all(|outcome| outcome.text() == "x"));
}
