//! What a client gets when nothing goes wrong.

use moa_testkit::{Chunks, FinishAt, Mock, ReasoningForm, RoleAt, Route, Rule, UsageAt};
use serde_json::{Value, json};

use crate::client::{ask, chat, content, events, exchange, http, stream_text, streamed};

async fn one(rule: Rule) -> Mock {
    Mock::builder().rule(rule).start().await.unwrap()
}

#[tokio::test]
async fn a_whole_answer_has_the_form_of_openai() {
    let mock = one(Rule::model("a").answer("hello world")).await;
    let response = ask(&mock, &chat("a", "say it")).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["model"], "a");
    assert_eq!(body["choices"][0]["message"], json!({ "role": "assistant", "content": "hello world" }));
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    assert_eq!(body["usage"]["prompt_tokens"], 2);
    assert_eq!(body["usage"]["completion_tokens"], 2);
    assert_eq!(body["usage"]["total_tokens"], 4);
}

#[tokio::test]
async fn several_choices_are_given_whole() {
    let mock = one(Rule::model("a").answer("hello world")).await;
    let mut several = chat("a", "say it");
    several["n"] = 3.into();
    let body: Value = ask(&mock, &several).await.json().await.unwrap();
    let choices = body["choices"].as_array().unwrap();
    assert_eq!(
        choices.iter().map(|choice| choice["index"].as_u64()).collect::<Vec<_>>(),
        [Some(0), Some(1), Some(2)]
    );
    assert!(choices.iter().all(|choice| choice["message"]["content"] == "hello world"), "{body}");
    assert_eq!(body["usage"]["completion_tokens"], 6);
}

#[tokio::test]
async fn a_stream_has_the_form_of_openai() {
    let mock = one(Rule::model("a").answer("one two three")).await;
    let response = ask(&mock, &streamed("a", "count")).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    let text = response.text().await.unwrap();
    assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
    let events = events(&text);
    let deltas: Vec<&Value> = events.iter().map(|event| &event["choices"][0]["delta"]).collect();
    assert_eq!(
        deltas,
        [
            &json!({ "role": "assistant", "content": "" }),
            &json!({ "content": "one" }),
            &json!({ "content": " two" }),
            &json!({ "content": " three" }),
            &json!({}),
        ]
    );
    assert_eq!(events[4]["choices"][0]["finish_reason"], "stop");
    assert!(events.iter().all(|event| event["id"] == events[0]["id"] && event.get("usage").is_none()));
}

#[tokio::test]
async fn usage_comes_where_it_is_asked_for() {
    let mut body = streamed("a", "count");
    body["stream_options"] = json!({ "include_usage": true });
    let usages = |text: String| -> Vec<Option<u64>> {
        events(&text).iter().map(|event| event["usage"]["completion_tokens"].as_u64()).collect()
    };
    let own = one(Rule::any().answer("one two")).await;
    let text = stream_text(&own, &body).await;
    assert_eq!(events(&text)[4]["choices"], json!([]));
    assert!(events(&text)[0]["usage"].is_null() && events(&text)[0].get("usage").is_some());
    assert_eq!(usages(text), [None, None, None, None, Some(2)]);
    let cases = [
        (UsageAt::Never, vec![None, None, None, None]),
        (UsageAt::FinishChunk, vec![None, None, None, Some(2)]),
        (UsageAt::LastContent, vec![None, None, Some(2), None]),
        (UsageAt::EveryChunk, vec![Some(0), Some(1), Some(2), Some(2)]),
    ];
    for (at, expected) in cases {
        let mock = one(Rule::any().answer("one two").usage(at)).await;
        assert_eq!(usages(stream_text(&mock, &body).await), expected, "{at:?}");
    }
    let told = one(Rule::any().answer("one two").usage(UsageAt::OwnChunk).usage_tokens(70, 90)).await;
    let text = stream_text(&told, &streamed("a", "unasked")).await;
    assert_eq!(events(&text)[4]["usage"]["total_tokens"], 160);
}

#[tokio::test]
async fn echo_and_lorem_make_texts() {
    let echo = one(Rule::any().echo()).await;
    let body = json!({ "model": "m", "messages": [
        { "role": "user", "content": "first" },
        { "role": "user", "content": [{ "type": "text", "text": "as  parts, " }, { "type": "text", "text": "kept" }] },
    ]});
    let answer: Value = ask(&echo, &body).await.json().await.unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], "as  parts, kept");
    let lorem = one(Rule::any().lorem(50)).await;
    let text = content(&events(&stream_text(&lorem, &streamed("m", "x")).await));
    assert_eq!(text.split(' ').count(), 50);
}

