//! Every fault, as a client sees it.

use std::io::ErrorKind;

use moa_testkit::{Done, Fault, Framing, LineEnding, Mock, Outcome, Point, RetryAfter, Rule};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{
    Ending, ask, chat, content, events, exchange, read_to_end, read_until, request, send, stream_text,
    streamed,
};

async fn one(rule: Rule) -> Mock {
    Mock::builder().rule(rule).start().await.unwrap()
}

#[tokio::test]
async fn statuses_come_with_errors_in_the_form_of_openai() {
    for status in [400, 401, 403, 404, 408, 409, 413, 425, 429, 500, 502, 503, 504] {
        let mock = one(Rule::any().status(status)).await;
        let response = ask(&mock, &streamed("a", "x")).await;
        assert_eq!(response.status(), status);
        let error: Value = response.json().await.unwrap();
        assert!(error["error"]["message"].as_str().unwrap().contains(&status.to_string()));
    }
}

#[tokio::test]
async fn retry_after_comes_in_each_form() {
    let header = async |retry: RetryAfter, name: &str| -> String {
        let mock =
            one(Rule::any().status(429).retry_after(retry).should_retry(false).header("x-more", "1")).await;
        let response = ask(&mock, &chat("a", "x")).await;
        assert_eq!(response.headers()["x-should-retry"], "false");
        assert_eq!(response.headers()["x-more"], "1");
        response.headers()[name].to_str().unwrap().to_owned()
    };
    assert_eq!(header(RetryAfter::Seconds(2), "retry-after").await, "2");
    assert_eq!(header(RetryAfter::Milliseconds(150), "retry-after-ms").await, "150");
    assert_eq!(header(RetryAfter::Raw("soon".to_owned()), "retry-after").await, "soon");
    let hour = std::time::Duration::from_hours(1);
    let before = jiff::Timestamp::now();
    let date = header(RetryAfter::DateIn(hour), "retry-after").await;
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).unwrap();
    assert!(
        date >= before + hour && date <= jiff::Timestamp::now() + hour + std::time::Duration::from_secs(1)
    );
}

#[tokio::test]
async fn bodies_can_be_anything() {
    let html = one(Rule::any().html("<html>log in</html>")).await;
    let response = ask(&html, &streamed("a", "x")).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"text/html; charset=utf-8".parse().unwrap())
    );
    assert_eq!(response.text().await.unwrap(), "<html>log in</html>");
    let typed = one(Rule::any().answer("x").content_type("text/plain")).await;
    let response = ask(&typed, &streamed("a", "x")).await;
    assert_eq!(response.headers()["content-type"], "text/plain");
    assert_eq!(content(&events(&response.text().await.unwrap())), "x");
    let cut =
        one(Rule::any().answer("a longer text").response(|response| response.cut_body_at = Some(40))).await;
    let body = ask(&cut, &chat("a", "x")).await.bytes().await.unwrap();
    assert_eq!(body.len(), 40);
    assert!(serde_json::from_slice::<Value>(&body).is_err());
    let spoilt = one(Rule::any().answer("text").response(|response| response.invalid_utf8 = true)).await;
    let body = ask(&spoilt, &chat("a", "x")).await.bytes().await.unwrap();
    assert!(std::str::from_utf8(&body).is_err());
}

