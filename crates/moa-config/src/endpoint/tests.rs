use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::fixture::user;
use crate::{ResolvedModel, schema};

/// The endpoint `here` of a text, by way of a model behind it.
fn here(text: &str) -> Endpoint {
    let config = user(&format!("[endpoints.here]\n{text}")).unwrap();
    let ResolvedModel::Remote(model) = config.model("here:x").unwrap().1 else { panic!("here:x is remote") };
    model.endpoint
}

#[test]
fn every_key_reaches_the_endpoint() {
    let endpoint = here(
        r#"
base-urls = ["https://one.example/v1/", "http://10.0.0.2:8000/v1"]
api-key-file = "~/.keys/here"
headers = { X-Title = "my team", X-Pass = { env = "HERE_PASS" }, x-other = { file = "other.txt" } }
ca-file = "here.pem"
proxy = "http://proxy.example:3128/"
connect-timeout = "5s"
first-token-timeout = "1m 30s"
idle-timeout = "900ms"
retries = 0
retry-wait-max = "7s"
hedge-after = "2s"
breaker-failures = 3
breaker-pause = "1m"
max-in-flight = 4
requests-per-minute = 60
tokens-per-minute = 90000
max-queue = 0
stream = false
max-tokens-field = "max_completion_tokens"
extra-body = { top_a = 0.2, provider = { order = ["a", "b"] }, flag = true }
"#,
    );
    assert_eq!(endpoint.name, "here");
    assert_eq!(endpoint.base_urls, ["https://one.example/v1", "http://10.0.0.2:8000/v1"]);
    assert_eq!(endpoint.key, Some(KeySource::File(PathBuf::from("/home/ann/.keys/here"))));
    let headers = BTreeMap::from([
        ("x-title".to_owned(), HeaderSource::Plain("my team".to_owned())),
        ("x-pass".to_owned(), HeaderSource::Variable("HERE_PASS".to_owned())),
        ("x-other".to_owned(), HeaderSource::File(PathBuf::from("user/other.txt"))),
    ]);
    assert_eq!(endpoint.headers, headers);
    assert_eq!(endpoint.ca_file, Some(PathBuf::from("user/here.pem")));
    assert_eq!(endpoint.proxy, Proxy::Url("http://proxy.example:3128".to_owned()));
    let timeouts = Timeouts {
        connect: Duration::from_secs(5),
        first_token: Duration::from_secs(90),
        idle: Duration::from_millis(900),
    };
    assert_eq!(endpoint.timeouts, timeouts);
    assert_eq!(endpoint.retries, Retries { most: 0, wait_max: Duration::from_secs(7) });
    assert_eq!(endpoint.hedging, Hedging::After(Duration::from_secs(2)));
    assert_eq!(endpoint.breaker, Some(Breaker { failures: 3, pause: Duration::from_mins(1) }));
    let limits = Limits {
        in_flight: Some(4),
        requests_per_minute: Some(60),
        tokens_per_minute: Some(90_000),
        queue: 0,
    };
    assert_eq!(endpoint.limits, limits);
    assert!(!endpoint.stream);
    assert_eq!(endpoint.max_tokens_field, MaxTokensField::MaxCompletionTokens);
    let body = json!({ "top_a": 0.2, "provider": { "order": ["a", "b"] }, "flag": true });
    assert_eq!(serde_json::Value::Object(endpoint.extra_body), body);
}

#[test]
fn words_stand_for_what_has_no_number() {
    let base = "base-url = \"http://h/v1\"\n";
    let plain = here(base);
    assert_eq!((plain.proxy, plain.hedging, plain.max_tokens_field), Default::default());
    assert!(plain.stream && plain.headers.is_empty() && plain.extra_body.is_empty() && plain.key.is_none());
    assert_eq!(here(&format!("{base}hedge-after = \"auto\"")).hedging, Hedging::Auto);
    assert_eq!(here(&format!("{base}proxy = \"none\"")).proxy, Proxy::None);
    assert_eq!(here(&format!("{base}breaker-failures = 0")).breaker, None);
    let field = here(&format!("{base}max-tokens-field = \"max_tokens\"")).max_tokens_field;
    assert_eq!(field, MaxTokensField::MaxTokens);
}

/// A duration as the schema writes it.
fn written(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds.is_multiple_of(60) { format!("{}m", seconds / 60) } else { format!("{seconds}s") }
}

#[test]
fn the_schema_tells_the_defaults_that_hold() {
    let schema = schema();
    let told = |key: &str| {
        let description = schema["$defs"]["Endpoint"]["properties"][key]["description"].as_str().unwrap();
        let (_, default) = description.split_once("Default: ").unwrap();
        default.split('.').next().unwrap().to_owned()
    };
    let endpoint = here("base-url = \"http://h/v1\"");
    let breaker = endpoint.breaker.unwrap();
    for (key, holds) in [
        ("connect-timeout", written(endpoint.timeouts.connect)),
        ("first-token-timeout", written(endpoint.timeouts.first_token)),
        ("idle-timeout", written(endpoint.timeouts.idle)),
        ("retries", endpoint.retries.most.to_string()),
        ("retry-wait-max", written(endpoint.retries.wait_max)),
        ("breaker-failures", breaker.failures.to_string()),
        ("breaker-pause", written(breaker.pause)),
        ("max-queue", endpoint.limits.queue.to_string()),
        ("stream", endpoint.stream.to_string()),
    ] {
        assert_eq!(told(key), holds, "{key}");
    }
}

#[test]
fn this_machine_is_told_from_others() {
    for own in ["http://localhost:1/v1", "http://127.0.0.1/v1", "https://127.8.9.1:1", "http://[::1]:80/v1"] {
        assert!(address::is_loopback(own), "{own}");
    }
    for other in [
        "http://localhost.example/v1",
        "http://127.0.0.1.example:80",
        "http://10.0.0.1/v1",
        "http://[::2]:80/v1",
        "http://0.0.0.0/v1",
        "ftp://127.0.0.1",
    ] {
        assert!(!address::is_loopback(other), "{other}");
    }
}
