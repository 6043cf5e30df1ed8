//! What a failed run is to an HTTP client.

use std::time::Duration;

use axum::http::StatusCode;
use moa_core::{Failure, FailureKind};

use crate::error::ApiError;
use crate::source::Unavailable;

/// What a client waits before it asks again, where nobody says how long.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The error of a run that gave no answer. `is_mixture` tells a run of several models from one that passes a question on.
pub(crate) fn of_run(failure: &Failure, is_mixture: bool) -> ApiError {
    let message = match &failure.hint {
        Some(hint) => format!("{} ({hint})", failure.message),
        None => failure.message.clone(),
    };
    let error = |status: StatusCode, code| ApiError::new(status, code, message.clone());
    match failure.kind {
        FailureKind::InvalidRequest => error(StatusCode::BAD_REQUEST, "invalid_value"),
        FailureKind::ContextOverflow => {
            error(StatusCode::BAD_REQUEST, "context_length_exceeded").at("messages")
        }
        FailureKind::ContentFiltered => error(StatusCode::BAD_REQUEST, "content_filter"),
        FailureKind::CostCap => error(StatusCode::BAD_REQUEST, "cost_cap_exceeded").should_retry(false),
        // A retry would pay for the whole run again.
        FailureKind::RunDeadline => error(StatusCode::GATEWAY_TIMEOUT, "run_deadline").should_retry(false),
        FailureKind::Cancelled => error(StatusCode::CONFLICT, "run_cancelled").should_retry(false),
        FailureKind::TooFewProposals => error(StatusCode::BAD_GATEWAY, "all_proposers_failed"),
        FailureKind::RateLimited if !is_mixture => {
            let wait = failure.advice.after.unwrap_or(RETRY_AFTER);
            error(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded").retry_after(wait)
        }
        FailureKind::ModelUnavailable if !is_mixture => {
            error(StatusCode::SERVICE_UNAVAILABLE, "model_unavailable").retry_after(RETRY_AFTER)
        }
        FailureKind::Unauthorized
        | FailureKind::ModelNotFound
        | FailureKind::ModelUnavailable
        | FailureKind::RateLimited
        | FailureKind::ServerError
        | FailureKind::BadResponse
        | FailureKind::ConnectionLost
        | FailureKind::ConnectTimeout
        | FailureKind::FirstTokenTimeout
        | FailureKind::IdleTimeout
        | FailureKind::CircuitOpen
        | FailureKind::EmptyAnswer
        | FailureKind::CallDeadline
        | FailureKind::LayerDeadline
        | FailureKind::Straggler
        | FailureKind::ModelError => error(StatusCode::BAD_GATEWAY, "aggregator_failed"),
    }
}

/// The error of a run that somebody stopped.
pub(crate) fn cancelled() -> ApiError {
    of_run(&Failure::new(FailureKind::Cancelled, "the run was stopped"), false)
}

/// The error of a run that was cut off before its end.
pub(crate) fn interrupted() -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "draining",
        "the server was stopped before the run came to its end",
    )
    .retry_after(RETRY_AFTER)
}

/// The error of models that cannot be asked.
pub(crate) fn of_models(missing: &[Unavailable]) -> ApiError {
    let messages: Vec<&str> = missing.iter().map(|missing| missing.message.as_str()).collect();
    let mut hints: Vec<&str> = missing.iter().filter_map(|missing| missing.hint.as_deref()).collect();
    hints.dedup();
    let mut message = messages.join("; ");
    if !hints.is_empty() {
        message = format!("{message} ({})", hints.join("; "));
    }
    // The official clients would ask twice more at once, and nothing comes by waiting.
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "model_loading", message)
        .at("model")
        .retry_after(Duration::from_secs(30))
        .should_retry(false)
}
