//! Server-sent events: framing, and comments that keep a silent stream alive.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use serde::Serialize;

/// Tells proxies not to gather what is written.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What keeps a stream alive. One popular client takes a comment that begins with `: ping` for the end of the stream.
const COMMENT: &[u8] = b": working\n\n";

/// An event with data alone.
pub(crate) fn data(value: &impl Serialize) -> Bytes {
    frame("", value)
}

/// An event with an id, by which a reader resumes.
pub(crate) fn numbered(id: u64, value: &impl Serialize) -> Bytes {
    frame(&format!("id: {id}\n"), value)
}

/// An event with a name, by which a reader tells what it is.
pub(crate) fn named(name: &str, value: &impl Serialize) -> Bytes {
    frame(&format!("event: {name}\n"), value)
}

fn frame(head: &str, value: &impl Serialize) -> Bytes {
    let mut bytes = Vec::with_capacity(256);
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(b"data: ");
    // Nothing that is sent has keys that are no texts; JSON on one line holds no line break.
    if serde_json::to_writer(&mut bytes, value).is_err() {
        bytes.extend_from_slice(b"null");
    }
    bytes.extend_from_slice(b"\n\n");
    Bytes::from(bytes)
}

/// A response that streams `frames`, with a comment wherever nothing else was written for `keep_alive`.
pub(crate) fn response(frames: impl Stream<Item = Bytes> + Send + 'static, keep_alive: Duration) -> Response {
    let body = Body::from_stream(kept_alive(frames, keep_alive).map(Ok::<Bytes, Infallible>));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (ACCEL_BUFFERING, HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}

fn kept_alive(
    frames: impl Stream<Item = Bytes> + Send,
    keep_alive: Duration,
) -> impl Stream<Item = Bytes> + Send {
    async_stream::stream! {
        let mut frames = std::pin::pin!(frames);
        loop {
            match tokio::time::timeout(keep_alive, frames.next()).await {
                Ok(Some(frame)) => yield frame,
                Ok(None) => break,
                Err(_) => yield Bytes::from_static(COMMENT),
            }
        }
    }
}

#[cfg(test)]
#[path = "sse_tests.rs"]
mod tests;
