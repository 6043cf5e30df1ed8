//! `POST /v1/responses`.

use moa_testkit::Rule;
use serde_json::{Value, json};

use crate::fixture::{Fixture, agreeing, json_of, refusal};

fn body(more: Value) -> Value {
    let mut body = json!({"model": "trio", "input": "Is it so?"});
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    body
}

/// The events of a stream: their names and their data, which name them too.
async fn events(fixture: &Fixture, body: &Value) -> Vec<Value> {
    let response = fixture.post("/v1/responses", body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    let frames = text.split("\n\n").filter(|frame| !frame.is_empty());
    let events: Vec<Value> = frames
        .map(|frame| {
            let (name, data) = frame.split_once('\n').unwrap();
            let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
            assert_eq!(data["type"], name.strip_prefix("event: ").unwrap());
            data
        })
        .collect();
    let numbers = events.iter().map(|event| event["sequence_number"].as_u64().unwrap());
    assert!(numbers.eq(0..events.len() as u64), "{events:?}");
    events
}

#[tokio::test]
async fn a_response_is_the_answer_of_the_mixture() {
    let fixture = Fixture::new(agreeing()).await;
    let asked = body(json!({"instructions": "Be brief.", "max_output_tokens": 9, "metadata": {"a": "b"}}));
    let response = json_of(fixture.post("/v1/responses", &asked).send().await.unwrap()).await;
    assert!(response["id"].as_str().unwrap().starts_with("resp_"));
    assert_eq!(
        (&response["object"], &response["status"], &response["model"]),
        (&json!("response"), &json!("completed"), &json!("trio"))
    );
    let message = &response["output"][0];
    assert_eq!((&message["type"], &message["role"]), (&json!("message"), &json!("assistant")));
    assert_eq!(message["content"][0]["text"], "All agree.");
    assert_eq!((&response["instructions"], &response["metadata"]["a"]), (&json!("Be brief."), &json!("b")));
    let usage = &response["usage"];
    assert_eq!(
        usage["total_tokens"].as_u64().unwrap(),
        usage["input_tokens"].as_u64().unwrap() + usage["output_tokens"].as_u64().unwrap()
    );
    let sent = fixture.mock.log().requests().of_model("z")[0].body.clone();
    assert!(sent.to_string().contains("Be brief."));
    assert_eq!(sent.get("max_tokens").or(sent.get("max_completion_tokens")), Some(&json!(9)));
}

#[tokio::test]
async fn a_conversation_with_an_image_and_a_form_is_asked() {
    let fixture = Fixture::new(agreeing()).await;
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]});
    let asked = body(json!({
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "Look."},
                {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "A cat.", "annotations": []}]},
            {"role": "user", "content": "Sure?"},
        ],
        "text": {"format": {"type": "json_schema", "name": "x", "strict": true, "schema": schema}},
    }));
    assert_eq!(fixture.post("/v1/responses", &asked).send().await.unwrap().status(), 200);
    let sent = fixture.mock.log().requests().of_model("z")[0].body.clone();
    assert_eq!(sent["response_format"]["json_schema"]["schema"]["required"], json!(["a"]));
    let text = sent["messages"].to_string();
    for part in ["Look.", "data:image/png;base64,AAAA", "A cat.", "Sure?"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn a_stream_has_its_events_in_their_order() {
    let fixture = Fixture::new(agreeing()).await;
    let events = events(&fixture, &body(json!({"stream": true}))).await;
    let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds[..4],
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added"
        ]
    );
    assert_eq!(
        kinds[kinds.len() - 4..],
        [
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed"
        ]
    );
    let deltas: String = events.iter().filter_map(|event| event["delta"].as_str()).collect();
    assert_eq!(deltas, "All agree.");
    let last = &events.last().unwrap()["response"];
    assert_eq!(last["output"][0]["content"][0]["text"], "All agree.");
    assert!(last["usage"]["total_tokens"].as_u64().unwrap() > 0);
    assert_eq!(last["id"], events[0]["response"]["id"]);
}

#[tokio::test]
async fn an_answer_that_is_cut_or_breaks_says_so() {
    let fixture = Fixture::new([
        Rule::model("a").finish_reason("length").answer("It is"),
        Rule::model("z").answer("All of us agree entirely.").error_before_chunk(3),
        Rule::any().answer("It is so."),
    ])
    .await;
    let cut =
        json_of(fixture.post("/v1/responses", &body(json!({"model": "a"}))).send().await.unwrap()).await;
    assert_eq!(
        (&cut["status"], &cut["incomplete_details"]["reason"]),
        (&json!("incomplete"), &json!("max_output_tokens"))
    );
    let broken = events(&fixture, &body(json!({"stream": true}))).await;
    let last = broken.last().unwrap();
    assert_eq!(
        (&last["type"], &last["response"]["error"]["code"]),
        (&json!("response.failed"), &json!("aggregator_failed"))
    );
}

#[tokio::test]
async fn what_is_not_supported_is_refused_by_its_own_name() {
    let fixture = Fixture::new([]).await;
    for (more, param) in [
        (json!({"previous_response_id": "resp_1"}), "previous_response_id"),
        (json!({"tools": [{"type": "web_search"}]}), "tools"),
        (json!({"background": true}), "background"),
        (json!({"input": 7}), "input"),
        (json!({"input": []}), "input"),
        (json!({"input": [{"type": "function_call_output"}]}), "input[0]"),
        (json!({"input": [{"role": "nobody", "content": "x"}]}), "input[0].role"),
        (json!({"input": [{"role": "user", "content": [{"type": "input_file"}]}]}), "input[0].content[0]"),
        (json!({"max_output_tokens": 0}), "max_output_tokens"),
        (json!({"model": "nobody"}), "model"),
    ] {
        let asked = body(more);
        let (status, error) = refusal(fixture.post("/v1/responses", &asked).send().await.unwrap()).await;
        assert!((400..=404).contains(&status), "{asked}");
        assert_eq!(error["param"], param, "{asked}: {error}");
    }
    for (path, word) in [("/v1/completions", "/v1/chat/completions"), ("/v1/embeddings", "embeddings")] {
        let (status, error) = refusal(fixture.post(path, &json!({})).send().await.unwrap()).await;
        assert_eq!(status, 404);
        assert!(error["message"].as_str().unwrap().contains(word), "{error}");
    }
}
