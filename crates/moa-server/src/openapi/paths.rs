//! The paths of the description.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::bodies::{AgainBody, ChatBody, ErrorBody, ResponsesBody, StartBody};
use crate::models::{ModelList, ModelObject};
use crate::source::Estimate;

/// What a path is to the description.
struct Operation {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    parameters: Vec<Value>,
    body: Option<Value>,
    status: &'static str,
    content: Content,
    needs_key: bool,
    /// Refusals besides the usual ones.
    errors: &'static [&'static str],
}

enum Content {
    Json(Value),
    JsonOrEvents,
    Events,
    Text(&'static str),
    None,
}

/// Refusals of everything behind a key.
const USUAL: [&str; 3] = ["401", "403", "500"];

/// Refusals of whatever starts a run.
const OF_RUNS: [&str; 11] = ["400", "404", "408", "409", "413", "415", "429", "502", "503", "504", "422"];

/// The paths.
pub(super) fn paths(generator: &mut SchemaGenerator) -> Value {
    let error = generator.subschema_for::<ErrorBody>().to_value();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations(generator) {
        let path = paths.entry(operation.path.to_owned()).or_insert_with(|| json!({}));
        if let Value::Object(path) = path {
            path.insert(operation.method.to_owned(), operation.describe(&error));
        }
    }
    Value::Object(paths)
}

impl Operation {
    fn get(path: &'static str, summary: &'static str, content: Content) -> Self {
        Self {
            method: "get",
            path,
            summary,
            parameters: Vec::new(),
            body: None,
            status: "200",
            content,
            needs_key: true,
            errors: &[],
        }
    }

    fn post(
        path: &'static str,
        summary: &'static str,
        body: Value,
        status: &'static str,
        content: Content,
    ) -> Self {
        Self {
            method: "post",
            body: Some(body),
            status,
            errors: &OF_RUNS,
            ..Self::get(path, summary, content)
        }
    }

    fn open(mut self) -> Self {
        self.needs_key = false;
        self
    }

    fn with(mut self, parameters: Vec<Value>, errors: &'static [&'static str]) -> Self {
        self.parameters = parameters;
        self.errors = errors;
        self
    }

    fn describe(self, error: &Value) -> Value {
        let content = match self.content {
            Content::Json(schema) => json!({"application/json": {"schema": schema}}),
            Content::JsonOrEvents => json!({
                "application/json": {"schema": {"type": "object"}},
                "text/event-stream": {"schema": {"type": "string"}},
            }),
            Content::Events => json!({"text/event-stream": {"schema": {"type": "string"}}}),
            Content::Text(kind) => json!({kind: {"schema": {"type": "string"}}}),
            Content::None => json!({}),
        };
        let mut success = json!({"description": "As asked."});
        if content.as_object().is_some_and(|content| !content.is_empty())
            && let Value::Object(success) = &mut success
        {
            success.insert("content".to_owned(), content);
        }
        let mut responses = Map::from_iter([(self.status.to_owned(), success)]);
        let refusal =
            json!({"description": "Refused or failed.", "content": {"application/json": {"schema": error}}});
        for status in USUAL.iter().chain(self.errors) {
            responses.insert((*status).to_owned(), refusal.clone());
        }
        let mut described = json!({"summary": self.summary, "responses": responses});
        if let Value::Object(described) = &mut described {
            if !self.parameters.is_empty() {
                described.insert("parameters".to_owned(), Value::Array(self.parameters));
            }
            if let Some(schema) = self.body {
                let body = json!({"required": true, "content": {"application/json": {"schema": schema}}});
                described.insert("requestBody".to_owned(), body);
            }
            if self.needs_key {
                described.insert("security".to_owned(), json!([{"key": []}, {}]));
            }
        }
        described
    }
}

