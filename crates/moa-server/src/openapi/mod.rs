//! The description of the API, generated: `GET /openapi.json`, and docs/openapi.json, which a test keeps current.

mod bodies;
mod paths;

use axum::response::Response;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::json;

/// Serves the description.
pub(crate) async fn serve() -> Response {
    json::ok(&document())
}

/// The API as an `OpenAPI` 3.1 document.
#[must_use]
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let paths = paths::paths(&mut generator);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "moa",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Mixture-of-Agents behind one OpenAI-compatible endpoint. Every path under /v1 is there without it too.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    })
}
