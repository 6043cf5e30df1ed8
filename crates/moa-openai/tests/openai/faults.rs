//! What goes wrong on the way and in the answer.

use std::time::Duration;

use moa_core::{FailureKind, FinishReason};
use moa_testkit::{Done, FinishAt, Framing, LineEnding, Point, RoleAt, Rule};
use tokio::net::TcpListener;

use crate::asking::{ask, model, one, settings};

/// The failure that a rule leads to, and the text that had arrived before it.
async fn failed(rule: Rule) -> (FailureKind, String) {
    let (_mock, model) = one(rule).await;
    let outcome = ask(&model).await;
    let failure = outcome.failed();
    assert!(failure.message.starts_with("asked-model at mock (127.0.0.1:"), "{failure}");
    (failure.kind, outcome.text())
}

async fn answered(rule: Rule) -> String {
    let (_mock, model) = one(rule).await;
    let outcome = ask(&model).await;
    assert_eq!(outcome.end().0, FinishReason::Stop);
    outcome.text()
}

fn words() -> Rule {
    Rule::any().answer("one two three four")
}

#[tokio::test]
async fn a_port_that_refuses_is_a_model_that_cannot_be_had() {
    let (mock, model) = one(words()).await;
    mock.refuse().await;
    let outcome = ask(&model).await;
    assert_eq!(outcome.failed().kind, FailureKind::ModelUnavailable);
    assert!(outcome.failed().is_retryable());
    let hint = outcome.failed().hint.as_ref().unwrap();
    assert!(hint.contains("start the server"), "{:?}", outcome.failed());
    mock.listen().await;
    assert_eq!(ask(&model).await.text(), "one two three four");
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_told_as_such() {
    let outcome = ask(&model(settings("http://no-such-host.invalid/v1"))).await;
    assert_eq!(outcome.failed().kind, FailureKind::ModelUnavailable);
}

/// Connecting includes TLS: a port that accepts and says nothing keeps it from ending.
#[tokio::test]
async fn connecting_has_an_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut endpoint = settings(&format!("https://{address}/v1"));
    endpoint.connect_timeout = Duration::from_millis(50);
    let outcome = ask(&model(endpoint)).await;
    assert_eq!(outcome.failed().kind, FailureKind::ConnectTimeout);
    assert!(outcome.failed().hint.as_ref().unwrap().contains("connect-timeout"));
}

#[tokio::test]
async fn a_connection_that_breaks_keeps_what_had_arrived() {
    use FailureKind::ConnectionLost;
    for point in [Point::BeforeHead, Point::BEFORE_FIRST_CHUNK] {
        for fault in [moa_testkit::Fault::ResetAt(point), moa_testkit::Fault::CloseAt(point)] {
            assert_eq!(failed(words().fault(fault)).await, (ConnectionLost, String::new()), "{fault:?}");
        }
    }
    let close = moa_testkit::Fault::CloseAt(Point::BeforeChunk(3));
    assert_eq!(failed(words().fault(close)).await, (ConnectionLost, "one two".to_owned()));
    // A reset may overtake what was sent before it.
    let (kind, text) = failed(words().fault(moa_testkit::Fault::ResetAt(Point::BeforeChunk(3)))).await;
    assert!(kind == ConnectionLost && "one two".starts_with(&text), "{text}");
    for bytes in [0, 1, 17, 300] {
        assert_eq!(failed(words().close_after_bytes(bytes)).await.0, ConnectionLost, "{bytes}");
        assert_eq!(failed(words().reset_after_bytes(bytes)).await.0, ConnectionLost, "{bytes}");
    }
}

#[tokio::test]
async fn an_end_without_a_finish_reason_is_no_end() {
    let rule = words()
        .response(|response| response.framing = Framing::UntilClose)
        .stream(|shape| (shape.finish, shape.done) = (FinishAt::Never, Done::Missing));
    assert_eq!(failed(rule).await, (FailureKind::ConnectionLost, "one two three four".to_owned()));
}

#[tokio::test]
async fn every_form_of_a_good_stream_is_one() {
    let forms: Vec<fn(&mut moa_testkit::StreamShape)> = vec![
        |shape| shape.done = Done::Missing,
        |shape| shape.done = Done::Twice,
        |shape| shape.done = Done::TwiceWithEventBetween,
        |shape| shape.finish = FinishAt::LastChunk,
        |shape| shape.finish = FinishAt::Never,
        |shape| shape.role = RoleAt::Never,
        |shape| shape.role = RoleAt::EveryChunk,
        |shape| shape.chunks = moa_testkit::Chunks::Whole,
        |shape| shape.line_ending = LineEnding::CrLf,
        |shape| shape.line_ending = LineEnding::Cr,
        |shape| shape.byte_order_mark = true,
        |shape| shape.comment = Some("ping".to_owned()),
        |shape| shape.multi_line = true,
        |shape| shape.other_fields = true,
        |shape| shape.no_space = true,
        |shape| shape.drip = Some(moa_testkit::Drip { bytes: 5, pause: Duration::ZERO }),
    ];
    for (place, form) in forms.into_iter().enumerate() {
        assert_eq!(answered(words().stream(form)).await, "one two three four", "form {place}");
    }
    assert_eq!(answered(words().content_type("text/plain")).await, "one two three four");
    let unframed = words().response(|response| response.framing = Framing::UntilClose);
    assert_eq!(answered(unframed).await, "one two three four");
}

#[tokio::test]
async fn what_is_no_answer_is_a_bad_response() {
    use FailureKind::BadResponse;
    assert_eq!(failed(words().html("<html>log in</html>")).await.0, BadResponse);
    assert_eq!(failed(words().body("it works")).await.0, BadResponse);
    assert_eq!(failed(words().body("{\"status\": \"ok\"}")).await.0, BadResponse);
    let cut = words().stream(|shape| shape.cut_json_in_chunk = Some(2));
    assert_eq!(failed(cut).await, (BadResponse, "one".to_owned()));
    let compressed = words().header("content-encoding", "gzip");
    assert_eq!(failed(compressed).await.0, BadResponse);
}

#[tokio::test]
async fn bytes_that_are_no_text_are_replaced_and_told() {
    let (_mock, model) = one(words().stream(|shape| shape.invalid_utf8_in_chunk = Some(2))).await;
    let outcome = ask(&model).await;
    assert!(outcome.text().contains('\u{fffd}'), "{}", outcome.text());
    assert!(outcome.warnings()[0].contains("UTF-8"));
}

#[tokio::test]
async fn an_error_in_the_middle_ends_the_answer() {
    let rule = words().error_before_chunk(3);
    assert_eq!(failed(rule).await, (FailureKind::ServerError, "one two".to_owned()));
}

/// Some servers never close a stream that is complete.
#[tokio::test]
async fn a_complete_answer_does_not_wait_for_its_end_for_ever() {
    use futures::StreamExt as _;
    use moa_core::ChatModel as _;
    let rule = words().stream(|shape| shape.finish = FinishAt::LastChunk).stall_at(Point::BeforeEnd);
    let (_mock, model) = one(rule).await;
    let mut stream = model.stream(crate::asking::request("Why?"));
    let mut text = String::new();
    while text != "one two three four" {
        if let moa_core::ChatEvent::Delta { text: piece, .. } = stream.next().await.unwrap().unwrap() {
            text.push_str(&piece);
        }
    }
    tokio::time::pause();
    let outcome = crate::asking::rest_of(stream).await;
    assert_eq!(outcome.end().0, FinishReason::Stop);
}
