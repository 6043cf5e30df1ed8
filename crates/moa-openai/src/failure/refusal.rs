//! A response that is no answer, in words.

use std::time::SystemTime;

use moa_core::{Failure, FailureKind};
use reqwest::header::{HeaderMap, LOCATION};

use super::classification::{is_out_of_credit, kind_of};
use super::error_body::ErrorBody;
use super::retry_advice::retry_advice;
use crate::settings::ModelSettings;

/// A response with a status that is no success.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: ErrorBody,
}

impl Refusal {
    /// The failure, for people who configured `model` and got their key from `key_origin`.
    pub(crate) fn into_failure(self, model: &ModelSettings, key_origin: &str) -> Failure {
        let kind = kind_of(Some(self.status), &self.body);
        let mut advice = retry_advice(&self.headers, SystemTime::now());
        if is_out_of_credit(Some(self.status), &self.body) || matches!(self.status, 300..=399 | 407) {
            advice.should_retry = Some(false);
        }
        let mut failure = Failure::new(kind, self.message(kind, model)).with_advice(advice);
        failure.hint = self.hint(kind, model, key_origin);
        failure
    }

    fn message(&self, kind: FailureKind, model: &ModelSettings) -> String {
        let what = match kind {
            FailureKind::ModelNotFound => format!("there is no model {} (any more)", model.remote_id),
            _ => String::new(),
        };
        let said = match (&self.body.message, self.body.is_web_page) {
            (title, true) if title.is_empty() => "a web page".to_owned(),
            (title, true) => format!("a web page ({title})"),
            (message, false) => message.clone(),
        };
        let status = format!("status {}", self.status);
        [what, status, said].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
    }

    fn hint(&self, kind: FailureKind, model: &ModelSettings, key_origin: &str) -> Option<String> {
        let hint = match kind {
            FailureKind::ModelNotFound => return Some(successors_hint(model)),
            FailureKind::Unauthorized if key_origin == "no key" => {
                "the endpoint wants a key, and none is configured".to_owned()
            }
            FailureKind::Unauthorized => format!("check the key in {key_origin}, and what it may use"),
            FailureKind::RateLimited if is_out_of_credit(Some(self.status), &self.body) => {
                "the account has no credit left: add some, or use another key".to_owned()
            }
            FailureKind::ContextOverflow => {
                "ask less at once, lower max-tokens, or use a model with a longer context".to_owned()
            }
            FailureKind::ModelUnavailable if self.status == 407 => {
                "the proxy wants a user and a password: http://user:password@host:port".to_owned()
            }
            FailureKind::ModelUnavailable => {
                let target = self.headers.get(LOCATION).and_then(|target| target.to_str().ok());
                // The query may hold a secret of the server's own.
                let target = target.map(|target| target.split(['?', '#']).next().unwrap_or_default());
                format!(
                    "redirects are not followed, since they would pass the key on: the endpoint moved to {}",
                    target.unwrap_or("somewhere else")
                )
            }
            FailureKind::InvalidRequest if self.status == 404 => {
                "check the base URL: it usually ends in /v1".to_owned()
            }
            _ if self.body.is_web_page => {
                "a proxy or a log-in page may stand in between; check the base URL".to_owned()
            }
            _ => return None,
        };
        Some(hint)
    }
}

/// How to replace a model that is gone.
fn successors_hint(model: &ModelSettings) -> String {
    match model.successors.as_slice() {
        [] => format!(
            "ask the endpoint which models it has (GET /models), and replace the id in the configuration: \
             the line with \"{}\"",
            model.remote_id
        ),
        [first, ..] => format!(
            "it may have been retired; {} can take its place: in the configuration, replace \"{}\" by \"{first}\"",
            model.successors.join(" or "),
            model.remote_id
        ),
    }
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
