//! One run: its document, its end by hand, its removal.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use moa_export::RunDocument;

use super::stored::{events, run_id, trace, unknown, with_store};
use crate::app::App;
use crate::error::ApiError;
use crate::json;

/// The document of `moa ask --output json`.
pub(crate) async fn run_document(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(json::ok(&RunDocument::of(&trace(&app, run_id(&id)?).await?)))
}

/// Stops a run. One that has ended already stays as it is.
pub(crate) async fn cancel_run(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let id = run_id(&id)?;
    match app.runs.find(id) {
        Some(run) => run.cancel(),
        // Of another process, or ended long ago: it must be a run at least.
        None => drop(events(&app, id).await?),
    }
    Ok(StatusCode::ACCEPTED.into_response())
}

/// Removes a run that has ended.
pub(crate) async fn remove_run(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let id = run_id(&id)?;
    let here = app.runs.find(id);
    if here.as_ref().is_some_and(|run| !run.is_over()) {
        let message = "the run goes on: stop it first";
        return Err(ApiError::new(StatusCode::CONFLICT, "run_is_running", message).should_retry(false));
    }
    let was_here = app.runs.forget(id);
    let removed = with_store(&app, move |store| {
        // What was recorded a moment ago is in the database before it is taken out of it.
        store.recorder()?.flush(std::time::Duration::from_secs(5))?;
        store.remove(id)
    })
    .await;
    match removed {
        Ok(Some(())) => Ok(StatusCode::NO_CONTENT.into_response()),
        Ok(None) if was_here => Ok(StatusCode::NO_CONTENT.into_response()),
        Ok(None) => Err(unknown(id)),
        Err(error) => Err(error),
    }
}
