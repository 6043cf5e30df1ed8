//! Faults of the connection.

use moa_core::{Failure, FailureKind, RetryAdvice};

/// What was being done when the connection failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempted {
    /// Connecting, sending the request and waiting for the first line of the response.
    Asking,
    /// Reading the response.
    Reading,
}

impl Attempted {
    /// The failure that an error of the HTTP client stands for.
    pub(crate) fn failure(self, error: reqwest::Error) -> Failure {
        let error = error.without_url();
        let reason = reason_of(&error);
        if error.is_builder() {
            return Failure::new(
                FailureKind::InvalidRequest,
                format!("the request cannot be written: {reason}"),
            );
        }
        if error.is_connect() && error.is_timeout() {
            return Failure::new(FailureKind::ConnectTimeout, "no connection in time")
                .with_hint("check address, proxy and firewall, or raise connect-timeout");
        }
        if error.is_connect() {
            return connect_failure(&reason);
        }
        let message = match self {
            Self::Asking => format!("the connection broke before anything was answered: {reason}"),
            Self::Reading => format!("the connection broke before the answer was complete: {reason}"),
        };
        Failure::new(FailureKind::ConnectionLost, message)
    }
}

fn connect_failure(reason: &str) -> Failure {
    let lower = reason.to_lowercase();
    let failure = Failure::new(FailureKind::ModelUnavailable, format!("no connection: {reason}"));
    let is_certificate = lower.contains("certificate");
    let is_proxy = lower.contains("proxy") || lower.contains("tunnel");
    let hint = if is_certificate {
        "the certificate is not trusted: check the address, or name the authority's certificate with ca-file"
    } else if is_proxy {
        "the proxy does not let the connection through: check its address, user and password"
    } else if lower.contains("refused") || lower.contains("reset") {
        "nothing listens there: start the server, or check address and port"
    } else if lower.contains("dns") || lower.contains("lookup") || lower.contains("name") {
        "the name is not known: check the base URL and the network"
    } else {
        "check the base URL, the proxy and the network"
    };
    let failure = failure.with_hint(hint);
    // Time does not make a certificate valid, nor a password right.
    if is_certificate || lower.contains("authorization required") {
        failure.with_advice(RetryAdvice { after: None, should_retry: Some(false) })
    } else {
        failure
    }
}

/// What lies at the bottom of an error.
fn reason_of(error: &reqwest::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
