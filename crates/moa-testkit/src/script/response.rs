//! The HTTP side of a reply: status, headers, a body of one's own.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The HTTP side of a reply. What is left out is as a good server would have it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Response {
    /// The status. Other than 200, the body is an error in `OpenAI`'s form, unless `body` says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers on top of the usual ones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body in place of an answer. Sent as it is, whether or not a stream was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The content type in place of the right one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The code in the error body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// When to ask again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
    /// The header `x-should-retry`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub should_retry: Option<bool>,
    /// Sends a body that is not streamed only up to this byte, under a `content-length` that says so: cut JSON in whole HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_body_at: Option<usize>,
    /// Puts bytes that are not UTF-8 into the text of a body that is not streamed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub invalid_utf8: bool,
    /// How the end of the body is told.
    #[serde(skip_serializing_if = "Framing::is_usual")]
    pub framing: Framing,
    /// Whether the connection is closed after the reply, with `connection: close`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub close: bool,
}

/// When to ask again, in each form that services use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetryAfter {
    /// `retry-after: 2`.
    Seconds(u64),
    /// `retry-after: Tue, 24 Nov 2026 15:00:00 GMT`, so long after now. HTTP dates have whole seconds: it is rounded up.
    DateIn(#[serde(with = "super::duration")] Duration),
    /// `retry-after-ms: 1500`.
    Milliseconds(u64),
    /// `retry-after:` with just this text.
    Raw(String),
}

/// How the end of a body is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Framing {
    /// Streams are chunked, other bodies have a length.
    #[default]
    Usual,
    /// Neither: the end of the connection is the end of the body.
    UntilClose,
}

impl Framing {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    fn is_usual(&self) -> bool {
        *self == Self::Usual
    }
}
