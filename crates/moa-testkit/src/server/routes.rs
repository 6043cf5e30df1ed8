//! From a request to its plan and its place in the log.

use std::sync::Arc;

use serde_json::{Value, json};

use super::choice::{Asked, choose};
use super::http::HttpRequest;
use super::state::{Exchange, State, lock};
use crate::gate::ALL;
use crate::plan::{self, Call, Plan};
use crate::record::{Authorization, Request};
use crate::request::ChatRequest;
use crate::script::{Route, Rule};

/// Headers that hold secrets.
const SECRET_HEADERS: [&str; 5] = ["authorization", "proxy-authorization", "api-key", "x-api-key", "cookie"];

/// Where a request came in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) connection: u64,
    pub(crate) on_connection: u64,
}

/// Begins a request in the log and plans its reply.
pub(crate) fn begin(state: &State, http: &HttpRequest, place: Place) -> (Exchange, Plan) {
    let path = http.target.split('?').next().unwrap_or_default();
    let route = route(path);
    let chat = (route == Some(Route::Chat) && http.method == "POST").then(|| ChatRequest::parse(&http.body));
    let phase = state.phase().map(|phase| phase.name.clone());
    if chat.is_some() {
        state.count_chat();
    }
    let parsed = chat.as_ref().and_then(|chat| chat.as_ref().ok());
    let asked = Asked {
        http,
        chat: parsed,
        route,
        phase: phase.as_deref(),
        in_flight: usize::try_from(state.gates.counts(ALL).in_flight())
            .unwrap_or(usize::MAX)
            .saturating_add(1),
    };
    let chosen = choose(&mut lock(&state.rules), &asked);
    let plan = match (&chosen, &chat) {
        (_, Some(Err((message, code)))) => error(400, message, code, http.close),
        (Some((_, rule)), _) => scripted(state, http, rule, parsed),
        (None, _) => unscripted(state, http, route, path),
    };
    let labels = labels(parsed, chosen.as_ref().map(|(_, rule)| rule.as_ref()));
    let record = record(http, parsed, chosen.as_ref(), &plan, phase, place);
    let exchange = Exchange::begin(state.log.begin(record), state.gates.clone(), labels);
    (exchange, plan)
}

fn route(path: &str) -> Option<Route> {
    let path = path.strip_prefix("/v1").unwrap_or(path);
    match path {
        "/chat/completions" => Some(Route::Chat),
        _ if path == "/models" || path.starts_with("/models/") => Some(Route::Models),
        _ => None,
    }
}

fn scripted(state: &State, http: &HttpRequest, rule: &Rule, request: Option<&ChatRequest>) -> Plan {
    let only_http = rule.response.status.is_some_and(|status| status != 200) || rule.response.body.is_some();
    if request.is_none() && !only_http && rule.fault.is_none() && rule.hold.is_empty() {
        let path = http.target.split('?').next().unwrap_or_default();
        return unscripted(state, http, route(path), path);
    }
    let (text_random, time_random) = state.generators(&http.body);
    plan::plan(Call { rule, request, text_random, time_random, close: http.close })
}

/// The reply where no rule has a say.
fn unscripted(state: &State, http: &HttpRequest, route: Option<Route>, path: &str) -> Plan {
    match (route, http.method.as_str()) {
        (Some(Route::Models), "GET") => models(state, path, http.close),
        (Some(Route::Chat), "POST") => {
            error(404, "no rule of the mock fits this request", "mock_no_rule", http.close)
        }
        (Some(_), method) => {
            error(405, &format!("{method} is not for this path"), "method_not_allowed", http.close)
        }
        (None, _) => error(404, &format!("the mock knows no path {path}"), "unknown_path", http.close),
    }
}

fn models(state: &State, path: &str, close: bool) -> Plan {
    let names: Vec<String> = match &state.script.models {
        Some(names) => names.clone(),
        None => {
            let rules = state.script.rules.iter().filter_map(|rule| rule.when.model.clone());
            let mut names: Vec<String> = rules.filter(|name| !name.contains('*')).collect();
            names.sort();
            names.dedup();
            names
        }
    };
    let model =
        |name: &String| json!({ "id": name, "object": "model", "created": 0, "owned_by": "moa-mock" });
    let one = path.split_once("/models/").map(|(_, id)| id).filter(|id| !id.is_empty());
    let body: Value = match one {
        None => json!({ "object": "list", "data": names.iter().map(model).collect::<Vec<_>>() }),
        Some(id) => match names.iter().find(|name| *name == id) {
            Some(name) => model(name),
            None => return error(404, &format!("no model is named {id}"), "model_not_found", close),
        },
    };
    plan::plain(200, "application/json", body.to_string().as_bytes(), close)
}

fn error(status: u16, message: &str, code: &str, close: bool) -> Plan {
    plan::plain(status, "application/json", &plan::error_body(status, message, Some(code)), close)
}

/// The gates that a request counts for.
fn labels(chat: Option<&ChatRequest>, rule: Option<&Rule>) -> Arc<[String]> {
    let mut labels = vec![ALL.to_owned()];
    let model = chat.map(|chat| chat.model().to_owned());
    for label in model.into_iter().chain(rule.and_then(|rule| rule.name.clone())) {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels.into()
}

fn record(
    http: &HttpRequest,
    chat: Option<&ChatRequest>,
    chosen: Option<&(usize, Arc<Rule>)>,
    plan: &Plan,
    phase: Option<String>,
    place: Place,
) -> Request {
    let harmless = |(name, _): &&(String, String)| !SECRET_HEADERS.contains(&name.as_str());
    Request {
        id: 0,
        model: chat.map(|chat| chat.model().to_owned()).unwrap_or_default(),
        rule: chosen.map(|(index, _)| *index),
        rule_name: chosen.and_then(|(_, rule)| rule.name.clone()),
        method: http.method.clone(),
        path: http.target.clone(),
        headers: http.headers.iter().filter(harmless).cloned().collect(),
        authorization: Authorization::of(http.header("authorization")),
        stream: chat.is_some_and(ChatRequest::is_stream),
        body: chat.map(|chat| chat.body.clone()).unwrap_or_default(),
        connection: place.connection,
        on_connection: place.on_connection,
        phase,
        started: http.started,
        arrived: http.arrived,
        first_byte: None,
        chunks: Vec::new(),
        chunks_sent: 0,
        bytes_sent: 0,
        status: plan.status,
        prompt_tokens: plan.prompt_tokens,
        completion_tokens: plan.completion_tokens,
        end: None,
    }
}
