//! What the page works with.

use moa_testkit::{Point, Rule};
use serde_json::{Value, json};

use crate::fixture::{Fixture, agreeing, json_of, refusal};

fn question(more: Value) -> Value {
    let mut body = json!({"messages": [{"role": "user", "content": "Is it so?"}]});
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    body
}

async fn start(fixture: &Fixture, body: &Value) -> String {
    let response = fixture.post("/api/runs", body).send().await.unwrap();
    assert_eq!(response.status(), 201);
    json_of(response).await["run"].as_str().unwrap().to_owned()
}

/// The events of a stream: their ids and data, and whether the end was told.
fn events(text: &str) -> (Vec<(u64, Value)>, bool) {
    let mut events = Vec::new();
    let mut is_over = false;
    for frame in text.split("\n\n") {
        let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
        is_over |= field("event: ") == Some("end");
        if let (Some(id), Some(data)) = (field("id: "), field("data: ")) {
            events.push((id.parse().unwrap(), serde_json::from_str(data).unwrap()));
        }
    }
    (events, is_over)
}

#[tokio::test]
async fn a_run_is_started_followed_listed_and_removed() {
    let fixture = Fixture::new(agreeing()).await;
    let run = start(&fixture, &question(json!({"preset": "trio", "seed": 7}))).await;
    let text = fixture.get(&format!("/api/runs/{run}/events")).send().await.unwrap().text().await.unwrap();
    let (all, is_over) = events(&text);
    assert!(is_over);
    let numbers: Vec<u64> = all.iter().map(|(id, _)| *id).collect();
    assert!(numbers.iter().copied().eq(0..numbers.len() as u64), "{numbers:?}");
    assert_eq!(all[0].1["type"], "run_started");
    assert_eq!(all.last().unwrap().1["type"], "run_finished");
    for (id, event) in &all {
        assert_eq!(event["sequence"], *id);
        // Exactly the events of the engine.
        serde_json::from_value::<moa_core::Event>(event.clone()).unwrap();
    }

    let list = json_of(fixture.get("/api/runs?limit=1").send().await.unwrap()).await;
    // An empty id is none, and not the same as no id.
    assert_eq!(fixture.get("/api/runs?before=").send().await.unwrap().status(), 404);
    let listed = &list["runs"][0];
    assert_eq!(
        (&listed["run"], &listed["status"], &listed["mixture"]),
        (&json!(run), &json!("finished"), &json!("trio"))
    );
    assert_eq!((&listed["question"], &listed["answer_preview"]), (&json!("Is it so?"), &json!("All agree.")));
    let document = json_of(fixture.get(&format!("/api/runs/{run}")).send().await.unwrap()).await;
    assert_eq!((&document["answer"], &document["seed"]), (&json!("All agree."), &json!(7)));

    let removed = fixture.client.delete(format!("{}/api/runs/{run}", fixture.url)).send().await.unwrap();
    assert_eq!(removed.status(), 204);
    let (status, error) = refusal(fixture.get(&format!("/api/runs/{run}")).send().await.unwrap()).await;
    assert_eq!((status, &error["code"]), (404, &json!("run_not_found")));
    assert_eq!(refusal(fixture.get("/api/runs/nonsense").send().await.unwrap()).await.0, 404);
}

#[tokio::test]
async fn a_measured_mixture_says_so_where_another_kind_of_request_comes() {
    let fixture = Fixture::new(agreeing()).await;
    let notes = async |body: Value| {
        let run = start(&fixture, &body).await;
        let text =
            fixture.get(&format!("/api/runs/{run}/events")).send().await.unwrap().text().await.unwrap();
        events(&text).0[0].1["notes"].clone()
    };
    let told = notes(question(json!({"preset": "measured"}))).await;
    assert!(told[0].as_str().unwrap().contains("the measurements say nothing about it"), "{told}");
    for others in [json!({"preset": "trio"}), json!({"preset": "measured", "temperature": 0.1})] {
        assert!(notes(question(others.clone())).await.as_array().is_none_or(Vec::is_empty), "{others}");
    }
}

#[tokio::test]
async fn a_dropped_connection_resumes_without_loss_or_repetition() {
    let fixture = Fixture::new([
        Rule::model("z").answer("one two three").hold(Point::BeforeChunk(2)),
        Rule::any().answer("x"),
    ])
    .await;
    let run = start(&fixture, &question(json!({"preset": "trio"}))).await;
    let path = format!("/api/runs/{run}/events");
    let mut response = fixture.get(&path).send().await.unwrap();
    let mut text = String::new();
    while !text.contains("\"one") {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }
    drop(response);
    let whole_frames = &text[..text.rfind("\n\n").unwrap()];
    let (seen, is_over) = events(whole_frames);
    assert!(!is_over);
    // Readers own nothing: the run goes on.
    fixture.mock.gate("z").release();
    let last = seen.last().unwrap().0;
    for resumed in [
        fixture.get(&path).header("last-event-id", last.to_string()),
        fixture.get(&format!("{path}?after={last}")),
    ] {
        let (rest, is_over) = events(&resumed.send().await.unwrap().text().await.unwrap());
        assert!(is_over);
        assert_eq!(rest[0].0, last + 1);
        let numbers = seen.iter().chain(&rest).map(|(id, _)| *id);
        assert!(numbers.clone().eq(0..numbers.count() as u64));
    }
}

