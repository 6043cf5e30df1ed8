//! Whether the server lives, whether it takes requests, and what operators watch.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::access::draining;
use crate::app::App;
use crate::json;

/// The process answers.
pub(crate) async fn healthz() -> Response {
    json::ok(&json!({"status": "ok"}))
}

/// Whether new requests are taken.
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> Response {
    if app.stop.is_cancelled() {
        return draining().into_response();
    }
    json::with_status(StatusCode::OK, &json!({"status": "ready", "runs": app.runs.active()}))
}

/// Prometheus' text format.
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.text()).into_response()
}
