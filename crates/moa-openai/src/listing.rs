//! Which models an endpoint has, for whoever asked it for one that it has not.

use std::time::Duration;

use reqwest::Url;
use serde_json::Value;

use crate::client::Connection;

/// How long the list is waited for: it only makes a failure clearer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The most of a list that is read.
const MAX_BYTES: usize = 4 << 20;

/// How many ids are named.
const MOST_NAMED: usize = 3;

/// The longest id that is named.
const MAX_ID_CHARS: usize = 120;

/// How alike two ids must be, in [0, 1], before one is named for the other.
const LEAST_SIMILARITY: f64 = 0.4;

/// The ids of the endpoint that are most like `wanted`, the likest first. None where the list cannot be had.
pub(crate) async fn models_like(wanted: &str, connection: &Connection) -> Vec<String> {
    let list = tokio::time::timeout(PATIENCE, list(connection)).await.ok().flatten();
    let ids = list.map(|list| ids(&list)).unwrap_or_default();
    likest(wanted, ids)
}

async fn list(connection: &Connection) -> Option<Value> {
    let url = beside_chat_completions(connection.url.clone())?;
    let mut response = connection.client.get(url).headers(connection.headers.clone()).send().await.ok()?;
    if !response.status().is_success() {
        return None;
    }
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await.ok()? {
        body.extend_from_slice(&bytes);
        if body.len() > MAX_BYTES {
            return None;
        }
    }
    serde_json::from_slice(&body).ok()
}

/// The address of the list, given that of chat completions.
fn beside_chat_completions(mut url: Url) -> Option<Url> {
    url.path_segments_mut().ok()?.pop().pop().push("models");
    Some(url)
}

/// The ids in a list.
///
/// # Source
/// `{"data": [{"id": ...}]}`: `OpenAI` and most others. A list without more around it: Together. `{"models": [{"name": ...}]}`: Ollama's
/// own protocol.
fn ids(list: &Value) -> Vec<String> {
    let models = [list, &list["data"], &list["models"]].into_iter().find_map(Value::as_array);
    let id = |model: &Value| {
        let id = model["id"].as_str().or_else(|| model["name"].as_str()).or_else(|| model.as_str())?;
        let is_fit = !id.is_empty() && id.chars().count() <= MAX_ID_CHARS && !id.contains(char::is_control);
        is_fit.then(|| id.to_owned())
    };
    models.into_iter().flatten().filter_map(id).collect()
}

fn likest(wanted: &str, mut ids: Vec<String>) -> Vec<String> {
    // Services differ in what they put before the slash.
    let folded = |id: &str| id.rsplit('/').next().unwrap_or(id).to_lowercase().replace('_', "-");
    let wanted = folded(wanted);
    let similarity = |id: &String| strsim::normalized_damerau_levenshtein(&wanted, &folded(id));
    ids.retain(|id| similarity(id) >= LEAST_SIMILARITY);
    ids.sort_by(|one, other| similarity(other).total_cmp(&similarity(one)).then_with(|| one.cmp(other)));
    ids.dedup();
    ids.truncate(MOST_NAMED);
    ids
}

#[cfg(test)]
#[path = "listing_tests.rs"]
mod tests;