#[tokio::test]
async fn a_run_is_stopped_by_hand() {
    let fixture = Fixture::new([Rule::any().answer("It is so.").hold(Point::BeforeHead)]).await;
    let run = start(&fixture, &question(json!({"model": "a"}))).await;
    fixture.mock.all().held(1).await;
    let removed = fixture.client.delete(format!("{}/api/runs/{run}", fixture.url)).send().await.unwrap();
    assert_eq!(refusal(removed).await.0, 409);
    let cancelled = fixture.post(&format!("/api/runs/{run}/cancel"), &json!({})).send().await.unwrap();
    assert_eq!(cancelled.status(), 202);
    fixture.mock.all().aborted(1).await;
    assert_eq!(fixture.ended(&run).await["error"]["kind"], "cancelled");
}

#[tokio::test]
async fn the_question_is_asked_again_over_the_same_proposals_or_of_another_preset() {
    let fixture = Fixture::new(agreeing()).await;
    let run = start(&fixture, &question(json!({"preset": "trio"}))).await;
    fixture.ended(&run).await;
    let again = |body: Value| {
        let fixture = &fixture;
        let path = format!("/api/runs/{run}/again");
        async move {
            let response = fixture.post(&path, &body).send().await.unwrap();
            assert_eq!(response.status(), 201);
            let run = json_of(response).await["run"].as_str().unwrap().to_owned();
            fixture.ended(&run).await
        }
    };
    let other = again(json!({"aggregator": "c"})).await;
    assert_eq!(other["answer"], "It is so.");
    assert_eq!(other["layers"][1]["responses"][0]["model"], "c");
    assert_eq!(other["layers"][0]["usage"]["completion_tokens"], 0);
    assert_eq!(fixture.mock.log().len(), 5);
    assert_eq!(again(json!({"preset": "hasty"})).await["preset"], "hasty");
    assert_eq!(again(json!({})).await["answer"], "All agree.");
}

#[tokio::test]
async fn the_store_answers_again_when_asked_to() {
    let fixture = Fixture::new(agreeing()).await;
    for reuse in [false, true] {
        let run = start(&fixture, &question(json!({"preset": "trio", "reuse": reuse}))).await;
        fixture.ended(&run).await;
    }
    assert_eq!(fixture.mock.log().len(), 4);
}

#[tokio::test]
async fn a_run_is_exported_and_analysed() {
    let fixture = Fixture::new([Rule::any().answer("Blue light is scattered more than red light.")]).await;
    let run = start(&fixture, &question(json!({"preset": "trio"}))).await;
    fixture.ended(&run).await;
    for (format, sign) in [
        ("json", "\"answer\""),
        ("jsonl", "\"run_finished\""),
        ("markdown", "# Run"),
        ("chrome-trace", "traceEvents"),
    ] {
        let response = fixture.get(&format!("/api/runs/{run}/export?format={format}")).send().await.unwrap();
        assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert!(response.text().await.unwrap().contains(sign), "{format}");
    }
    assert_eq!(
        refusal(fixture.get(&format!("/api/runs/{run}/export?format=exe")).send().await.unwrap()).await.0,
        400
    );
    let analysis = json_of(fixture.get(&format!("/api/runs/{run}/analysis")).send().await.unwrap()).await;
    assert_eq!(analysis["proposals"].as_array().unwrap().len(), 3);
    assert_eq!(analysis["proposals"][0]["similarity"]["levenshtein"], 1.0);
    assert_eq!(analysis["spans"][0]["source"], json!({"layer": 1, "agent": "a"}));
    assert_eq!(analysis["agents"][0]["answers"][0]["layer"], 1);
}

#[tokio::test]
async fn the_page_learns_what_there_is() {
    let fixture = Fixture::new([]).await;
    let info = json_of(fixture.get("/api/info").send().await.unwrap()).await;
    assert_eq!(
        (&info["needs_key"], &info["default_preset"], &info["stores_runs"]),
        (&json!(false), &json!("trio"), &json!(true))
    );
    let presets = json_of(fixture.get("/api/presets").send().await.unwrap()).await;
    let trio = presets["presets"].as_array().unwrap().iter().find(|preset| preset["name"] == "trio").unwrap();
    assert_eq!(trio["description"], "Three and one");
    assert_eq!(trio["calls"], 4);
    assert_eq!(trio["mixture"]["layers"][0]["agents"].as_array().unwrap().len(), 3);
    // The TOML is a preset that the configuration takes.
    let toml: String = trio["toml"].as_str().unwrap().to_owned();
    assert!(toml.starts_with("[presets.trio]\n") && toml.contains("[[presets.trio.layer]]"), "{toml}");
    let models = json_of(fixture.get("/api/models").send().await.unwrap()).await;
    assert!(models["models"].to_string().contains("\"kind\":\"local\""));
    let estimate =
        json_of(fixture.post("/api/estimate", &question(json!({"preset": "trio"}))).send().await.unwrap())
            .await;
    assert_eq!(estimate["calls"], 4);
}

#[tokio::test]
async fn what_operators_watch_is_counted() {
    let fixture = Fixture::new([Rule::model("b").status(500), Rule::any().answer("It is so.")]).await;
    fixture.completion("trio", json!({})).await;
    let metrics = fixture.get("/metrics").send().await.unwrap().text().await.unwrap();
    for line in [
        "moa_runs_in_flight 0",
        "moa_runs_total{outcome=\"degraded\"} 1",
        "moa_proposals_total{outcome=\"ok\"} 2",
        "moa_proposals_total{outcome=\"failed\"} 1",
        "moa_overhead_seconds_count 1",
        "moa_layer_wait_seconds_count 2",
        "moa_http_responses_total{route=\"/v1/chat/completions\",status=\"200\"} 1",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
}
