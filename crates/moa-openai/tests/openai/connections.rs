//! Sockets and certificates: when a connection is used again, when it is closed, whom it trusts.

use std::io::Write as _;

use futures::StreamExt as _;
use moa_core::{ChatEvent, ChatModel as _, FailureKind};
use moa_testkit::{Certificate, Mock, Point, Rule};

use crate::asking::{ask, model, one, request, settings};

#[tokio::test]
async fn one_connection_serves_one_question_after_the_other() {
    let (mock, model) = one(Rule::any().answer("one two")).await;
    for _ in 0..5 {
        assert_eq!(ask(&model).await.text(), "one two");
        // The connection is free when the reply's last byte was read, which is after the answer.
        mock.all().idle().await;
        tokio::task::yield_now().await;
    }
    assert_eq!(mock.connections(), 1);
}

#[tokio::test]
async fn dropping_the_stream_closes_the_socket_wherever_it_is() {
    for point in [Point::BeforeHead, Point::BEFORE_FIRST_CHUNK, Point::BeforeChunk(3), Point::BeforeEnd] {
        let (mock, model) = one(Rule::any().answer("one two three").hold(point)).await;
        let mut stream = model.stream(request("Why?"));
        let reads = async {
            while let Some(event) = stream.next().await {
                event.unwrap();
            }
        };
        let gate = mock.all();
        tokio::select! {
            () = reads => panic!("the answer ended before {point:?}"),
            () = gate.held(1) => {}
        }
        drop(stream);
        mock.all().aborted(1).await;
        assert_eq!(mock.all().counts().in_flight(), 0, "{point:?}");
    }
}

#[tokio::test]
async fn a_stream_that_is_never_polled_asks_nothing() {
    let (mock, model) = one(Rule::any().answer("x")).await;
    drop(model.stream(request("Why?")));
    let mut stream = model.stream(request("Why?"));
    assert!(matches!(stream.next().await, Some(Ok(ChatEvent::Progress(_)))));
    drop(stream);
    assert_eq!(mock.connections(), 0);
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_when_it_is_named() {
    let mock = Mock::builder().tls(Certificate::Valid).rule(Rule::any().answer("x")).start().await.unwrap();
    let outcome = ask(&model(settings(&mock.base_url()))).await;
    assert_eq!(outcome.failed().kind, FailureKind::ModelUnavailable);
    assert!(!outcome.failed().is_retryable());
    assert!(outcome.failed().hint.as_ref().unwrap().contains("ca-file"), "{:?}", outcome.failed());
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(mock.ca_pem().unwrap().as_bytes()).unwrap();
    let mut endpoint = settings(&mock.base_url());
    endpoint.ca_file = Some(file.path().to_owned());
    assert_eq!(ask(&model(endpoint)).await.text(), "x");
}

#[tokio::test]
async fn certificates_that_are_wrong_stay_wrong() {
    for certificate in [Certificate::Expired, Certificate::WrongHost] {
        let mock = Mock::builder().tls(certificate).rule(Rule::any().answer("x")).start().await.unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(mock.ca_pem().unwrap().as_bytes()).unwrap();
        let mut endpoint = settings(&mock.base_url());
        endpoint.ca_file = Some(file.path().to_owned());
        let outcome = ask(&model(endpoint)).await;
        assert!(!outcome.failed().is_retryable(), "{certificate:?}: {:?}", outcome.failed());
        assert_eq!(mock.log().len(), 0);
    }
}

#[tokio::test]
async fn certificates_that_cannot_be_read_are_told_before_anything_is_asked() {
    let mut no_pem = tempfile::NamedTempFile::new().unwrap();
    no_pem.write_all(b"no certificate").unwrap();
    for path in [no_pem.path().to_owned(), "/nowhere/ca.pem".into()] {
        let mut endpoint = settings("https://127.0.0.1:9/v1");
        endpoint.ca_file = Some(path.clone());
        let outcome = ask(&model(endpoint)).await;
        assert_eq!(outcome.failed().kind, FailureKind::InvalidRequest);
        assert!(outcome.failed().message.contains(path.to_str().unwrap()), "{:?}", outcome.failed());
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let location = format!("{}/chat/completions?token=abcdefgh", elsewhere.base_url());
    for status in [301, 302, 307, 308] {
        let (_mock, model) = one(Rule::any().status(status).header("location", location.clone())).await;
        let outcome = ask(&model).await;
        assert!(!outcome.failed().is_retryable());
        let hint = outcome.failed().hint.as_ref().unwrap();
        assert!(hint.contains(&elsewhere.base_url()) && !hint.contains("abcdefgh"), "{hint}");
    }
    assert_eq!(elsewhere.connections(), 0);
}
