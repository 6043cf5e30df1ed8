//! A client that sees every byte.

use std::io::ErrorKind;

use moa_testkit::Mock;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How a connection ended, as its client sees it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Closed,
    Reset,
}

/// A chat request for a model with one message.
pub(crate) fn chat(model: &str, text: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": text }] })
}

/// The same as a stream.
pub(crate) fn streamed(model: &str, text: &str) -> Value {
    let mut body = chat(model, text);
    body["stream"] = true.into();
    body
}

/// The bytes of a request.
pub(crate) fn request(body: &Value, extra_headers: &str) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: mock\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n{extra_headers}\r\n{body}"
    )
    .into_bytes()
}

/// A raw connection that has sent a request.
pub(crate) async fn send(mock: &Mock, body: &Value) -> TcpStream {
    let mut socket = TcpStream::connect(mock.address()).await.unwrap();
    socket.write_all(&request(body, "")).await.unwrap();
    socket
}

/// Everything that comes until the connection ends.
pub(crate) async fn read_to_end(socket: &mut TcpStream) -> (Vec<u8>, Ending) {
    let mut bytes = Vec::new();
    loop {
        match socket.read_buf(&mut bytes).await {
            Ok(0) => return (bytes, Ending::Closed),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return (bytes, Ending::Reset),
            Err(error) => panic!("{error}"),
        }
    }
}

/// Everything until the bytes end so.
pub(crate) async fn read_until(socket: &mut TcpStream, end: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end) {
        assert_ne!(socket.read_buf(&mut bytes).await.unwrap(), 0, "{}", String::from_utf8_lossy(&bytes));
    }
    bytes
}

/// The whole exchange on a connection of its own.
pub(crate) async fn exchange(mock: &Mock, body: &Value) -> (Vec<u8>, Ending) {
    let mut socket = TcpStream::connect(mock.address()).await.unwrap();
    socket.write_all(&request(body, "connection: close\r\n")).await.unwrap();
    read_to_end(&mut socket).await
}

/// A reply by an ordinary client.
pub(crate) async fn ask(mock: &Mock, body: &Value) -> reqwest::Response {
    http().post(format!("{}/chat/completions", mock.base_url())).json(body).send().await.unwrap()
}

/// An ordinary client without the machine's proxies.
pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// The body of a stream, by an ordinary client.
pub(crate) async fn stream_text(mock: &Mock, body: &Value) -> String {
    ask(mock, body).await.text().await.unwrap()
}

/// The JSON of each event of a stream in the usual form, without `[DONE]`.
pub(crate) fn events(stream: &str) -> Vec<Value> {
    let data = stream.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    data.map(|data| serde_json::from_str(data).unwrap()).collect()
}

/// The text of a stream's events.
pub(crate) fn content(events: &[Value]) -> String {
    events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str()).collect()
}
