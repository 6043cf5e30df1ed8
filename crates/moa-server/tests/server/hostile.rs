//! What somebody may try who means harm.

use moa_config::ServerKey;
use moa_testkit::Rule;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::access::{KEY, key};
use crate::fixture::{Fixture, agreeing, json_of, refusal};

/// Sends bytes as they are, which no HTTP library would, and gives what comes back until the server closes.
async fn raw(fixture: &Fixture, request: &str) -> String {
    let address = fixture.url.strip_prefix("http://").unwrap();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // The server may close before it has read everything.
    let _ = socket.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn paths_that_no_client_would_send_lead_nowhere() {
    let fixture = Fixture::new([]).await;
    for path in [
        "/page/../../Cargo.toml",
        "/page/../src/lib.rs",
        "/../../../../etc/passwd",
        "//etc/passwd",
        "/page//etc/passwd",
        "/page/%2e%2e/%2e%2e/Cargo.toml",
        "/page/..%2f..%2fCargo.toml",
        "/page/..%5c..%5cCargo.toml",
        "/page/index.html%00.js",
        "/page/js/../../Cargo.toml",
        "/v1/models/..%2f..%2fetc%2fpasswd",
        "/api/runs/..%2f..%2fruns.sqlite3",
        "/api/runs/../../runs.sqlite3/events",
        "/api/runs/%00/export?format=json",
    ] {
        let answer =
            raw(&fixture, &format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"))
                .await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(!answer.contains("root:") && !answer.contains("[package]"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_request_whose_length_is_told_in_two_ways_is_refused_and_nothing_after_it_is_read() {
    let fixture = Fixture::new(agreeing()).await;
    let body = json!({"model": "a", "messages": [{"role": "user", "content": "?"}]}).to_string();
    let length = body.len();
    for lengths in [
        format!("content-length: {length}\r\ncontent-length: 3\r\n"),
        "content-length: -1\r\n".to_owned(),
        format!("content-length: {length}, 3\r\n"),
        "transfer-encoding: chunked, identity\r\n".to_owned(),
    ] {
        let request = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{lengths}connection: close\r\n\r\n{body}"
        );
        let answer = raw(&fixture, &request).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{lengths}: {answer}");
    }
    assert!(fixture.mock.log().is_empty());
}

#[tokio::test]
async fn bodies_that_are_bombs_are_refused_with_words() {
    let fixture = Fixture::new(agreeing()).await;
    let post = |body: Vec<u8>| {
        let path = format!("{}/v1/chat/completions", fixture.url);
        fixture.client.post(path).header("content-type", "application/json").body(body).send()
    };
    let deep = "[".repeat(200_000);
    let deep_content = format!(r#"{{"model":"a","messages":{}"#, "[".repeat(200_000));
    let deep_object = format!(r#"{{"model":"a","moa":{}"#, r#"{"a":"#.repeat(200_000));
    for body in [
        deep.into_bytes(),
        deep_content.into_bytes(),
        deep_object.into_bytes(),
        b"\xff\xfe{}".to_vec(),
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00".to_vec(),
        br#"{"model":"a","messages":[{"role":"user","content":"?"}],"temperature":1e999}"#.to_vec(),
        br#"{"model":"a","messages":[{"role":"user","content":"?"}],"n":4294967295}"#.to_vec(),
        br#"{"model":"a","messages":[{"role":"user","content":"?"}],"max_tokens":-1}"#.to_vec(),
        br#"{"model":"a","messages":[{"role":"user","content":"?"}],"stop":["a","a","a","a","a","a","a","a","a","a","a","a","a","a","a","a","a"]}"#.to_vec(),
        b"null".to_vec(),
        Vec::new(),
    ] {
        let (status, error) = refusal(post(body).await.unwrap()).await;
        assert_eq!(status, 400, "{error}");
        // What is wrong is said, and not by sending all of it back.
        let message = error["message"].as_str().unwrap();
        assert!(!message.is_empty() && message.len() < 1_000, "{message}");
    }
    assert!(fixture.mock.log().is_empty());
}

#[tokio::test]
async fn models_are_named_and_never_places() {
    let fixture = Fixture::new(agreeing()).await;
    for name in ["/etc/passwd", "../model.gguf", "hf:owner/repo/file.gguf", "mock:a", "file:///etc/passwd"] {
        let (status, error) = refusal(fixture.ask(name, json!({})).send().await.unwrap()).await;
        assert_eq!((status, &error["code"]), (404, &json!("model_not_found")), "{name}");
        let inline =
            json!({"moa": {"layers": [{"agents": [{"model": name}]}], "aggregator": {"model": "z"}}});
        let (status, error) = refusal(fixture.ask("mine", inline).send().await.unwrap()).await;
        assert_eq!(
            (status, &error["param"]),
            (404, &json!("moa.layers[0].agents[0].model")),
            "{name}: {error}"
        );
    }
    assert!(fixture.mock.log().is_empty());
}

#[tokio::test]
async fn another_sites_page_reaches_no_path_at_all() {
    let fixture = Fixture::new(agreeing()).await;
    let described = json_of(fixture.get("/openapi.json").send().await.unwrap()).await;
    let run = "01900000-0000-7000-8000-000000000000";
    for (path, methods) in described["paths"].as_object().unwrap() {
        let path = path.replace("{id}", run);
        for method in methods.as_object().unwrap().keys() {
            let method = reqwest::Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let address = format!("{}{path}", fixture.url);
            for (name, value) in [("origin", "https://evil.example"), ("host", "evil.example")] {
                let request = fixture.client.request(method.clone(), &address).header(name, value);
                let response =
                    request.header("content-type", "application/json").body("{}").send().await.unwrap();
                assert!(response.headers().get("access-control-allow-origin").is_none());
                let (status, error) = refusal(response).await;
                assert_eq!((status, &error["code"]), (403, &json!("foreign_request")), "{method} {path}");
            }
        }
    }
    assert!(fixture.mock.log().is_empty());
}

#[tokio::test]
async fn a_script_that_a_model_writes_is_nowhere_served_as_a_page() {
    let script = "<script>alert(1)</script>";
    let fixture = Fixture::new([Rule::any().answer(script)]).await;
    let completion = fixture.completion("trio", json!({})).await;
    let run = completion["moa"]["runs"][0].as_str().unwrap().to_owned();
    fixture.ended(&run).await;
    let ends = [
        "",
        "/events",
        "/analysis",
        "/export?format=markdown",
        "/export?format=json",
        "/export?format=jsonl",
    ];
    for end in ends {
        let response = fixture.get(&format!("/api/runs/{run}{end}")).send().await.unwrap();
        assert_eq!(response.status(), 200, "{end}");
        let headers = response.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{end}");
        let kind = headers["content-type"].to_str().unwrap().to_owned();
        assert!(!kind.contains("html") && !kind.contains("xml"), "{end}: {kind}");
        if end.starts_with("/export") {
            let disposition = headers["content-disposition"].to_str().unwrap();
            assert!(disposition.starts_with("attachment"), "{end}: {disposition}");
        }
    }
    // What a client says of itself comes back as a text too.
    let (_, error) = refusal(fixture.ask(script, json!({})).send().await.unwrap()).await;
    assert!(error["message"].as_str().unwrap().contains(script));
    let page = fixture.get("/").send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    let scripts = policy.split(';').find(|rule| rule.trim().starts_with("script-src")).unwrap();
    assert_eq!(scripts.trim(), "script-src 'self'");
    for rule in ["base-uri 'none'", "frame-ancestors 'none'", "form-action 'none'"] {
        assert!(policy.contains(rule), "{policy}");
    }
}

#[tokio::test]
async fn keys_are_kept_nowhere_and_strange_paths_leave_no_trace_in_the_metrics() {
    let limited = ServerKey { requests_per_minute: Some(2), ..key("ann", KEY) };
    let fixture = Fixture::with(agreeing(), |settings| settings.keys = vec![limited]).await;
    let asked = || fixture.ask("trio", json!({"user": "x"})).bearer_auth(KEY).send();
    let mut told = String::new();
    told.push_str(&asked().await.unwrap().text().await.unwrap());
    told.push_str(
        &fixture.ask("trio", json!({"n": 9})).bearer_auth(KEY).send().await.unwrap().text().await.unwrap(),
    );
    asked().await.unwrap();
    told.push_str(&asked().await.unwrap().text().await.unwrap());
    assert!(told.contains("rate_limit_exceeded"));
    for number in 0..50 {
        fixture.get(&format!("/evil-{number}")).send().await.unwrap();
        fixture.get(&format!("/v1/models/evil-{number}")).bearer_auth(KEY).send().await.unwrap();
    }
    let metrics = fixture.get("/metrics").bearer_auth(KEY).send().await.unwrap().text().await.unwrap();
    assert!(!metrics.contains("evil"), "{metrics}");
    told.push_str(&metrics);
    let list = json_of(fixture.get("/api/runs").bearer_auth(KEY).send().await.unwrap()).await;
    for run in list["runs"].as_array().unwrap() {
        let path = format!("/api/runs/{}/export?format=jsonl", run["run"].as_str().unwrap());
        told.push_str(&fixture.get(&path).bearer_auth(KEY).send().await.unwrap().text().await.unwrap());
    }
    assert!(told.contains("run_finished") && !told.contains(KEY));
    for asked in fixture.mock.log().requests() {
        assert!(!format!("{asked:?}").contains(KEY), "the key went on to the service behind");
    }
    fixture.stop.cancel();
    fixture.served.await.unwrap();
    let files = std::fs::read_dir(fixture.folder.path()).unwrap().map(|file| file.unwrap().path());
    let files: Vec<_> = files.filter(|path| path.is_file()).collect();
    assert!(files.iter().any(|path| path.ends_with("runs.sqlite3")));
    for file in files {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes()));
    }
}

#[tokio::test]
async fn the_name_of_a_request_is_taken_only_where_it_is_harmless() {
    let fixture = Fixture::new([]).await;
    let named = |id: String| fixture.get("/healthz").header("x-request-id", id).send();
    let response = named("from-the-client".to_owned()).await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "from-the-client");
    let response = named("x".repeat(129)).await.unwrap();
    assert!(response.headers()["x-request-id"].to_str().unwrap().starts_with("req_"));
    let value: Value = json_of(fixture.get("/healthz").send().await.unwrap()).await;
    assert_eq!(value["status"], "ok");
}
