//! Ways through a proxy.

use std::process::Command;

use moa_core::FailureKind;
use moa_openai::{KeySource, ProxySettings};
use moa_testkit::{Certificate, Mock, Proxy, Rule};
use secrecy::SecretString;

use crate::asking::{ask, model, settings};

/// Set in the process that reads its proxy from the environment.
const CHILD: &str = "MOA_OPENAI_TEST_CHILD";

fn through(proxy: &str, except: Option<&str>) -> ProxySettings {
    ProxySettings::Through { url: SecretString::from(proxy), except: except.map(str::to_owned) }
}

#[tokio::test]
async fn a_named_proxy_is_used_for_both_schemes() {
    let plain = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let secure = Mock::builder().tls(Certificate::Valid).rule(Rule::any().answer("x")).start().await.unwrap();
    let authority = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(authority.path(), secure.ca_pem().unwrap()).unwrap();
    let proxy = Proxy::builder().credentials("user", "password-1").start().await.unwrap();
    let with_password = proxy.url().replace("http://", "http://user:password-1@");
    for (mock, method) in [(&plain, "POST"), (&secure, "CONNECT")] {
        let mut endpoint = settings(&mock.base_url());
        endpoint.key = KeySource::Value(SecretString::from("sk-the-key"));
        endpoint.ca_file = Some(authority.path().to_owned());
        endpoint.proxy = through(&with_password, None);
        assert!(!format!("{endpoint:?}").contains("password-1"));
        assert_eq!(ask(&model(endpoint)).await.text(), "x");
        assert_eq!(proxy.requests().pop().unwrap().method, method);
        assert!(mock.log().requests()[0].authorization.is_bearer("sk-the-key"));
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_is_told_as_the_proxy() {
    let plain = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let secure = Mock::builder().tls(Certificate::Valid).rule(Rule::any().answer("x")).start().await.unwrap();
    let proxy = Proxy::builder().credentials("user", "password-1").start().await.unwrap();
    let with_wrong = proxy.url().replace("http://", "http://user:password-2@");
    for mock in [&plain, &secure] {
        let mut endpoint = settings(&mock.base_url());
        endpoint.proxy = through(&with_wrong, None);
        let outcome = ask(&model(endpoint)).await;
        let failure = outcome.failed();
        assert_eq!(failure.kind, FailureKind::ModelUnavailable);
        assert!(failure.hint.as_ref().unwrap().contains("proxy"), "{failure:?}");
        assert!(!failure.is_retryable(), "{failure:?}");
        assert!(!format!("{failure:?}").contains("password-2"));
        assert_eq!(mock.log().len(), 0);
    }
}

#[tokio::test]
async fn exceptions_are_reached_directly() {
    let mock = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let proxy = Proxy::builder().start().await.unwrap();
    let mut endpoint = settings(&mock.base_url());
    endpoint.proxy = through(&proxy.url(), Some("127.0.0.1,localhost"));
    assert_eq!(ask(&model(endpoint)).await.text(), "x");
    assert!(proxy.requests().is_empty());
}

#[tokio::test]
async fn an_address_that_is_no_proxy_is_told_without_its_password() {
    for url in ["ftp://user:password-1@h", "user:password-1@h:3128", ""] {
        let mut endpoint = settings("http://127.0.0.1:9/v1");
        endpoint.proxy = through(url, None);
        let outcome = ask(&model(endpoint)).await;
        assert_eq!(outcome.failed().kind, FailureKind::InvalidRequest, "{url}");
        assert!(!format!("{:?}", outcome.failed()).contains("password-1"));
    }
}

/// Variables of the environment cannot be set in a process of tests, so that this test starts another one of itself.
#[tokio::test]
async fn the_environment_names_a_proxy_but_not_for_this_machine() {
    if let Ok(local) = std::env::var(CHILD) {
        assert_eq!(ask(&model(settings("http://api.example/v1"))).await.text(), "x");
        assert_eq!(ask(&model(settings(&local))).await.text(), "x");
        let mut direct = settings("http://api.example.invalid/v1");
        direct.proxy = ProxySettings::Direct;
        assert_eq!(ask(&model(direct)).await.failed().kind, FailureKind::ModelUnavailable);
        return;
    }
    let mock = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let proxy = Proxy::builder().host("api.example:80", mock.address()).start().await.unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "proxy::the_environment_names_a_proxy_but_not_for_this_machine", "--nocapture"]);
    child.env(CHILD, mock.base_url()).env("http_proxy", proxy.url());
    child.env_remove("no_proxy").env_remove("NO_PROXY").env_remove("HTTP_PROXY");
    let output = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(mock.log().len(), 2);
    assert_eq!(proxy.requests().len(), 1);
}
