//! One request of the load.

use std::time::Duration;

use futures::StreamExt as _;
use reqwest::header::CONTENT_TYPE;

use super::run::Load;
use crate::clock::Stamp;

/// What comes before the moment at which a mock sent a chunk: its field (`stream.stamp = "field"`), or the text that a server between
/// passes on (`stream.stamp = "text"`).
const MARKS: [&[u8]; 2] = [b"\"mock_sent_ns\":\"", b"\"content\":\""];

/// The longest of them.
const MARK_BYTES: usize = 16;

/// What became of a request.
#[derive(Debug)]
pub(crate) struct Done {
    /// From when it was due to when it was sent.
    pub(crate) lag: Duration,
    pub(crate) result: Result<Measured, String>,
}

/// The times of a request that went well, from when it was due.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) first_byte: Duration,
    pub(crate) end: Duration,
    /// From when each chunk was sent by a mock that tells to when it was read.
    pub(crate) forwarding: Vec<Duration>,
    pub(crate) bytes: u64,
}

/// Sends one request and reads its answer to the end.
pub(crate) async fn call(client: reqwest::Client, load: &Load, body: bytes::Bytes, due: Stamp) -> Done {
    let lag = Stamp::now().since(due);
    let result = match tokio::time::timeout(load.timeout, exchange(&client, load, body, due)).await {
        Ok(result) => result,
        Err(_) => Err("time-out".to_owned()),
    };
    Done { lag, result }
}

async fn exchange(
    client: &reqwest::Client,
    load: &Load,
    body: bytes::Bytes,
    due: Stamp,
) -> Result<Measured, String> {
    let mut request = client.post(load.endpoint()).header(CONTENT_TYPE, "application/json").body(body);
    if let Some(key) = &load.api_key {
        request = request.bearer_auth(key);
    }
    let response = request.send().await.map_err(|error| kind(&error))?;
    let status = response.status();
    let mut measured = Measured {
        first_byte: Stamp::now().since(due),
        end: Duration::ZERO,
        forwarding: Vec::new(),
        bytes: 0,
    };
    let mut stream = response.bytes_stream();
    let mut tail = Vec::new();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|error| kind(&error))?;
        let now = Stamp::now();
        measured.bytes += piece.len() as u64;
        if load.stream {
            read_stamps(&mut tail, &piece, |sent| measured.forwarding.push(now.since(sent)));
        }
    }
    measured.end = Stamp::now().since(due);
    if !status.is_success() {
        return Err(format!("status {}", status.as_u16()));
    }
    Ok(measured)
}

/// Finds the stamps in a piece of a stream. `tail` keeps the end of the piece before, in which a stamp may have begun.
fn read_stamps(tail: &mut Vec<u8>, piece: &[u8], mut found: impl FnMut(Stamp)) {
    const DIGITS: usize = 20;
    tail.extend_from_slice(piece);
    let mut from = 0;
    while let Some(start) = after_mark(tail, from) {
        let Some(digits) = tail.get(start..start + DIGITS) else { break };
        if digits.iter().all(u8::is_ascii_digit)
            && let Some(nanoseconds) = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok())
        {
            found(Stamp::from_nanos(nanoseconds));
        }
        from = start;
    }
    let keep = (tail.len() - from).min(MARK_BYTES + DIGITS);
    tail.drain(..tail.len() - keep);
}

/// Where the first mark at or after `from` ends.
fn after_mark(bytes: &[u8], from: usize) -> Option<usize> {
    let end = |mark: &[u8]| {
        let place = bytes.get(from..)?.windows(mark.len()).position(|window| window == mark)?;
        Some(from + place + mark.len())
    };
    MARKS.into_iter().filter_map(end).min()
}

/// What kind of failure it is, in few words, so that equal ones can be counted.
fn kind(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let stage = if error.is_connect() {
        "connect"
    } else if error.is_body() || error.is_decode() {
        "body"
    } else {
        "request"
    };
    format!("{stage}: {cause}")
}
