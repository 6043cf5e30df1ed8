//! `GET /v1/models`: every preset and every model.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;
use crate::error::ApiError;
use crate::json;
use crate::source::ModelCard;

/// What may be asked by name.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ModelObject {
    id: String,
    /// `model`.
    object: &'static str,
    /// When the server started, in seconds since 1970 (UTC).
    created: u64,
    /// `moa` for a mixture, the endpoint's name or `local` for a model.
    owned_by: String,
}

/// All of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ModelList {
    /// `list`.
    object: &'static str,
    data: Vec<ModelObject>,
}

pub(crate) async fn list(State(app): State<Arc<App>>) -> Response {
    json::ok(&ModelList { object: "list", data: objects(&app) })
}

/// One of them. Ids may hold slashes.
pub(crate) async fn one(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Response, ApiError> {
    let found = objects(&app).into_iter().find(|model| model.id == id);
    found.map(|model| json::ok(&model)).ok_or_else(|| app.names.unknown(&id))
}

fn objects(app: &App) -> Vec<ModelObject> {
    let created = app.started_at_unix_s;
    let object = |id: String, owned_by: String| ModelObject { id, object: "model", created, owned_by };
    let presets = app.names.presets().map(|name| object(name.to_owned(), "moa".to_owned()));
    let is_model = |card: &ModelCard| !app.names.is_preset(&card.id) && app.names.mixture(&card.id).is_ok();
    let models = app.source.cards().into_iter().filter(is_model).map(|card| object(card.id, card.endpoint));
    presets.chain(models).collect()
}
