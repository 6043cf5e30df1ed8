//! Keys, limits of their holders, other sites' pages, bombs.

use moa_config::{ServerKey, ServerSettings};
use moa_testkit::{Point, Rule};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::fixture::{Fixture, KNOWN, agreeing, refusal};

pub(crate) const KEY: &str = "sk-moa-0123456789abcdef";

pub(crate) fn key(name: &str, key: &str) -> ServerKey {
    let digits = moa_server::key_hash(key);
    let mut sha256 = [0; 32];
    for (byte, pair) in sha256.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    }
    ServerKey { name: name.to_owned(), sha256, max_runs: None, requests_per_minute: None }
}

#[tokio::test]
async fn only_holders_of_a_key_may_ask() {
    let fixture =
        Fixture::with(agreeing(), |settings| settings.keys = vec![key("bob", "other"), key("ann", KEY)])
            .await;
    for request in [
        fixture.ask("a", json!({})),
        fixture.ask("a", json!({})).bearer_auth("sk-moa-wrong"),
        fixture.ask("a", json!({})).header("authorization", format!("Basic {KEY}")),
        fixture.ask("a", json!({})).bearer_auth(""),
        fixture.get("/v1/models"),
        fixture.get("/metrics"),
        fixture.get("/api/runs"),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let (status, error) = refusal(response).await;
        assert_eq!((status, &error["code"]), (401, &json!("invalid_api_key")));
        assert!(!error.to_string().contains("wrong"));
    }
    assert!(fixture.mock.log().is_empty());
    assert_eq!(fixture.ask("a", json!({})).bearer_auth(KEY).send().await.unwrap().status(), 200);
    for open in ["/", "/healthz", "/readyz", "/openapi.json", "/api/info"] {
        assert_eq!(fixture.get(open).send().await.unwrap().status(), 200, "{open}");
    }
}

#[tokio::test]
async fn each_key_has_limits_of_its_own() {
    let fixture = Fixture::with([Rule::any().answer("It is so.").hold(Point::BeforeHead)], |settings| {
        settings.keys = vec![
            ServerKey { max_runs: Some(1), ..key("one-at-a-time", "k1") },
            ServerKey { requests_per_minute: Some(1), ..key("slow", "k2") },
        ];
    })
    .await;
    let first = fixture.ask("a", json!({})).bearer_auth("k1").send();
    let then = async {
        fixture.mock.all().held(1).await;
        let response = fixture.ask("b", json!({})).bearer_auth("k1").send().await.unwrap();
        assert!(response.headers().contains_key("retry-after"));
        let (status, error) = refusal(response).await;
        assert_eq!((status, &error["code"]), (429, &json!("rate_limit_exceeded")));
        fixture.mock.all().release();
    };
    assert_eq!(tokio::join!(first, then).0.unwrap().status(), 200);
    assert_eq!(fixture.ask("a", json!({})).bearer_auth("k2").send().await.unwrap().status(), 200);
    let response = fixture.ask("b", json!({})).bearer_auth("k2").send().await.unwrap();
    let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(response.status(), 429);
}

#[tokio::test]
async fn a_server_without_keys_does_not_listen_where_others_reach_it() {
    let refused = |settings: ServerSettings| async move {
        let config = std::sync::Arc::new(
            moa_config::load(moa_config::LoadOptions {
                known_models: KNOWN.into_iter().collect(),
                ..moa_config::LoadOptions::default()
            })
            .unwrap(),
        );
        let source = std::sync::Arc::new(crate::fixture::NoModels);
        let options = moa_server::ServerOptions { config, settings, source, store: None, watchers: None };
        let server = moa_server::Server::new(options);
        server.bind().await.is_err()
    };
    let everywhere = || ServerSettings { listen: "0.0.0.0:0".parse().unwrap(), ..ServerSettings::default() };
    assert!(refused(everywhere()).await);
    assert!(!refused(ServerSettings { keys: vec![key("ann", KEY)], ..everywhere() }).await);
    assert!(!refused(ServerSettings { allow_anonymous: true, ..everywhere() }).await);
}

#[tokio::test]
async fn pages_of_other_sites_are_refused_and_those_of_the_operators_choice_are_not() {
    let fixture =
        Fixture::with(agreeing(), |settings| settings.cors_origins = vec!["https://chat.example".to_owned()])
            .await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("host", "evil.example"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let response = fixture.ask("a", json!({})).header(name, value).send().await.unwrap();
        assert!(response.headers().get("access-control-allow-origin").is_none(), "{value}");
        assert_eq!(refusal(response).await.0, 403, "{name}: {value}");
    }
    assert!(fixture.mock.log().is_empty());
    let preflight = fixture
        .client
        .request(reqwest::Method::OPTIONS, format!("{}/v1/chat/completions", fixture.url))
        .header("origin", "https://chat.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.headers()["access-control-allow-origin"], "https://chat.example");
    let response = fixture.ask("a", json!({})).header("origin", "https://chat.example").send().await.unwrap();
    assert_eq!(response.status(), 200);
    // A form needs no leave of the browser, so it is not read at all.
    let form = fixture
        .client
        .post(format!("{}/v1/chat/completions", fixture.url))
        .header("content-type", "text/plain");
    assert_eq!(refusal(form.body("{}").send().await.unwrap()).await.0, 415);
}

#[tokio::test]
async fn bombs_are_refused() {
    let fixture = Fixture::with(agreeing(), |settings| settings.max_body_bytes = 1_000).await;
    let large = "x".repeat(2_000);
    let (status, error) = refusal(fixture.ask("a", json!({"user": large})).send().await.unwrap()).await;
    assert_eq!((status, &error["code"]), (413, &json!("request_too_large")));
    // Without a length to tell it beforehand.
    let pieces = futures::stream::iter((0..20).map(|_| Ok::<_, std::io::Error>("x".repeat(100))));
    let unknown = fixture
        .client
        .post(format!("{}/v1/chat/completions", fixture.url))
        .body(reqwest::Body::wrap_stream(pieces));
    assert_eq!(refusal(unknown.send().await.unwrap()).await.0, 413);

    let address = fixture.url.strip_prefix("http://").unwrap();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n").await.unwrap();
    let line = format!("x-bomb: {}\r\n", "x".repeat(8_000));
    let mut answer = String::new();
    for _ in 0..40 {
        if socket.write_all(line.as_bytes()).await.is_err() {
            break;
        }
    }
    // The server may have closed the connection before it was read.
    let _ = socket.read_to_string(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn paths_that_lead_elsewhere_lead_nowhere_and_the_page_runs_only_its_own_files() {
    let fixture = Fixture::new([]).await;
    for path in [
        "/page/../Cargo.toml",
        "/page/%2e%2e/Cargo.toml",
        "/page//etc/passwd",
        "/page/..%2f..%2fCargo.toml",
        "/page/none.js",
    ] {
        assert_eq!(fixture.get(path).send().await.unwrap().status(), 404, "{path}");
    }
    let page = fixture.get("/").send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    assert!(page.text().await.unwrap().contains("<html"));
}
