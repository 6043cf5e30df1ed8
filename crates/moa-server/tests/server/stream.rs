//! Streams, chunk by chunk.

use moa_config::ReasoningField;
use moa_testkit::{Point, Rule};
use serde_json::{Value, json};

use crate::fixture::{Fixture, agreeing, frames, refusal};

async fn stream(fixture: &Fixture, model: &str, more: Value) -> (Vec<Value>, bool) {
    let mut fields = json!({"stream": true});
    if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
        fields.extend(more);
    }
    let response = fixture.ask(model, fields).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    assert_eq!(response.headers()["cache-control"], "no-cache");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    assert!(response.headers().contains_key("x-request-id"));
    frames(&response.text().await.unwrap())
}

fn joined(chunks: &[Value], key: &str) -> String {
    chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"][key].as_str()).collect()
}

#[tokio::test]
async fn chunks_have_the_shape_that_clients_rely_on() {
    let fixture = Fixture::new(agreeing()).await;
    let (chunks, is_done) = stream(&fixture, "trio", json!({})).await;
    assert!(is_done);
    for chunk in &chunks {
        assert_eq!(chunk["object"], "chat.completion.chunk");
        assert_eq!((&chunk["id"], &chunk["created"]), (&chunks[0]["id"], &chunks[0]["created"]));
        assert_eq!(chunk["model"], "trio");
        assert!(chunk.get("error").is_none() && chunk.get("usage").is_none());
        assert_eq!(chunk["choices"].as_array().unwrap().len(), 1);
    }
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(joined(&chunks, "content"), "All agree.");
    let thoughts = joined(&chunks, "reasoning_content");
    for agent in ["a]", "b]", "c]"] {
        assert!(thoughts.contains(agent), "{thoughts}");
    }
    let last = chunks.last().unwrap();
    assert_eq!(
        (&last["choices"][0]["delta"], &last["choices"][0]["finish_reason"]),
        (&json!({}), &json!("stop"))
    );
}

#[tokio::test]
async fn the_usage_has_a_chunk_of_its_own_for_those_who_want_it() {
    let fixture = Fixture::new(agreeing()).await;
    let (chunks, is_done) =
        stream(&fixture, "trio", json!({"stream_options": {"include_usage": true}})).await;
    assert!(is_done);
    let (last, others) = chunks.split_last().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert!(last["usage"]["total_tokens"].as_u64().unwrap() > 0);
    assert_eq!(last["usage"]["moa"]["layers"].as_array().unwrap().len(), 2);
    assert!(others.iter().all(|chunk| chunk["usage"].is_null() && chunk.get("usage").is_some()));
}

#[tokio::test]
async fn the_proposals_can_have_the_newer_field_or_none() {
    for (field, key, is_there) in
        [(ReasoningField::Reasoning, "reasoning", true), (ReasoningField::Off, "reasoning_content", false)]
    {
        let fixture = Fixture::with(agreeing(), |settings| settings.reasoning = field).await;
        let (chunks, _) = stream(&fixture, "trio", json!({})).await;
        assert_eq!(!joined(&chunks, key).is_empty(), is_there, "{key}");
        assert_eq!(joined(&chunks, "content"), "All agree.");
    }
}