fn operations(generator: &mut SchemaGenerator) -> Vec<Operation> {
    let chat = generator.subschema_for::<ChatBody>().to_value();
    let responses = generator.subschema_for::<ResponsesBody>().to_value();
    let start = generator.subschema_for::<StartBody>().to_value();
    let again = generator.subschema_for::<AgainBody>().to_value();
    let models = generator.subschema_for::<ModelList>().to_value();
    let model = generator.subschema_for::<ModelObject>().to_value();
    let estimate = generator.subschema_for::<Estimate>().to_value();
    let mut operations = vec![
        Operation::get("/", "The page.", Content::Text("text/html")).open(),
        Operation::get("/healthz", "Whether the process answers.", object(&["status"])).open(),
        Operation::get("/readyz", "Whether requests are taken.", object(&["status"]))
            .open()
            .with(Vec::new(), &["503"]),
        Operation::get("/metrics", "What operators watch.", Content::Text("text/plain")),
        Operation::get("/openapi.json", "This description.", object(&["openapi", "paths"])).open(),
        Operation::get("/v1/models", "Every preset and every model.", Content::Json(models)),
        Operation::get("/v1/models/{id}", "One of them; the id may hold slashes.", Content::Json(model))
            .with(vec![in_path("id", &json!({"type": "string"}))], &["404"]),
        Operation::post(
            "/v1/chat/completions",
            "Asks a mixture or a model.",
            chat,
            "200",
            Content::JsonOrEvents,
        ),
        Operation::post(
            "/v1/responses",
            "Asks a mixture or a model, in the responses protocol.",
            responses,
            "200",
            Content::JsonOrEvents,
        ),
    ];
    operations.extend(api(start, again, estimate));
    operations
}

/// The paths that the page works with.
fn api(start: Value, again: Value, estimate: Value) -> Vec<Operation> {
    let run = || vec![in_path("id", &json!({"type": "string", "format": "uuid"}))];
    let text = json!({"type": "string"});
    let list = vec![
        in_query("query", &text),
        in_query("before", &json!({"type": "string", "format": "uuid"})),
        in_query("limit", &json!({"type": "integer", "minimum": 1, "maximum": 200})),
    ];
    let events = vec![
        in_path("id", &json!({"type": "string", "format": "uuid"})),
        in_query("after", &json!({"type": "integer", "minimum": 0})),
    ];
    let formats = json!({"type": "string", "enum": ["json", "jsonl", "markdown", "chrome-trace"]});
    let export =
        vec![in_path("id", &json!({"type": "string", "format": "uuid"})), in_query("format", &formats)];
    let mut operations = vec![
        Operation::get("/api/info", "What the page must know first.", object(&["version", "needs_key"]))
            .open(),
        Operation::get("/api/presets", "Every preset, whole.", object(&["presets"])),
        Operation::get("/api/models", "Every model.", object(&["models"])),
        Operation::post(
            "/api/estimate",
            "What a run would take.",
            start.clone(),
            "200",
            Content::Json(estimate),
        ),
        Operation::get("/api/runs", "Runs, the latest first.", object(&["runs", "next"]))
            .with(list, &["400", "404"]),
        Operation::post("/api/runs", "Starts a run.", start, "201", object(&["run"])),
        Operation::get("/api/runs/{id}", "A run's document.", object(&["id", "layers"]))
            .with(run(), &["404"]),
        Operation::get("/api/runs/{id}/events", "A run's events, live or stored.", Content::Events)
            .with(events, &["400", "404"]),
        Operation::get("/api/runs/{id}/export", "A run as a file.", Content::Text("*/*"))
            .with(export, &["400", "404"]),
        Operation::get(
            "/api/runs/{id}/analysis",
            "How the answer relates to the proposals.",
            object(&["proposals", "spans", "agents"]),
        )
        .with(run(), &["404"]),
    ];
    let ask_again = Operation::post(
        "/api/runs/{id}/again",
        "Asks the question of a run again.",
        again,
        "201",
        object(&["run"]),
    );
    operations.push(Operation { parameters: run(), ..ask_again });
    let cancel = Operation::get("/api/runs/{id}/cancel", "Stops a run.", Content::None).with(run(), &["404"]);
    operations.push(Operation { method: "post", status: "202", ..cancel });
    let remove =
        Operation::get("/api/runs/{id}", "Removes a run.", Content::None).with(run(), &["404", "409"]);
    operations.push(Operation { method: "delete", status: "204", ..remove });
    operations
}

fn object(required: &[&str]) -> Content {
    Content::Json(json!({"type": "object", "required": required}))
}

fn in_path(name: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "path", "required": true, "schema": schema})
}

fn in_query(name: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "required": false, "schema": schema})
}
