//! What the fields of a request mean for a mixture.

use moa_testkit::Rule;
use serde_json::{Value, json};

use crate::fixture::{Fixture, agreeing, refusal};

fn bodies(fixture: &Fixture, model: &str) -> Vec<Value> {
    fixture.mock.log().requests().of_model(model).iter().map(|request| request.body.clone()).collect()
}

#[tokio::test]
async fn sampling_tools_and_formats_are_for_the_aggregator_alone() {
    let fixture =
        Fixture::new([Rule::model("z").tool_call("look", "{\"at\":1}"), Rule::any().answer("It is so.")])
            .await;
    let tool = json!({"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}});
    let more = json!({
        "temperature": 0.25, "max_completion_tokens": 7, "max_tokens": 9, "stop": "END", "seed": -3, "user": "ann",
        "tools": [tool], "response_format": {"type": "json_object"}, "n": null, "logit_bias": {}, "mystery": 42,
    });
    let completion = fixture.completion("trio", more).await;
    let message = &completion["choices"][0]["message"];
    assert_eq!(message["tool_calls"][0]["function"]["name"], "look");
    assert_eq!(message["content"], Value::Null);
    assert_eq!(completion["choices"][0]["finish_reason"], "tool_calls");

    let aggregator = &bodies(&fixture, "z")[0];
    assert_eq!(aggregator["temperature"], 0.25);
    assert_eq!(aggregator["stop"], json!(["END"]));
    assert_eq!(aggregator["response_format"]["type"], "json_object");
    assert_eq!(aggregator["tools"][0]["function"]["name"], "look");
    let cap = aggregator.get("max_tokens").or(aggregator.get("max_completion_tokens")).unwrap();
    assert_eq!(cap, 7);
    let proposer = &bodies(&fixture, "a")[0];
    assert_eq!(proposer["temperature"], 0.7);
    for field in ["stop", "tools", "response_format"] {
        assert!(proposer.get(field).is_none(), "{field}");
    }

    // What nothing reads is kept with the run.
    let run = completion["moa"]["runs"][0].as_str().unwrap();
    let events = fixture.get(&format!("/api/runs/{run}/events")).send().await.unwrap().text().await.unwrap();
    assert!(events.contains("\"mystery\":42") && events.contains("\"user\":\"ann\""), "{events}");
}

#[tokio::test]
async fn tools_can_bypass_the_proposers_by_policy() {
    let fixture = Fixture::with([Rule::any().tool_call("look", "{}")], |settings| {
        settings.tools = moa_config::ToolPolicy::Bypass;
    })
    .await;
    let tool = json!({"type": "function", "function": {"name": "look"}});
    fixture.completion("trio", json!({"tools": [tool]})).await;
    assert_eq!(fixture.mock.log().len(), 1);
    assert_eq!(bodies(&fixture, "z").len(), 1);
}

#[tokio::test]
async fn further_choices_repeat_the_last_layer_over_the_same_proposals() {
    let fixture = Fixture::new(agreeing()).await;
    let completion = fixture.completion("trio", json!({"n": 3})).await;
    let choices = completion["choices"].as_array().unwrap();
    assert_eq!(choices.len(), 3);
    assert_eq!(choices[2]["index"], 2);
    let asked: Vec<usize> = ["a", "b", "c", "z"].iter().map(|model| bodies(&fixture, model).len()).collect();
    assert_eq!(asked, [1, 1, 1, 3]);
    let seeds: std::collections::BTreeSet<String> =
        bodies(&fixture, "z").iter().map(|body| body["seed"].to_string()).collect();
    assert_eq!(seeds.len(), 3, "each choice is a sample of its own");
    // Proposals are paid for once.
    let layers = completion["usage"]["moa"]["layers"].as_array().unwrap();
    let paid: u64 = layers.iter().map(|layer| layer["completion_tokens"].as_u64().unwrap()).sum();
    assert_eq!(completion["usage"]["completion_tokens"], paid);
}

#[tokio::test]
async fn messages_come_in_every_form_and_reasoning_of_earlier_answers_is_dropped() {
    let fixture = Fixture::new(agreeing()).await;
    let body = json!({"model": "trio", "messages": [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Look."},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}}]},
        {"role": "assistant", "content": null, "reasoning_content": "[layer 1 · a] SECRETLY",
            "tool_calls": [{"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "1", "content": "A cat."},
    ]});
    let response = fixture.post("/v1/chat/completions", &body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let sees = bodies(&fixture, "z")[0].to_string();
    let blind = bodies(&fixture, "a")[0].to_string();
    assert!(sees.contains("data:image/png;base64,AAAA") && !blind.contains("AAAA"));
    assert!(!sees.contains("SECRETLY") && !blind.contains("SECRETLY"));
    assert!(blind.contains("Be brief.") && blind.contains("A cat."));
    let completion: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert!(completion["moa"]["warnings"].to_string().contains("cannot see"), "{}", completion["moa"]);
}

#[tokio::test]
async fn a_mixture_can_come_with_the_request_within_the_operators_limits() {
    let fixture = Fixture::with(agreeing(), |settings| {
        settings.inline.max_agents = 2;
        settings.inline.models = Some(vec!["a".to_owned(), "z".to_owned()]);
    })
    .await;
    let agents = |names: &[&str]| names.iter().map(|name| json!({"model": name})).collect::<Vec<_>>();
    let inline = |names: &[&str]| json!({"moa": {"layers": [{"agents": agents(names)}], "aggregator": {"model": "z", "max_tokens": 5}}});
    let completion = fixture.completion("mine", inline(&["a", "a"])).await;
    assert_eq!(completion["choices"][0]["message"]["content"], "All agree.");
    assert_eq!((bodies(&fixture, "a").len(), bodies(&fixture, "z").len()), (2, 1));
    for (names, param) in [
        (&["a", "a", "a"][..], "moa.layers[0].agents"),
        (&["b"], "moa.layers[0].agents[0].model"),
        (&["nobody"], "moa.layers[0].agents[0].model"),
        (&[], "moa"),
    ] {
        let (_, error) = refusal(fixture.ask("mine", inline(names)).send().await.unwrap()).await;
        assert_eq!(error["param"], param, "{error}");
    }
    let unknown = json!({"moa": {"aggregator": {"model": "z", "wat": 1}}});
    assert_eq!(refusal(fixture.ask("mine", unknown).send().await.unwrap()).await.0, 400);
}

#[tokio::test]
async fn a_mixture_of_a_request_can_combine_and_choose_as_a_preset_does() {
    let fixture = Fixture::new([
        Rule::model("a").answer("It is 4."),
        Rule::model("b").answer("It is 5."),
        Rule::model("c").answer("So it is 4"),
        Rule::any().answer("Written."),
    ])
    .await;
    let layer = |names: &[&str]| json!({"agents": names.iter().map(|name| json!({"model": name})).collect::<Vec<_>>()});
    let with = |more: Value| {
        let mut moa = json!({"layers": [layer(&["b", "a", "c"])], "aggregator": {"model": "z"}});
        moa.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"moa": moa})
    };
    let answer = async |more: Value| {
        fixture.completion("mine", with(more)).await["choices"][0]["message"]["content"].clone()
    };
    assert_eq!(answer(json!({"aggregation": {"kind": "vote", "answer": "number"}})).await, "It is 4.");
    let preferred = json!({"kind": "vote", "answer": "number", "prefer": ["c"]});
    assert_eq!(answer(json!({"aggregation": preferred})).await, "So it is 4");
    assert!(bodies(&fixture, "z").is_empty(), "who chooses by the proposals alone asks nobody else");
    // Agreement of two thirds is enough, so that the second layer is left out.
    let cascade = json!({
        "layers": [layer(&["b", "a", "c"]), layer(&["org/slashed"])],
        "early_stop": {"agreement": 0.6, "answer": "number", "then": "answer"},
    });
    assert_eq!(answer(cascade).await, "It is 4.");
    assert!(bodies(&fixture, "org/slashed").is_empty());
    let mut selecting = json!({"layers": [layer(&["b", "a", "c"])]});
    selecting["layers"][0]["select"] = json!({"kind": "vote", "answer": "number", "keep": 2});
    assert_eq!(answer(selecting).await, "Written.");
    let read = bodies(&fixture, "z")[0].to_string();
    assert!(read.contains("So it is 4") && !read.contains("It is 5."), "{read}");
    answer(json!({"aggregation": {"kind": "rank"}, "judge": {"model": "org/slashed"}})).await;
    assert_eq!(bodies(&fixture, "org/slashed").len(), 2, "the judge ranks in two orders");

    for (more, param) in [
        (json!({"aggregation": {"kind": "vote", "window": 3}}), "moa"),
        (json!({"aggregation": {"kind": "guess"}}), "moa"),
        (json!({"aggregation": {"kind": "synthesise", "prefer": ["a"]}}), "moa"),
        (json!({"aggregation": {"kind": "vote", "prefer": ["nobody"]}}), "moa"),
        (json!({"aggregation": {"kind": "self-moa-seq", "window": 1}}), "moa.aggregation.window"),
        (json!({"early_stop": {"agreement": 1.5}}), "moa.early_stop.agreement"),
        (
            json!({"early_stop": {"agreement": 1.0, "by": "words", "answer": "number"}}),
            "moa.early_stop.answer",
        ),
        (json!({"judge": {"model": "nobody"}}), "moa.judge.model"),
    ] {
        let (status, error) = refusal(fixture.ask("mine", with(more)).send().await.unwrap()).await;
        let expected = if param == "moa.judge.model" { 404 } else { 400 };
        assert_eq!((status, &error["param"]), (expected, &json!(param)), "{error}");
    }
    let mut misplaced = json!({"layers": [layer(&["a"])]});
    for (select, param) in [
        (json!({"kind": "diverse", "keep": 1, "answer": "number"}), "moa.layers[0].select.answer"),
        (json!({"kind": "diverse", "keep": 0}), "moa.layers[0].select.keep"),
    ] {
        misplaced["layers"][0]["select"] = select;
        let (_, error) = refusal(fixture.ask("mine", with(misplaced.clone())).send().await.unwrap()).await;
        assert_eq!(error["param"], param, "{error}");
    }
}

#[tokio::test]
async fn programs_of_models_are_run_only_where_the_operator_lets_them() {
    let code = |body: &str| format!("```python\ndef f(x):\n    return {body}\n```");
    let rules = || {
        [
            Rule::model("a").answer(code("x")),
            Rule::model("b").answer(code("x + x + 0 + 0 + 0")),
            Rule::model("c").answer(code("x + 1")),
        ]
    };
    let question = "Write f.\nassert f(1) == 2\nassert f(2) == 4\nassert f(3) == 6\nassert f(4) == 8";
    let more = json!({"messages": [{"role": "user", "content": question}]});
    for is_allowed in [false, true] {
        let fixture = Fixture::with(rules(), |settings| settings.run_candidates = is_allowed).await;
        let completion = fixture.completion("coding", more.clone()).await;
        let run = completion["moa"]["runs"][0].as_str().unwrap();
        let document = fixture.ended(run).await;
        let decision = &document["layers"][0]["decisions"][0];
        assert_eq!(decision["kind"], "run-candidates");
        let reason = decision["reason"].as_str().unwrap();
        assert_eq!(document["degraded"], !is_allowed, "{document}");
        if is_allowed {
            assert!(reason.starts_with("its program passes 4 of 4 examples of the prompt"), "{reason}");
            assert_eq!(completion["choices"][0]["message"]["content"], code("x + x + 0 + 0 + 0"));
        } else {
            assert!(reason.contains("`run-candidates` under [server]"), "{reason}");
        }
        let toml = fixture.get("/api/presets").send().await.unwrap().text().await.unwrap();
        assert!(toml.contains("kind = \\\"run-candidates\\\""), "{toml}");
    }
}
