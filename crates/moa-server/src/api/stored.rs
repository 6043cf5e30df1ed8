//! Looking into the store without holding up the runtime.

use std::sync::Arc;

use axum::http::StatusCode;
use moa_core::{Event, RunId, Trace};
use moa_store::{Store, StoreError, StoreErrorKind};

use crate::app::App;
use crate::error::ApiError;

/// The run that a path names.
pub(super) fn run_id(text: &str) -> Result<RunId, ApiError> {
    text.parse().map_err(|_| unknown(text))
}

pub(super) fn unknown(run: impl std::fmt::Display) -> ApiError {
    let shown: String = run.to_string().chars().take(64).collect();
    ApiError::not_found("run_not_found", format!("there is no run '{shown}'"))
}

/// Does something with the store on a thread that may wait for the disk.
pub(super) async fn with_store<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<Option<T>, ApiError> {
    let Some(store) = app.store.clone() else { return Ok(None) };
    match tokio::task::spawn_blocking(move || work(&store)).await {
        Ok(Ok(done)) => Ok(Some(done)),
        Ok(Err(error)) => Err(of_store(&error)),
        Err(error) => Err(ApiError::internal(format!("the store was asked in vain: {error}"))),
    }
}

/// The error of a store.
pub(super) fn of_store(error: &StoreError) -> ApiError {
    match error.kind() {
        StoreErrorKind::UnknownRun | StoreErrorKind::AmbiguousRun { .. } => {
            ApiError::not_found("run_not_found", error.to_string())
        }
        StoreErrorKind::Running => {
            ApiError::new(StatusCode::CONFLICT, "run_is_running", error.to_string()).should_retry(false)
        }
        // Paths of this machine are nobody else's business.
        _ => {
            tracing::warn!(%error, "the store failed");
            ApiError::internal("the store of runs cannot be used")
        }
    }
}

/// The events of a run: of this process, or out of the store.
pub(super) async fn events(app: &App, id: RunId) -> Result<Vec<Arc<Event>>, ApiError> {
    if let Some(run) = app.runs.find(id) {
        return Ok(run.events());
    }
    let stored = with_store(app, move |store| store.events(id)).await?;
    let stored = stored.ok_or_else(|| unknown(id))?;
    Ok(stored.into_iter().map(Arc::new).collect())
}

/// A run as it stands.
pub(super) async fn trace(app: &App, id: RunId) -> Result<Trace, ApiError> {
    Ok(Trace::of(events(app, id).await?.iter().map(AsRef::as_ref)))
}
