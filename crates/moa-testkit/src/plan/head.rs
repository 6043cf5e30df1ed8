//! Status lines, headers, and the bodies of errors.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::json;

use super::step::{Piece, Plan, Step};
use crate::script::{Framing, Response, RetryAfter};

/// What a head says of the body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Body<'a> {
    Stream,
    Whole { length: usize, content_type: &'a str },
}

/// The status line and the headers, up to and with the empty line.
pub(crate) fn head(status: u16, response: &Response, body: Body<'_>, close: bool) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    let usual_type = match body {
        Body::Stream => "text/event-stream; charset=utf-8",
        Body::Whole { content_type, .. } => content_type,
    };
    let mut header = |name: &str, value: &str| {
        // Writing into a text cannot fail.
        let _ = write!(head, "{name}: {value}\r\n");
    };
    header("content-type", response.content_type.as_deref().unwrap_or(usual_type));
    match (response.framing, body) {
        (Framing::UntilClose, _) => {}
        (Framing::Usual, Body::Stream) => header("transfer-encoding", "chunked"),
        (Framing::Usual, Body::Whole { length, .. }) => header("content-length", &length.to_string()),
    }
    if matches!(body, Body::Stream) {
        header("cache-control", "no-cache");
    }
    if close {
        header("connection", "close");
    }
    match &response.retry_after {
        Some(RetryAfter::Seconds(seconds)) => header("retry-after", &seconds.to_string()),
        Some(RetryAfter::Milliseconds(milliseconds)) => header("retry-after-ms", &milliseconds.to_string()),
        Some(RetryAfter::DateIn(duration)) => header("retry-after", &http_date_in(*duration)),
        Some(RetryAfter::Raw(text)) => header("retry-after", text),
        None => {}
    }
    if let Some(should_retry) = response.should_retry {
        header("x-should-retry", if should_retry { "true" } else { "false" });
    }
    for (name, value) in &response.headers {
        header(name, value);
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// The date of HTTP that lies so long after now, rounded up to a whole second.
fn http_date_in(duration: Duration) -> String {
    let at = Timestamp::now().saturating_add(duration).unwrap_or(Timestamp::MAX);
    let second = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    let whole = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
    // Years beyond 9999 are all that cannot be printed.
    DateTimePrinter::new().timestamp_to_rfc9110_string(&whole).unwrap_or_default()
}

/// An error in `OpenAI`'s form.
pub(crate) fn error_body(status: u16, message: &str, code: Option<&str>) -> Vec<u8> {
    let kind = match status {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        _ => "server_error",
    };
    let code = code.or(match status {
        401 => Some("invalid_api_key"),
        404 => Some("model_not_found"),
        429 => Some("rate_limit_exceeded"),
        _ => None,
    });
    json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
        .to_string()
        .into_bytes()
}

/// A reply at once: head and body, nothing else.
pub(crate) fn plain(status: u16, content_type: &str, body: &[u8], close: bool) -> Plan {
    let mut bytes =
        head(status, &Response::default(), Body::Whole { length: body.len(), content_type }, close);
    bytes.extend_from_slice(body);
    Plan { status, steps: vec![Step::Send(Piece::plain(bytes))], close, ..Plan::default() }
}

/// The bytes of a short text with a status and headers, after which the connection closes.
pub(crate) fn plain_bytes(status: u16, text: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut response = Response::default();
    response.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let body = Body::Whole { length: text.len(), content_type: "text/plain; charset=utf-8" };
    let mut bytes = head(status, &response, body, true);
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// The reason phrase, which nobody reads but people.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        425 => "Too Early",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Scripted",
    }
}
