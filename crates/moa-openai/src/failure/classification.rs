//! From statuses and the names of errors to kinds of failures.

use moa_core::FailureKind;

use super::error_body::ErrorBody;

/// Names of errors, wherever they stand.
///
/// # Source
/// The documentation of `OpenAI`, Azure, Together, `OpenRouter`, Groq, Mistral, `DeepSeek`; the servers of vLLM, Ollama and llama.cpp.
const BY_CODE: &[(FailureKind, &[&str])] = &[
    (
        FailureKind::ContextOverflow,
        &["context_length_exceeded", "exceed_context_size_error", "string_above_max_length"],
    ),
    (
        FailureKind::ModelNotFound,
        &[
            "model_not_found",
            "model_not_available",
            "model_decommissioned",
            "model_deprecated",
            "invalid_model",
            "unknown_model",
            "deploymentnotfound",
            "model_not_supported",
        ],
    ),
    (
        FailureKind::Unauthorized,
        &["invalid_api_key", "authentication_error", "invalid_authentication", "no_api_key"],
    ),
    (
        FailureKind::ContentFiltered,
        &[
            "content_filter",
            "content_policy_violation",
            "responsibleaipolicyviolation",
            "data_inspection_failed",
            "moderation",
        ],
    ),
    (FailureKind::RateLimited, &["insufficient_quota", "billing_hard_limit_reached", "rate_limit_exceeded"]),
];

/// Words of messages that come with nothing more exact, for errors that blame the request.
const BY_WORDS: &[(FailureKind, &[&str])] = &[
    (
        FailureKind::ContextOverflow,
        &[
            "maximum context length",
            "context length",
            "context window",
            "context size",
            "prompt is too long",
            "input is too long",
            "too many tokens",
            "longer than the model",
        ],
    ),
    (
        FailureKind::ModelNotFound,
        &[
            "model not exist",
            "model does not exist",
            "not a valid model",
            "invalid model",
            "unknown model",
            "no endpoints found",
            "unable to access model",
            "non-serverless model",
            "is not available",
            "decommissioned",
            "model not found",
        ],
    ),
    (FailureKind::Unauthorized, &["api key not valid", "incorrect api key", "invalid api key"]),
    (FailureKind::InvalidRequest, &["image input is not supported"]),
];

/// The kind of failure that a service describes with a status, or in the middle of an answer with none.
pub(crate) fn kind_of(status: Option<u16>, body: &ErrorBody) -> FailureKind {
    let status = match status {
        // An error under a status that says all is well states its own.
        Some(200..=299) | None => body.status,
        status => status,
    };
    let by_code = BY_CODE.iter().find(|(_, codes)| body.has_code(codes)).map(|(kind, _)| *kind);
    if let Some(kind) = by_code.filter(|kind| fits(*kind, status)) {
        return kind;
    }
    let text = body.all_text();
    let by_words = BY_WORDS.iter().find(|(_, words)| words.iter().any(|words| text.contains(words)));
    if let Some((kind, _)) = by_words.filter(|(kind, _)| blames_request(*kind, status)) {
        return *kind;
    }
    match status {
        // The path is wrong where a service says 404 and nothing of a model.
        Some(404 | 410) if text.contains("model") => FailureKind::ModelNotFound,
        Some(401 | 403) => FailureKind::Unauthorized,
        // 402: no credit. 498: Groq's flexible tier is full.
        Some(402 | 429 | 498) => FailureKind::RateLimited,
        Some(408 | 409 | 425 | 500..=599) | None => FailureKind::ServerError,
        // Elsewhere, or behind a proxy that does not know us.
        Some(300..=399 | 407) => FailureKind::ModelUnavailable,
        Some(_) => FailureKind::InvalidRequest,
    }
}

/// Whether the name of an error counts under a status. A service that is overloaded is that, whatever else it says.
fn fits(kind: FailureKind, status: Option<u16>) -> bool {
    match status {
        Some(429 | 503) => matches!(kind, FailureKind::RateLimited | FailureKind::ContextOverflow),
        // Groq: more at once than fits into a minute, whenever it is asked.
        Some(413) => kind != FailureKind::RateLimited,
        _ => true,
    }
}

/// Whether the words of a message count under a status. Servers that break over a prompt that is too long, or over an image, say so
/// with 500.
fn blames_request(kind: FailureKind, status: Option<u16>) -> bool {
    match status {
        Some(400 | 403 | 404 | 410 | 413 | 422) => true,
        Some(500) | None => matches!(kind, FailureKind::ContextOverflow | FailureKind::InvalidRequest),
        _ => false,
    }
}

/// Whether there is no credit, which time alone does not change.
pub(super) fn is_out_of_credit(status: Option<u16>, body: &ErrorBody) -> bool {
    status.or(body.status) == Some(402)
        || body.has_code(&["insufficient_quota", "billing_hard_limit_reached", "insufficient_balance"])
        || body.message.to_lowercase().contains("insufficient balance")
}

#[cfg(test)]
#[path = "classification_tests.rs"]
mod tests;
