//! Whole completions, models, and what clients are refused.

use moa_testkit::Rule;
use serde_json::{Value, json};

use crate::fixture::{Fixture, agreeing, json_of, refusal};

#[tokio::test]
async fn a_mixture_is_a_model_and_its_usage_is_what_the_caller_pays() {
    let fixture = Fixture::new([
        Rule::model("b").status(503),
        Rule::model("z").answer("All agree.").usage_tokens(30, 3),
        Rule::any().answer("It is so.").usage_tokens(10, 5),
    ])
    .await;
    let response = fixture.ask("trio", json!({})).send().await.unwrap();
    assert!(response.headers().contains_key("x-request-id"));
    let completion = json_of(response).await;
    assert_eq!(completion["object"], "chat.completion");
    assert_eq!(completion["model"], "trio");
    assert!(completion["system_fingerprint"].as_str().unwrap().starts_with("fp_"));
    let choice = &completion["choices"][0];
    assert_eq!(choice["message"]["content"], "All agree.");
    assert_eq!(choice["finish_reason"], "stop");
    let thoughts = choice["message"]["reasoning_content"].as_str().unwrap();
    assert!(
        thoughts.contains("a]") && thoughts.contains("It is so.") && thoughts.contains("failed"),
        "{thoughts}"
    );

    let usage = &completion["usage"];
    assert_eq!((&usage["prompt_tokens"], &usage["completion_tokens"]), (&json!(50), &json!(13)));
    assert_eq!(usage["total_tokens"], 63);
    assert_eq!(usage["completion_tokens_details"]["reasoning_tokens"], 10);
    assert_eq!(usage["moa"]["layers"][0]["completion_tokens"], 10);
    assert_eq!(usage["moa"]["layers"][1]["role"], "aggregator");
    assert!(usage["moa"]["cost_usd"].as_f64().unwrap() > 0.0);

    // Nothing is lost in silence.
    assert_eq!(completion["moa"]["degraded"], true);
    assert_eq!(completion["moa"]["lost"][0]["agent"], "b");
    assert!(completion["moa"]["lost"][0]["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
}

#[tokio::test]
async fn the_path_works_without_its_version_and_a_model_can_be_asked_alone() {
    let fixture = Fixture::new(agreeing()).await;
    let body = json!({"model": "a", "messages": [{"role": "user", "content": "Is it so?"}]});
    let completion = json_of(fixture.post("/chat/completions", &body).send().await.unwrap()).await;
    assert_eq!(completion["choices"][0]["message"]["content"], "It is so.");
    assert!(completion["choices"][0]["message"].get("reasoning_content").is_none());
    assert_eq!(fixture.mock.log().len(), 1);
}

#[tokio::test]
async fn every_preset_and_model_is_listed_and_found_by_its_id() {
    let fixture = Fixture::new([]).await;
    let list = json_of(fixture.get("/v1/models").send().await.unwrap()).await;
    let ids: Vec<&str> =
        list["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    for id in ["trio", "local", "moa", "a", "org/slashed"] {
        assert!(ids.contains(&id), "{id} of {ids:?}");
    }
    let found = json_of(fixture.get("/v1/models/org/slashed").send().await.unwrap()).await;
    assert_eq!((&found["id"], &found["object"]), (&json!("org/slashed"), &json!("model")));
    assert!(found["created"].as_u64().is_some() && found["owned_by"] == "mock");
    let (status, error) = refusal(fixture.get("/v1/models/tria").send().await.unwrap()).await;
    assert_eq!((status, &error["code"]), (404, &json!("model_not_found")));
    assert!(error["message"].as_str().unwrap().contains("'trio'"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_served_is_refused_with_the_field_that_is_to_blame() {
    let fixture = Fixture::new(agreeing()).await;
    let user = json!([{"role": "user", "content": "x"}]);
    let refused = [
        (json!({"messages": user}), 400, Value::Null, "model"),
        (json!({"model": "trio"}), 400, Value::Null, "messages"),
        (json!({"model": "trio", "messages": []}), 400, json!("invalid_value"), "messages"),
        (json!({"model": "nobody", "messages": user}), 404, json!("model_not_found"), "model"),
        (json!({"model": "/etc/passwd", "messages": user}), 404, json!("model_not_found"), "model"),
        (json!({"model": "mock:other", "messages": user}), 404, json!("model_not_found"), "model"),
        (
            json!({"model": "trio", "messages": user, "temperature": 3}),
            400,
            json!("invalid_value"),
            "temperature",
        ),
        (
            json!({"model": "trio", "messages": user, "max_tokens": 0}),
            400,
            json!("invalid_value"),
            "max_tokens",
        ),
        (json!({"model": "trio", "messages": user, "n": 99}), 400, json!("invalid_value"), "n"),
        (json!({"model": "trio", "messages": user, "stop": [""]}), 400, json!("invalid_value"), "stop"),
        (
            json!({"model": "trio", "messages": user, "logprobs": true}),
            400,
            json!("unsupported_parameter"),
            "logprobs",
        ),
        (
            json!({"model": "trio", "messages": user, "functions": [{}]}),
            400,
            json!("unsupported_parameter"),
            "functions",
        ),
        (
            json!({"model": "smollm2-135m-instruct", "messages": user, "response_format": {"type": "json_object"}}),
            400,
            json!("unsupported_parameter"),
            "response_format",
        ),
        (json!({"model": "smollm2-135m-instruct", "messages": user}), 503, json!("model_loading"), "model"),
    ];
    for (body, status, code, param) in refused {
        let (found, error) = refusal(fixture.post("/v1/chat/completions", &body).send().await.unwrap()).await;
        assert_eq!(
            (found, &error["code"], &error["param"]),
            (status, &code, &json!(param)),
            "{body}: {error}"
        );
    }
    let malformed = fixture.client.post(format!("{}/v1/chat/completions", fixture.url)).body("{\"model\":");
    assert_eq!(refusal(malformed.send().await.unwrap()).await.0, 400);
    let deep = format!("{{\"model\": {}", "[".repeat(100_000));
    let deep = fixture.client.post(format!("{}/v1/chat/completions", fixture.url)).body(deep);
    assert_eq!(refusal(deep.send().await.unwrap()).await.0, 400);
    assert_eq!(refusal(fixture.get("/nowhere").send().await.unwrap()).await.0, 404);
    assert_eq!(refusal(fixture.get("/v1/chat/completions").send().await.unwrap()).await.0, 405);
    assert!(fixture.mock.log().is_empty());
}

#[tokio::test]
async fn a_run_without_an_answer_has_the_status_that_clients_understand() {
    let fixture = Fixture::new([
        Rule::model("c").stall_at(moa_testkit::Point::BeforeHead),
        Rule::any().status(500).body("{\"error\": {\"message\": \"broken inside\"}}"),
    ])
    .await;
    let (status, error) = refusal(fixture.ask("a", json!({})).send().await.unwrap()).await;
    assert_eq!((status, &error["code"]), (502, &json!("aggregator_failed")));
    let hasty = fixture.ask("hasty", json!({})).send().await.unwrap();
    assert_eq!(hasty.headers()["x-should-retry"], "false");
    assert_eq!(refusal(hasty).await.0, 504);

    fixture.mock.set_rules([Rule::any().status(500).body("{\"error\": {\"message\": \"broken inside\"}}")]);
    let (status, error) = refusal(fixture.ask("trio", json!({})).send().await.unwrap()).await;
    assert_eq!((status, &error["code"]), (502, &json!("all_proposers_failed")));
    for agent in ["a:", "b:", "c:"] {
        assert!(error["message"].as_str().unwrap().contains(agent), "{error}");
    }

    fixture.mock.set_rules([Rule::any().status(429).header("retry-after", "7")]);
    let limited = fixture.ask("a", json!({})).send().await.unwrap();
    assert_eq!(limited.headers()["retry-after"], "7");
    assert_eq!(refusal(limited).await.0, 429);
}
