//! A run in other forms, and how its answer relates to the proposals.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use moa_core::Trace;
use moa_export::{Analysis, RunDocument, chrome_trace, json_lines, markdown};
use serde::Deserialize;

use super::stored::{events, run_id, trace};
use crate::app::App;
use crate::error::ApiError;
use crate::json;

/// In what form.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ExportQuery {
    format: Option<String>,
}

/// A run as a file.
pub(crate) async fn export_run(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    query: Result<Query<ExportQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(query) = query.map_err(|error| ApiError::invalid(error.body_text()))?;
    let format = query.format.as_deref().unwrap_or("json");
    if !["json", "jsonl", "markdown", "chrome-trace"].contains(&format) {
        let message = "'format' is one of json, jsonl, markdown and chrome-trace";
        return Err(ApiError::invalid_value("format", message));
    }
    let id = run_id(&id)?;
    let events = events(&app, id).await?;
    let events = || events.iter().map(AsRef::as_ref);
    let (text, content_type, ending) = match format {
        "jsonl" => (json_lines(events()), "application/jsonl", "jsonl"),
        "markdown" => (markdown(&Trace::of(events())), "text/markdown; charset=utf-8", "md"),
        "chrome-trace" => (chrome_trace(&Trace::of(events())).to_string(), "application/json", "trace.json"),
        _ => {
            let document = serde_json::to_string_pretty(&RunDocument::of(&Trace::of(events())));
            let document = document.map_err(|error| ApiError::internal(error.to_string()))?;
            (document, "application/json", "json")
        }
    };
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"moa-{id}.{ending}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// How the answer relates to the proposals.
pub(crate) async fn analyse_run(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let trace = trace(&app, run_id(&id)?).await?;
    // Long answers take a while to compare.
    let analysis = tokio::task::spawn_blocking(move || Analysis::of(&trace)).await;
    analysis.map(|analysis| json::ok(&analysis)).map_err(|error| ApiError::internal(error.to_string()))
}