#[tokio::test]
async fn a_tool_call_and_several_choices_are_streamed_too() {
    let fixture =
        Fixture::new([Rule::model("z").tool_call("look", "{\"at\":1}"), Rule::any().answer("It is so.")])
            .await;
    let tool = json!({"type": "function", "function": {"name": "look"}});
    let (chunks, is_done) = stream(&fixture, "trio", json!({"n": 2, "tools": [tool]})).await;
    assert!(is_done);
    for choice in [0, 1] {
        let of_choice: Vec<&Value> =
            chunks.iter().filter(|chunk| chunk["choices"][0]["index"] == choice).collect();
        let called =
            of_choice.iter().find_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"].get(0)).unwrap();
        assert_eq!((&called["index"], &called["function"]["arguments"]), (&json!(0), &json!("{\"at\":1}")));
        assert_eq!(of_choice.last().unwrap()["choices"][0]["finish_reason"], "tool_calls");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_says_so_in_one_event_and_has_no_done() {
    let fixture = Fixture::new([
        Rule::model("z").answer("All of us agree entirely.").error_before_chunk(3),
        Rule::any().answer("It is so."),
    ])
    .await;
    let (frames, is_done) = stream(&fixture, "trio", json!({})).await;
    assert!(!is_done);
    let (last, good) = frames.split_last().unwrap();
    assert_eq!(last["error"]["code"], "aggregator_failed");
    assert_eq!(last.as_object().unwrap().len(), 1);
    assert!(good.iter().all(|chunk| chunk.get("error").is_none()));
    assert!(!joined(good, "content").is_empty());
}

#[tokio::test]
async fn what_fails_before_there_is_anything_to_show_has_a_status() {
    let fixture =
        Fixture::with([Rule::any().status(500)], |settings| settings.reasoning = ReasoningField::Off).await;
    let response = fixture.ask("trio", json!({"stream": true})).send().await.unwrap();
    assert_eq!(refusal(response).await.0, 502);
}

#[tokio::test]
async fn an_aggregator_that_fails_is_stood_in_for_by_a_proposal_and_the_stream_says_so() {
    let fixture = Fixture::new([Rule::model("z").status(500), Rule::any().answer("It is so.")]).await;
    let (chunks, is_done) = stream(&fixture, "trio", json!({})).await;
    assert!(is_done);
    assert_eq!(joined(&chunks, "content"), "It is so.");
    let account = &chunks.last().unwrap()["moa"];
    assert_eq!((&account["degraded"], &account["fallback"]["by"]), (&json!(true), &json!("proposal")));
}

/// Reads of a response until it has said `what`.
async fn read_until(response: &mut reqwest::Response, what: &str) -> String {
    let mut text = String::new();
    while !text.contains(what) {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }
    text
}

#[tokio::test]
async fn every_stream_of_a_run_that_says_nothing_begins_and_is_kept_alive() {
    let fixture = Fixture::with([Rule::any().answer("It is so.").hold(Point::BeforeHead)], |settings| {
        settings.keep_alive = std::time::Duration::from_millis(20);
    })
    .await;
    let mut chat = fixture.ask("z", json!({"stream": true})).send().await.unwrap();
    read_until(&mut chat, ": working").await;
    let body = json!({"model": "z", "input": "Is it so?", "stream": true});
    let mut responses = fixture.post("/v1/responses", &body).send().await.unwrap();
    read_until(&mut responses, ": working").await;
    let runs = crate::fixture::json_of(fixture.get("/api/runs").send().await.unwrap()).await;
    let run = runs["runs"][0]["run"].as_str().unwrap();
    let mut events = fixture.get(&format!("/api/runs/{run}/events")).send().await.unwrap();
    read_until(&mut events, ": working").await;
    fixture.mock.all().release();
    for mut stream in [chat, responses, events] {
        assert!(!read_until(&mut stream, "\"It").await.is_empty());
    }
}

#[tokio::test]
async fn a_token_is_passed_on_while_the_next_one_is_still_to_come() {
    let fixture = Fixture::with(
        [Rule::model("z").answer("one two").hold(Point::BeforeChunk(2)), Rule::any().answer("x")],
        |settings| settings.keep_alive = std::time::Duration::from_millis(20),
    )
    .await;
    let mut response = fixture.ask("z", json!({"stream": true})).send().await.unwrap();
    let mut text = String::new();
    while !text.contains("\"one") {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }
    // Nothing comes, and the stream is kept alive.
    while !text.contains(": working") {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }
    assert!(!text.contains("two"));
    fixture.mock.gate("z").release();
    text.push_str(&response.text().await.unwrap());
    assert!(text.contains("two") && text.trim_end().ends_with("data: [DONE]"));
}
