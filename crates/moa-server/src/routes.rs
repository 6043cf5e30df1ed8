//! Every path and what stands before it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::cors::{AllowOrigin, CorsLayer};
use uuid::Uuid;

use crate::access::{authenticate, guard};
use crate::app::{App, Server};
use crate::error::ApiError;
use crate::{api, chat, health, models, openapi, page};

/// Names a request, for the logs of both sides.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest name of a request that a client may choose.
const LONGEST_REQUEST_ID: usize = 128;

impl Server {
    /// The service, to be served or to be asked in process.
    pub fn router(&self) -> Router {
        let app = &self.app;
        let open = Router::new()
            .route("/", get(page::index))
            .route("/page/{*path}", get(page::asset))
            .route("/healthz", get(health::healthz))
            .route("/readyz", get(health::readyz))
            .route("/openapi.json", get(openapi::serve))
            .route("/api/info", get(api::info));
        let closed = Router::new()
            .route("/v1/models", get(models::list))
            .route("/v1/models/{*id}", get(models::one))
            .route("/models", get(models::list))
            .route("/models/{*id}", get(models::one))
            .route("/v1/chat/completions", post(chat::complete))
            .route("/chat/completions", post(chat::complete))
            .route("/v1/completions", post(no_bare_prompts))
            .route("/v1/responses", post(chat::respond))
            .route("/responses", post(chat::respond))
            .route("/v1/embeddings", post(no_embeddings))
            .route("/metrics", get(health::metrics))
            .route("/api/presets", get(api::presets))
            .route("/api/models", get(api::models))
            .route("/api/estimate", post(api::estimate))
            .route("/api/runs", get(api::list_runs).post(api::start_run))
            .route("/api/runs/{id}", get(api::run_document).delete(api::remove_run))
            .route("/api/runs/{id}/again", post(api::run_again))
            .route("/api/runs/{id}/cancel", post(api::cancel_run))
            .route("/api/runs/{id}/events", get(api::run_events))
            .route("/api/runs/{id}/export", get(api::export_run))
            .route("/api/runs/{id}/analysis", get(api::analyse_run))
            .layer(from_fn_with_state(Arc::clone(app), authenticate));
        let router = open.merge(closed).fallback(no_such_path).method_not_allowed_fallback(no_such_method);
        let router = match cors(app) {
            Some(cors) => router.layer(cors),
            None => router,
        };
        router
            .layer(from_fn_with_state(Arc::clone(app), guard))
            .layer(from_fn_with_state(Arc::clone(app), observe))
            .layer(from_fn(plain_headers))
            .with_state(Arc::clone(app))
    }
}

fn cors(app: &App) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> =
        app.settings.cors_origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
    if origins.is_empty() {
        return None;
    }
    let allowed = [
        header::AUTHORIZATION,
        header::CONTENT_TYPE,
        HeaderName::from_static("last-event-id"),
        HeaderName::from_static("idempotency-key"),
        HeaderName::from_static("traceparent"),
        HeaderName::from_static("tracestate"),
    ];
    Some(
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_methods([Method::GET, Method::POST, Method::DELETE])
            .allow_headers(allowed)
            .expose_headers([REQUEST_ID, header::RETRY_AFTER]),
    )
}

async fn no_such_path() -> ApiError {
    ApiError::not_found(
        "not_found",
        "there is no such path: GET /openapi.json describes those that there are",
    )
}

async fn no_bare_prompts() -> ApiError {
    let message = "prompts without roles are not completed here: ask POST /v1/chat/completions";
    ApiError::not_found("not_found", message)
}

async fn no_embeddings() -> ApiError {
    ApiError::not_found(
        "not_found",
        "models here write answers and give no embeddings: ask another server for them",
    )
}

async fn no_such_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "the path does not know this method")
}

/// Names the request and counts its response.
async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(&REQUEST_ID)
        .filter(|id| id.len() <= LONGEST_REQUEST_ID && !id.is_empty() && id.to_str().is_ok())
        .cloned()
        .or_else(|| HeaderValue::from_str(&format!("req_{}", Uuid::now_v7().simple())).ok());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let mut response = next.run(request).await;
    app.metrics.responded(&route, response.status().as_u16());
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// What browsers should know of every response.
async fn plain_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await.into_response();
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(HeaderName::from_static("cross-origin-resource-policy"))
        .or_insert(HeaderValue::from_static("same-origin"));
    response
}
