//! What there is to ask, and what asking would take.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::start::StartRequest;
use crate::app::App;
use crate::error::ApiError;
use crate::json;

/// What the page must know before anything else.
pub(crate) async fn info(State(app): State<Arc<App>>) -> Response {
    json::ok(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "needs_key": app.keys.are_needed(),
        "default_preset": app.config.default_preset().value,
        "stores_runs": app.store.is_some(),
    }))
}

/// Every preset, whole.
pub(crate) async fn presets(State(app): State<Arc<App>>) -> Response {
    let presets: Vec<Value> = app
        .config
        .presets()
        .filter_map(|preset| {
            let resolved = app.names.mixture(&preset.name).ok()?;
            Some(json!({
                "name": preset.name,
                "description": preset.description,
                "mixture": resolved.mixture,
                "calls": resolved.mixture.planned_calls(),
                "toml": crate::api::toml(&preset.name, &resolved.mixture),
            }))
        })
        .collect();
    json::ok(&json!({"presets": presets}))
}

/// Every model.
pub(crate) async fn models(State(app): State<Arc<App>>) -> Response {
    json::ok(&json!({"models": app.source.cards()}))
}

/// What a run would take.
pub(crate) async fn estimate(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let body = app.read(&headers, body).await?;
    let plan = StartRequest::parse(&body)?.plan(&app)?;
    let source = Arc::clone(&app.source);
    let worked_out =
        tokio::task::spawn_blocking(move || source.estimate(&plan.preset, &plan.conversation)).await;
    match worked_out {
        Ok(Ok(estimate)) => Ok(json::ok(&estimate)),
        Ok(Err(unavailable)) => Err(ApiError::invalid(unavailable.message)),
        Err(error) => Err(ApiError::internal(format!("the estimate cannot be worked out: {error}"))),
    }
}
