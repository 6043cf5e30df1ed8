//! What the log keeps of a request.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::clock::Stamp;

/// What the log keeps of a request.
///
/// Outgoing bytes are stamped just before they are written and incoming ones just after they were read, so that a delay between the
/// two that is measured at the mock is never less than the true one.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    /// Counts from 1 in the order of arrival.
    pub id: u64,
    /// The model that was asked for; empty when the body named none.
    pub model: String,
    /// The place of the rule in the script, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<usize>,
    /// The rule's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_name: Option<String>,
    /// The method.
    pub method: String,
    /// The path, with its query.
    pub path: String,
    /// The headers, by lower-case name, but for those with secrets.
    pub headers: Vec<(String, String)>,
    /// Whether a key was sent, and which.
    pub authorization: Authorization,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// The parsed body, where the log keeps bodies.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub body: Value,
    /// The connection, counted from 1.
    pub connection: u64,
    /// The request's place on its connection, counted from 1: above 1 the connection was used again.
    pub on_connection: u64,
    /// The schedule's phase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// Its first byte was read.
    pub started: Stamp,
    /// Its last byte was read.
    pub arrived: Stamp,
    /// The first byte of the reply was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte: Option<Stamp>,
    /// The numbered chunks were written, where the log keeps them.
    pub chunks: Vec<Stamp>,
    /// How many numbered chunks were written.
    pub chunks_sent: usize,
    /// How many bytes of the reply were written.
    pub bytes_sent: u64,
    /// The reply's status, as planned.
    pub status: u16,
    /// The prompt's tokens, as the usage tells them.
    pub prompt_tokens: u64,
    /// The completion's tokens, as the usage of the whole reply tells them.
    pub completion_tokens: u64,
    /// How it ended; missing while it is in flight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct End {
    /// When: the last byte was about to be written, the client's leaving was noticed, the mock broke off.
    pub at: Stamp,
    /// How.
    pub outcome: Outcome,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was answered to the last byte.
    Finished,
    /// The client left.
    Aborted,
    /// The mock broke it off, as the script says.
    Broken,
    /// The mock was stopped.
    Stopped,
}

/// Whether a key was sent. The key itself is never kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Authorization(Option<String>);

impl Authorization {
    /// Of the header's value.
    pub(crate) fn of(value: Option<&str>) -> Self {
        Self(value.map(digest))
    }

    /// Whether there was any.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.0.is_some()
    }

    /// Whether the header was `Bearer` with this key.
    #[must_use]
    pub fn is_bearer(&self, key: &str) -> bool {
        self.0.as_deref() == Some(digest(&format!("Bearer {key}")).as_str())
    }
}

/// The first half of the SHA-256, in hexadecimal digits.
fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).fold(String::new(), |mut digits, byte| {
        for half in [byte >> 4, byte & 15] {
            digits.extend(char::from_digit(u32::from(half), 16));
        }
        digits
    })
}

impl Request {
    /// Whether it is not over.
    #[must_use]
    pub fn is_in_flight(&self) -> bool {
        self.end.is_none()
    }

    /// How it ended, if it did.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.end.map(|end| end.outcome)
    }

    /// From its last byte read to its end.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.end.map(|end| end.at.since(self.arrived))
    }

    /// From its last byte read to the first byte of the reply.
    #[must_use]
    pub fn time_to_first_byte(&self) -> Option<Duration> {
        self.first_byte.map(|stamp| stamp.since(self.arrived))
    }

    /// A header's value, by lower-case name. Headers with secrets are not kept.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
