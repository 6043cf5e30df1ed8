//! Which requests a rule is for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Conditions that a request must all fulfil. What is left out is no condition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct When {
    /// The model's name; `*` stands for any text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Which requests by number, counted from 1 among those that fulfil the other conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Numbers>,
    /// Headers by lower-case name, each with a value in which `*` stands for any text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Text that some message contains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_contains: Option<String>,
    /// Whether the request asks for a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<bool>,
    /// The schedule's phase at the time of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// More than so many requests in flight, this one included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_flight_above: Option<usize>,
    /// What is asked for.
    #[serde(skip_serializing_if = "Route::is_chat")]
    pub route: Route,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// `POST /v1/chat/completions`.
    #[default]
    Chat,
    /// `GET /v1/models` and `GET /v1/models/{id}`.
    Models,
    /// Any path at all, unknown ones too.
    Any,
}

impl Route {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    fn is_chat(&self) -> bool {
        *self == Self::Chat
    }
}

/// Requests by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a number, { from = 2, to = 5 } or { every = 3 }; numbers count from 1"
)]
pub enum Numbers {
    /// This one.
    One(u64),
    /// Every n-th.
    Every(Every),
    /// From one to another, both included.
    Range(Range),
}

/// Every n-th request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Every {
    /// The n.
    pub every: u64,
}

/// From one number to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The first.
    #[serde(default)]
    pub from: u64,
    /// The last; without it there is no last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
}

impl Numbers {
    pub(crate) fn contains(self, number: u64) -> bool {
        match self {
            Self::One(one) => one == number,
            Self::Every(Every { every }) => every > 0 && number.is_multiple_of(every),
            Self::Range(Range { from, to }) => number >= from && to.is_none_or(|to| number <= to),
        }
    }
}

/// Whether `text` is what `pattern` says, where `*` in the pattern stands for any text, also none.
pub(crate) fn matches_pattern(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match text.find(part) {
            Some(index) => text = &text[index + part.len()..],
            None => return false,
        }
    }
    text.ends_with(end)
}
