//! Responses of JSON.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::error::ApiError;

/// A response of this status with a value.
pub(crate) fn with_status(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(body) => (status, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => ApiError::internal(format!("the response cannot be written: {error}")).into_response(),
    }
}

/// A response with a value.
pub(crate) fn ok(value: &impl Serialize) -> Response {
    with_status(StatusCode::OK, value)
}
