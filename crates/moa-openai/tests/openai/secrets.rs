//! No secret is shown, kept or passed on, whoever repeats it.

use moa_core::{ChatModel as _, FailureKind};
use moa_openai::{Endpoint, EndpointSettings, KeySource, ModelSettings, OpenAiModel, ProxySettings};
use moa_testkit::{Mock, Rule};
use secrecy::SecretString;

use crate::asking::{Outcome, ask, model, settings};

const KEY: &str = "sk-live-0123456789abcdef";
const HEADER: &str = "header-secret-42";
const QUERY: &str = "query-secret-42";
const PASSWORD: &str = "pass-word-42";

/// An endpoint with a secret in each place that can have one.
fn secretive(mock: &Mock) -> EndpointSettings {
    let mut endpoint = settings(&format!("{}?code={QUERY}", mock.base_url()));
    endpoint.key = KeySource::Value(SecretString::from(KEY));
    endpoint.headers = vec![("x-token".to_owned(), SecretString::from(HEADER))];
    endpoint.is_replica = true;
    endpoint
}

fn assert_clean(shown: &str) {
    for secret in [KEY, HEADER, QUERY, PASSWORD] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

/// Everything that anybody could show of an outcome.
fn shown(outcome: &Outcome) -> String {
    let failure = outcome.failure.as_ref();
    let upstreams: Vec<String> = outcome
        .events
        .iter()
        .filter_map(|event| match event {
            moa_core::ChatEvent::Upstream(upstream) => Some(serde_json::to_string(upstream).unwrap()),
            _ => None,
        })
        .collect();
    format!(
        "{outcome:?} {} {upstreams:?} {}",
        failure.map(ToString::to_string).unwrap_or_default(),
        serde_json::to_string(&failure).unwrap()
    )
}

#[tokio::test]
async fn an_endpoint_that_repeats_secrets_is_not_repeated() {
    let echo = format!("wrong key {KEY} (Bearer {KEY}), header {HEADER}, query {QUERY}, sk-live-****cdef");
    for body in [
        format!("{{\"error\": {{\"message\": \"{echo}\", \"code\": \"invalid_api_key\"}}}}"),
        echo.clone(),
        format!("<html><title>{echo}</title></html>"),
    ] {
        let rule = Rule::any().status(401).body(body).header("x-request-id", format!("req-{KEY}"));
        let mock = Mock::builder().rule(rule).start().await.unwrap();
        let outcome = ask(&model(secretive(&mock))).await;
        assert_eq!(outcome.failed().kind, FailureKind::Unauthorized);
        assert!(outcome.failed().message.contains("***"), "{:?}", outcome.failed());
        assert!(!shown(&outcome).contains("****cdef"));
        assert_clean(&shown(&outcome));
    }
}

#[tokio::test]
async fn errors_in_the_middle_and_names_of_models_are_cleaned_too() {
    let mut rule = Rule::any().answer("one two three").stream(|shape| {
        let mut error = moa_testkit::StreamError::before_chunk(2);
        error.message = format!("cannot bill {KEY}");
        shape.error = Some(error);
    });
    rule.answer.model = Some(format!("model-for-{KEY}"));
    let mock = Mock::builder().rule(rule).start().await.unwrap();
    let outcome = ask(&model(secretive(&mock))).await;
    assert!(outcome.failed().message.contains("cannot bill ***"), "{:?}", outcome.failed());
    assert_clean(&shown(&outcome));
}

#[tokio::test]
async fn faults_of_the_connection_do_not_show_the_address_with_its_secrets() {
    let mock = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let endpoint = secretive(&mock);
    mock.refuse().await;
    assert_clean(&shown(&ask(&model(endpoint.clone())).await));
    mock.listen().await;
    mock.set_rules([Rule::any().answer("one two").reset_after_bytes(60)]);
    assert_clean(&shown(&ask(&model(endpoint)).await));
    let with_password = mock.base_url().replace("http://", &format!("http://user:{PASSWORD}@"));
    let outcome = ask(&model(settings(&with_password))).await;
    assert_clean(&shown(&outcome));
    assert!(mock.log().requests()[1].authorization.is_present());
}

#[tokio::test]
async fn settings_and_models_show_no_secret() {
    let mock = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let mut settings = secretive(&mock);
    settings.proxy = ProxySettings::Through {
        url: SecretString::from(format!("http://user:{PASSWORD}@127.0.0.1:9")),
        except: Some("127.0.0.1".to_owned()),
    };
    let endpoint = Endpoint::new(settings.clone());
    let model = OpenAiModel::new(&endpoint, ModelSettings::new("here", "asked-model"));
    ask(&model).await.end();
    let shown = [
        format!("{settings:?} {endpoint:?} {model:?}"),
        format!("{} {} {}", settings.address, model.identity(), settings.key.origin()),
    ];
    for shown in &shown {
        assert_clean(shown);
    }
}

#[tokio::test]
async fn keys_that_cannot_be_had_ask_nothing() {
    let mock = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    for key in [
        KeySource::Environment("MOA_NO_SUCH_VARIABLE".to_owned()),
        KeySource::File("/nowhere/key".into()),
        KeySource::Value(SecretString::from("line one\nline two")),
    ] {
        let mut endpoint = settings(&mock.base_url());
        endpoint.key = key;
        let outcome = ask(&model(endpoint)).await;
        assert_eq!(outcome.failed().kind, FailureKind::Unauthorized);
        assert!(!shown(&outcome).contains("line one"));
    }
    assert_eq!(mock.connections(), 0);
}

#[tokio::test]
async fn a_key_that_is_put_in_place_later_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mock = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let mut endpoint = settings(&mock.base_url());
    endpoint.key = KeySource::File(folder.path().join("key"));
    let model = model(endpoint);
    assert_eq!(ask(&model).await.failed().kind, FailureKind::Unauthorized);
    std::fs::write(folder.path().join("key"), format!("{KEY}\n")).unwrap();
    ask(&model).await.end();
    assert!(mock.log().requests()[0].authorization.is_bearer(KEY));
}