#[tokio::test]
async fn the_requests_limit_of_tokens_is_obeyed() {
    let mock = one(Rule::model("a").answer("one two three four")).await;
    let mut body = chat("a", "x");
    body["max_tokens"] = 3.into();
    let answer: Value = ask(&mock, &body).await.json().await.unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], "one two three");
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    body["max_completion_tokens"] = 1.into();
    let answer: Value = ask(&mock, &body).await.json().await.unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], "one");
}

#[tokio::test]
async fn thoughts_come_in_each_form() {
    let fields =
        [(ReasoningForm::ReasoningContent, "reasoning_content"), (ReasoningForm::Reasoning, "reasoning")];
    for (form, field) in fields {
        let mock = one(Rule::any().answer("yes").reasoning("let me see", form)).await;
        let whole: Value = ask(&mock, &chat("a", "x")).await.json().await.unwrap();
        assert_eq!(whole["choices"][0]["message"][field], "let me see");
        assert_eq!(whole["usage"]["completion_tokens_details"]["reasoning_tokens"], 3);
        let events = events(&stream_text(&mock, &streamed("a", "x")).await);
        let thoughts: String =
            events.iter().filter_map(|event| event["choices"][0]["delta"][field].as_str()).collect();
        assert_eq!(thoughts, "let me see");
        assert_eq!(content(&events), "yes");
    }
    let think = one(Rule::any().answer("yes").reasoning("let me see", ReasoningForm::Think)).await;
    let text = content(&events(&stream_text(&think, &streamed("a", "x")).await));
    assert_eq!(text, "<think>\nlet me see\n</think>\n\nyes");
}

