//! HTTP as clients may speak it, and as they should not.

use moa_testkit::{Mock, Rule};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::client::{Ending, chat, read_to_end, read_until, request};

async fn mock() -> Mock {
    Mock::builder().rule(Rule::any().echo()).start().await.unwrap()
}

#[tokio::test]
async fn requests_may_come_in_pieces_at_once_and_chunked() {
    let mock = mock().await;
    let mut socket = TcpStream::connect(mock.address()).await.unwrap();
    for byte in request(&chat("a", "piecewise"), "") {
        socket.write_all(&[byte]).await.unwrap();
    }
    assert!(String::from_utf8_lossy(&read_until(&mut socket, b"}}").await).contains("piecewise"));
    let both = [request(&chat("a", "first"), ""), request(&chat("a", "second"), "")].concat();
    socket.write_all(&both).await.unwrap();
    let mut seen = Vec::new();
    while seen.windows(8).filter(|window| *window == b"HTTP/1.1").count() < 2 || !seen.ends_with(b"}}") {
        seen.extend(read_until(&mut socket, b"}}").await);
    }
    let text = String::from_utf8_lossy(&seen);
    assert!(text.find("first").unwrap() < text.find("second").unwrap());
    let body = chat("a", "chunked").to_string();
    let (one, two) = body.split_at(10);
    let head =
        "POST /chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n";
    let chunks =
        format!("{:x};ext=1\r\n{one}\r\n{:X}\r\n{two}\r\n0\r\ntrailer: x\r\n\r\n", one.len(), two.len());
    socket.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(read_until(&mut socket, b"\r\n\r\n").await, b"HTTP/1.1 100 Continue\r\n\r\n");
    socket.write_all(chunks.as_bytes()).await.unwrap();
    assert!(String::from_utf8_lossy(&read_until(&mut socket, b"}}").await).contains("chunked"));
    assert_eq!(mock.log().requests().last().unwrap().on_connection, 4);
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let mock = mock().await;
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(100_000));
    let cases = [
        "nonsense\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffff0\r\n",
    ];
    for case in cases {
        let mut socket = TcpStream::connect(mock.address()).await.unwrap();
        socket.write_all(case.as_bytes()).await.unwrap();
        let (bytes, ending) = read_to_end(&mut socket).await;
        assert!(bytes.starts_with(b"HTTP/1.1 400 Bad Request\r\n"), "{case}");
        assert_eq!(ending, Ending::Closed, "{case}");
    }
    // Here bytes are left unread, so that the system may reset.
    let mut socket = TcpStream::connect(mock.address()).await.unwrap();
    socket.write_all(long.as_bytes()).await.unwrap();
    assert!(read_to_end(&mut socket).await.0.starts_with(b"HTTP/1.1 4"));
    // A request that breaks off was none.
    let mut socket = TcpStream::connect(mock.address()).await.unwrap();
    socket.write_all(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 10\r\n\r\nabc").await.unwrap();
    socket.shutdown().await.unwrap();
    assert_eq!(read_to_end(&mut socket).await.0, b"");
}

#[tokio::test]
async fn old_clients_are_closed_on() {
    let mock = mock().await;
    let mut socket = TcpStream::connect(mock.address()).await.unwrap();
    socket.write_all(b"GET /v1/models HTTP/1.0\r\n\r\n").await.unwrap();
    let (bytes, ending) = read_to_end(&mut socket).await;
    assert!(String::from_utf8_lossy(&bytes).contains("connection: close") && ending == Ending::Closed);
}
