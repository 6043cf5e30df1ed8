//! Gates: tests that wait for the mock rather than for time.

use moa_testkit::{Mock, Point, Rule};
use tokio::io::AsyncReadExt as _;

use crate::client::{ask, chat, content, events, read_until, send, streamed};

#[tokio::test]
async fn a_reply_waits_at_each_point_until_it_is_released() {
    let points = [Point::BeforeHead, Point::BeforeChunk(1), Point::BeforeChunk(2), Point::BeforeEnd];
    let rule = points.iter().fold(Rule::model("a").answer("one two"), |rule, point| rule.hold(*point));
    let mock = Mock::builder().rule(rule).start().await.unwrap();
    let gate = mock.gate("a");
    let mut socket = send(&mock, &streamed("a", "x")).await;
    gate.held(1).await;
    assert_eq!(mock.log().requests()[0].bytes_sent, 0);
    let seen = async |socket: &mut tokio::net::TcpStream, wanted: &str| {
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).contains(wanted) {
            assert_ne!(socket.read_buf(&mut bytes).await.unwrap(), 0);
        }
        gate.held(1).await;
        mock.log().requests()[0].chunks_sent
    };
    gate.release_one();
    assert_eq!(seen(&mut socket, "assistant").await, 0);
    gate.release_one();
    assert_eq!(seen(&mut socket, "one").await, 1);
    gate.release_one();
    assert_eq!(seen(&mut socket, "two").await, 2);
    gate.release_one();
    read_until(&mut socket, b"0\r\n\r\n").await;
    gate.finished(1).await;
}

#[tokio::test]
async fn whole_answers_wait_too() {
    let rule = Rule::model("a")
        .answer("x")
        .hold(Point::BeforeHead)
        .hold(Point::BeforeChunk(1))
        .hold(Point::BeforeEnd);
    let mock = Mock::builder().rule(rule).start().await.unwrap();
    let mut socket = send(&mock, &chat("a", "x")).await;
    mock.gate("a").held(1).await;
    mock.gate("a").release_one();
    assert!(read_until(&mut socket, b"\r\n\r\n").await.starts_with(b"HTTP/1.1 200"));
    mock.gate("a").held(1).await;
    mock.gate("a").release_one();
    mock.gate("a").release_one();
    assert!(read_until(&mut socket, b"}}").await.starts_with(b"{"));
}

#[tokio::test]
async fn a_release_goes_to_the_one_that_waits_longest() {
    let mock = Mock::builder().rule(Rule::any().echo().hold(Point::BeforeHead)).start().await.unwrap();
    let mut first = send(&mock, &chat("a", "first")).await;
    mock.gate("a").held(1).await;
    let gone = send(&mock, &chat("a", "gone")).await;
    mock.gate("a").held(2).await;
    let mut last = send(&mock, &chat("b", "last")).await;
    mock.all().held(3).await;
    drop(gone);
    mock.all().aborted(1).await;
    mock.all().release_one();
    assert!(String::from_utf8_lossy(&read_until(&mut first, b"}}").await).contains("first"));
    assert_eq!(mock.gate("b").counts().held, 1);
    mock.gate("b").release_one();
    assert!(String::from_utf8_lossy(&read_until(&mut last, b"}}").await).contains("last"));
}

#[tokio::test]
async fn an_open_gate_holds_nobody_until_it_closes() {
    let rule = Rule::any().named("slow").answer("x y").hold(Point::BeforeHead).hold(Point::BeforeChunk(2));
    let mock = Mock::builder().rule(rule).start().await.unwrap();
    mock.gate("slow").release();
    let text = ask(&mock, &streamed("a", "x")).await.text().await.unwrap();
    assert_eq!(content(&events(&text)), "x y");
    mock.gate("slow").close();
    let _socket = send(&mock, &streamed("a", "x")).await;
    mock.gate("slow").held(1).await;
    assert_eq!(mock.gate("slow").counts().finished, 1);
    // A release before anybody waits is kept for the next.
    mock.gate("slow").release_one();
    mock.gate("slow").held(1).await;
    mock.gate("slow").release_one();
    mock.gate("slow").finished(2).await;
    mock.gate("slow").idle().await;
}

#[tokio::test]
async fn leaving_is_noticed_wherever_the_reply_is() {
    let points = [Point::BeforeHead, Point::BeforeChunk(1), Point::BeforeChunk(2), Point::BeforeEnd];
    for (index, point) in points.into_iter().enumerate() {
        let mock = Mock::builder().rule(Rule::any().answer("x y").hold(point)).start().await.unwrap();
        let socket = send(&mock, &streamed("a", "x")).await;
        mock.all().held(1).await;
        let before = moa_testkit::Stamp::now();
        drop(socket);
        mock.all().aborted(1).await;
        let request = &mock.log().requests()[0];
        assert!(request.end.unwrap().at >= before);
        assert_eq!(request.chunks_sent, index.saturating_sub(1));
        assert_eq!(mock.all().counts().held, 0);
    }
}