#[tokio::test]
async fn functions_are_called_in_pieces_and_twice_if_told() {
    let rule = Rule::any().tool_call("weather", r#"{"city": "Rome"}"#).tool_call("time", "{}");
    let mock = one(rule.clone()).await;
    let whole: Value = ask(&mock, &chat("a", "x")).await.json().await.unwrap();
    assert_eq!(whole["choices"][0]["finish_reason"], "tool_calls");
    assert!(whole["choices"][0]["message"]["content"].is_null());
    assert_eq!(
        whole["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"],
        r#"{"city": "Rome"}"#
    );
    let arguments = |events: &[Value]| -> Vec<(u64, String)> {
        let calls = events.iter().filter_map(|event| event["choices"][0]["delta"]["tool_calls"].as_array());
        calls
            .map(|calls| {
                let arguments = calls[0]["function"]["arguments"].as_str().unwrap();
                (calls[0]["index"].as_u64().unwrap(), arguments.to_owned())
            })
            .collect()
    };
    let once = arguments(&events(&stream_text(&mock, &streamed("a", "x")).await));
    let pieces = [(0, ""), (0, "{\"city\":"), (0, " \"Rome\"}"), (1, ""), (1, "{}")];
    assert_eq!(once, pieces.map(|(index, text)| (index, text.to_owned())));
    let twice = one(rule.stream(|stream| stream.duplicate_tool_calls = true)).await;
    let twice = arguments(&events(&stream_text(&twice, &streamed("a", "x")).await));
    assert_eq!(twice, once.iter().flat_map(|piece| [piece.clone(), piece.clone()]).collect::<Vec<_>>());
}

#[tokio::test]
async fn chunks_can_be_cut_otherwise() {
    let deltas = |text: String| -> Vec<Value> {
        events(&text).into_iter().map(|mut event| event["choices"][0]["delta"].take()).collect()
    };
    let whole = one(Rule::any().answer("one two three").one_chunk().stream(|s| s.role = RoleAt::Never)).await;
    let text = stream_text(&whole, &streamed("a", "x")).await;
    assert_eq!(deltas(text), [json!({ "content": "one two three" }), json!({})]);
    let pairs = one(Rule::any().answer("one two three").stream(|stream| {
        stream.chunks = Chunks::Tokens(2);
        stream.role = RoleAt::FirstChunk;
        stream.finish = FinishAt::LastChunk;
    }))
    .await;
    let text = stream_text(&pairs, &streamed("a", "x")).await;
    assert_eq!(events(&text)[1]["choices"][0]["finish_reason"], "stop");
    assert_eq!(
        deltas(text),
        [json!({ "content": "one two", "role": "assistant" }), json!({ "content": " three" })]
    );
}

#[tokio::test]
async fn models_are_listed() {
    let mock =
        Mock::builder().rule(Rule::model("b")).rule(Rule::model("org/a")).rule(Rule::any()).start().await;
    let mock = mock.unwrap();
    let get = async |path: &str| http().get(format!("{}{path}", mock.base_url())).send().await.unwrap();
    let list: Value = get("/models").await.json().await.unwrap();
    let ids: Vec<&Value> = list["data"].as_array().unwrap().iter().map(|model| &model["id"]).collect();
    assert_eq!(ids, ["b", "org/a"]);
    let single: Value = get("/models/org/a").await.json().await.unwrap();
    assert_eq!(single["id"], "org/a");
    assert_eq!(get("/models/c").await.status(), 404);
    assert_eq!(get("/embeddings").await.status(), 404);
    mock.set_rules([Rule::route(Route::Models).status(500)]);
    assert_eq!(get("/models").await.status(), 500);
}

#[tokio::test]
async fn wrong_requests_are_refused_in_the_form_of_openai() {
    let mock = one(Rule::any().answer("x")).await;
    let mut several = streamed("a", "x");
    several["n"] = 2.into();
    let mut none = chat("a", "x");
    none["n"] = 0.into();
    for body in [several, none, json!({ "model": "a" }), json!({ "messages": [] }), json!([])] {
        let response = ask(&mock, &body).await;
        assert_eq!(response.status(), 400, "{body}");
        let error: Value = response.json().await.unwrap();
        assert_eq!(error["error"]["type"], "invalid_request_error");
    }
    let none = Mock::builder().start().await.unwrap();
    let error: Value = ask(&none, &chat("a", "x")).await.json().await.unwrap();
    assert_eq!(error["error"]["code"], "mock_no_rule");
}

#[tokio::test]
async fn equal_scripts_and_requests_give_equal_bytes() {
    let start = |seed| Mock::builder().seed(seed).rule(Rule::any().lorem(30)).start();
    let (one, same, other) = (start(7).await.unwrap(), start(7).await.unwrap(), start(8).await.unwrap());
    let (a, b) = (streamed("a", "first"), streamed("a", "second"));
    let first = exchange(&one, &a).await;
    let second = exchange(&one, &b).await;
    assert_ne!(first.0, second.0);
    // The order of arrival does not matter, nor that the request comes again.
    assert_eq!(exchange(&same, &b).await, second);
    assert_eq!(exchange(&same, &a).await, first);
    assert_eq!(exchange(&one, &a).await, first);
    assert_ne!(exchange(&other, &a).await.0, first.0);
}

#[tokio::test]
async fn rules_are_chosen_by_model_number_header_prompt_and_kind() {
    let mock = Mock::builder()
        .rule(Rule::model("a").answer("twice").times(2))
        .rule(Rule::model("a").answer("fourth").number(2))
        .rule(Rule::model("qwen*").answer("pattern"))
        .rule(Rule::any().when_header("X-Attempt", "2*").answer("header"))
        .rule(Rule::any().when_prompt_contains("needle").answer("prompt"))
        .rule(Rule::any().when_stream(true).answer("stream"))
        .rule(Rule::any().answer("rest"))
        .start()
        .await
        .unwrap();
    let said = async |body: &Value, header: &str| -> String {
        let request = http().post(format!("{}/chat/completions", mock.base_url())).json(body);
        let answer: Value = request.header("x-attempt", header).send().await.unwrap().json().await.unwrap();
        answer["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    };
    let mut texts = Vec::new();
    for _ in 0..5 {
        texts.push(said(&chat("a", "x"), "0").await);
    }
    // The third request is the first that gets to the second rule.
    assert_eq!(texts, ["twice", "twice", "rest", "fourth", "rest"]);
    assert_eq!(said(&chat("qwen-2.5", "x"), "0").await, "pattern");
    assert_eq!(said(&chat("b", "x"), "21").await, "header");
    assert_eq!(said(&chat("b", "a needle here"), "0").await, "prompt");
    assert_eq!(content(&events(&stream_text(&mock, &streamed("b", "x")).await)), "stream");
}