#[tokio::test]
async fn a_refused_port_refuses_and_comes_back() {
    let mock = one(Rule::any().answer("x")).await;
    let mut idle = TcpStream::connect(mock.address()).await.unwrap();
    idle.write_all(&request(&chat("a", "x"), "")).await.unwrap();
    read_until(&mut idle, b"}").await;
    for _ in 0..3 {
        mock.refuse().await;
        let refused = TcpStream::connect(mock.address()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        mock.listen().await;
        assert_eq!(ask(&mock, &chat("a", "x")).await.status(), 200);
    }
    assert_eq!(read_to_end(&mut idle).await.1, Ending::Closed);
}

#[tokio::test]
async fn silence_lasts_until_the_client_leaves() {
    let mock = one(Rule::any().silent()).await;
    let mut socket = send(&mock, &chat("a", "x")).await;
    mock.all().arrived(1).await;
    let mut byte = [0];
    assert_eq!(socket.try_read(&mut byte).unwrap_err().kind(), ErrorKind::WouldBlock);
    socket.shutdown().await.unwrap();
    assert_eq!(read_to_end(&mut socket).await, (Vec::new(), Ending::Closed));
    mock.all().aborted(1).await;
    assert_eq!(mock.log().requests()[0].first_byte, None);
}

#[tokio::test]
async fn resets_and_closes_come_after_the_byte_that_was_said() {
    for body in [chat("a", "x"), streamed("a", "x")] {
        for bytes in [0, 1, 17, 200] {
            let reset = one(Rule::any().answer("some words to send").reset_after_bytes(bytes)).await;
            let (seen, ending) = exchange(&reset, &body).await;
            assert_eq!((seen.len() as u64, ending), (bytes, Ending::Reset));
            let close = one(Rule::any().answer("some words to send").close_after_bytes(bytes)).await;
            let (seen, ending) = exchange(&close, &body).await;
            assert_eq!((seen.len() as u64, ending), (bytes, Ending::Closed));
            assert_eq!(close.log().requests()[0].outcome(), Some(Outcome::Broken));
            assert_eq!(close.log().requests()[0].bytes_sent, bytes);
        }
    }
}

#[tokio::test]
async fn faults_come_at_the_point_that_was_said() {
    let words = "one two three";
    let said = |bytes: &[u8]| content(&events(&String::from_utf8_lossy(bytes)));
    let cases = [
        (Point::BeforeHead, ""),
        (Point::BeforeChunk(1), ""),
        (Point::BeforeChunk(3), "one two"),
        (Point::BeforeEnd, "one two three"),
    ];
    for (point, expected) in cases {
        let reset = one(Rule::any().answer(words).fault(Fault::ResetAt(point))).await;
        let (bytes, ending) = exchange(&reset, &streamed("a", "x")).await;
        assert_eq!((said(&bytes).as_str(), ending), (expected, Ending::Reset), "{point:?}");
        assert_eq!(bytes.is_empty(), point == Point::BeforeHead);
        let close = one(Rule::any().answer(words).fault(Fault::CloseAt(point))).await;
        let (bytes, ending) = exchange(&close, &streamed("a", "x")).await;
        assert_eq!((said(&bytes).as_str(), ending), (expected, Ending::Closed), "{point:?}");
        assert!(!bytes.ends_with(b"0\r\n\r\n"));
    }
    let stall = one(Rule::any().answer(words).stall_at(Point::BeforeChunk(3))).await;
    let mut socket = send(&stall, &streamed("a", "x")).await;
    let mut bytes = Vec::new();
    while !String::from_utf8_lossy(&bytes).contains("\" two\"") {
        assert_ne!(socket.read_buf(&mut bytes).await.unwrap(), 0);
    }
    assert_eq!(stall.all().counts().in_flight(), 1);
    drop(socket);
    stall.all().aborted(1).await;
    assert_eq!(stall.log().requests()[0].chunks_sent, 2);
}

#[tokio::test]
async fn done_can_be_missing_or_said_twice() {
    let times = async |done: Done| {
        let mock = one(Rule::any().answer("x").stream(|stream| stream.done = done)).await;
        stream_text(&mock, &streamed("a", "x")).await.matches("data: [DONE]\n\n").count()
    };
    assert_eq!(times(Done::Missing).await, 0);
    assert_eq!(times(Done::Once).await, 1);
    assert_eq!(times(Done::Twice).await, 2);
    assert_eq!(times(Done::TwiceWithEventBetween).await, 2);
}

#[tokio::test]
async fn events_can_be_written_in_every_way_that_the_standard_allows() {
    let raw = async |change: fn(&mut moa_testkit::StreamShape)| {
        let mock = one(Rule::any().answer("one two").stream(change)).await;
        ask(&mock, &streamed("a", "x")).await.bytes().await.unwrap()
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let crlf = text(&raw(|stream| stream.line_ending = LineEnding::CrLf).await);
    assert!(crlf.ends_with("data: [DONE]\r\n\r\n") && !crlf.replace("\r\n", "").contains(['\r', '\n']));
    let cr = text(&raw(|stream| stream.line_ending = LineEnding::Cr).await);
    assert!(cr.ends_with("data: [DONE]\r\r") && !cr.contains('\n'));
    assert!(raw(|stream| stream.byte_order_mark = true).await.starts_with(b"\xEF\xBB\xBFdata: {"));
    let comments = text(&raw(|stream| stream.comment = Some("working".to_owned())).await);
    assert!(comments.starts_with(": working\n\ndata: ") && comments.matches(": working\n").count() == 5);
    let other = text(&raw(|stream| stream.other_fields = true).await);
    assert!(other.starts_with("event: message\nid: 0\nretry: 3000\ndata: {"));
    assert!(text(&raw(|stream| stream.no_space = true).await).starts_with("data:{"));
    let lines = text(&raw(|stream| stream.multi_line = true).await);
    let events = lines.split("\n\n").filter(|event| event.contains('{'));
    let joined = events.map(|event| {
        event.lines().map(|line| line.strip_prefix("data: ").unwrap()).collect::<Vec<_>>().join("\n")
    });
    let joined: Vec<Value> = joined.map(|data| serde_json::from_str(&data).unwrap()).collect();
    assert_eq!(content(&joined), "one two");
    assert!(lines.lines().count() > 40);
}

#[tokio::test]
async fn chunks_can_be_spoilt_or_cut() {
    let spoilt =
        one(Rule::any().answer("one \u{FFFD} two").stream(|stream| stream.invalid_utf8_in_chunk = Some(2)))
            .await;
    let bytes = ask(&spoilt, &streamed("a", "x")).await.bytes().await.unwrap();
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let invalid: Vec<usize> =
        (0..lines.len()).filter(|index| std::str::from_utf8(lines[*index]).is_err()).collect();
    assert_eq!(invalid, [2]);
    let cut = one(Rule::any().answer("one two").stream(|stream| stream.cut_json_in_chunk = Some(1))).await;
    let text = stream_text(&cut, &streamed("a", "x")).await;
    let broken = text.lines().filter_map(|line| line.strip_prefix("data: {")).map(|rest| format!("{{{rest}"));
    let broken: Vec<bool> = broken.map(|data| serde_json::from_str::<Value>(&data).is_err()).collect();
    assert_eq!(broken, [false, true, false, false]);
}

#[tokio::test]
async fn an_error_event_ends_the_stream_without_done() {
    let mock = one(Rule::any().answer("one two three").error_before_chunk(3)).await;
    let text = stream_text(&mock, &streamed("a", "x")).await;
    let events = events(&text);
    assert_eq!(content(&events), "one two");
    assert_eq!(events.last().unwrap()["error"]["type"], "server_error");
    assert!(!text.contains("[DONE]"));
}

#[tokio::test]
async fn a_drip_changes_no_byte() {
    let whole = one(Rule::any().answer("one two")).await;
    let drip = one(Rule::any().answer("one two").drip(1, std::time::Duration::ZERO)).await;
    assert_eq!(exchange(&drip, &streamed("a", "x")).await, exchange(&whole, &streamed("a", "x")).await);
}

#[tokio::test]
async fn a_body_can_last_until_the_connection_closes() {
    let mock =
        one(Rule::any().answer("one two").response(|response| response.framing = Framing::UntilClose)).await;
    let mut socket = send(&mock, &streamed("a", "x")).await;
    let (bytes, ending) = read_to_end(&mut socket).await;
    assert_eq!(ending, Ending::Closed);
    assert!(bytes.ends_with(b"data: [DONE]\n\n"));
    assert_eq!(content(&events(&stream_text(&mock, &streamed("a", "x")).await)), "one two");
}
