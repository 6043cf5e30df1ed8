//! The runs that there are.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use moa_core::{RunEnd, RunId, Trace, Usage};
use moa_store::{RunFilter, RunStatus, RunSummary};
use serde::Deserialize;
use serde_json::{Value, json};

use super::stored::{run_id, with_store};
use crate::app::App;
use crate::error::ApiError;
use crate::json;

/// Runs of a page of the list, where nothing is said.
const LIMIT: usize = 30;

/// The most runs of a page of the list.
const MOST: usize = 200;

/// The signs of a question or an answer that a list shows.
const EXCERPT: usize = 160;

/// Which runs.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    query: Option<String>,
    before: Option<String>,
    limit: Option<usize>,
}

/// Lists runs, the latest first. `next` is what `before` must be for those after them.
pub(crate) async fn list_runs(
    State(app): State<Arc<App>>,
    query: Result<Query<ListQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(query) = query.map_err(|error| ApiError::invalid(error.body_text()))?;
    let limit = query.limit.unwrap_or(LIMIT);
    if !(1..=MOST).contains(&limit) {
        return Err(ApiError::invalid_value("limit", format!("'limit' must be from 1 to {MOST}")));
    }
    let before = query.before.as_deref().map(run_id).transpose()?;
    let text = query.query.filter(|text| !text.trim().is_empty());
    let words = text.as_deref().map(str::to_lowercase);
    let filter = RunFilter { text, limit: Some(limit + 1), before, ..RunFilter::default() };
    let stored = with_store(&app, move |store| store.list(&filter)).await?;
    let mut runs: Vec<(RunId, Value)> =
        stored.iter().flatten().map(|summary| (summary.id, of_summary(summary))).collect();
    // What has just begun or ended is not in the store yet, and without a store nothing is.
    for run in app.runs.all() {
        let stored = runs.iter().position(|(id, _)| *id == run.id());
        let is_outdated = |place: usize| {
            run.is_over() && runs.get(place).is_some_and(|(_, known)| known["status"] == "running")
        };
        if stored.is_some_and(|place| !is_outdated(place)) || before.is_some_and(|before| run.id() >= before)
        {
            continue;
        }
        let trace = run.trace();
        let Some(listed) = of_trace(&trace, words.as_deref()) else { continue };
        match stored.and_then(|place| runs.get_mut(place)) {
            Some(known) => known.1 = listed,
            None => runs.push((run.id(), listed)),
        }
    }
    // Ids sort by the time of the start.
    runs.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
    let has_more = runs.len() > limit;
    runs.truncate(limit);
    let runs: Vec<Value> = runs.into_iter().map(|(_, run)| run).collect();
    let next = runs.last().filter(|_| has_more).and_then(|run| run.get("run").cloned());
    Ok(json::ok(&json!({"runs": runs, "next": next})))
}

fn of_summary(run: &RunSummary) -> Value {
    let status = match run.status {
        // A degraded answer is an answer; the run itself says what it lacks.
        RunStatus::Degraded => "finished",
        other => other.as_str(),
    };
    json!({
        "run": run.id,
        "started_at_unix_ms": run.started_at_unix_ms,
        "status": status,
        "degraded": run.status == RunStatus::Degraded,
        "mixture": run.preset,
        "question": run.prompt,
        "answer_preview": run.answer,
        "wall_ms": run.wall_ms,
        "cost_usd": run.usage.cost_usd,
        "models": run.models,
    })
}

/// A run of this process, where every one of the words that are searched stands in it.
fn of_trace(trace: &Trace, words: Option<&str>) -> Option<Value> {
    let start = trace.start.as_ref()?;
    let (status, answer, usage, wall_ms) = match &trace.end {
        Some(RunEnd::Finished(outcome)) => {
            ("finished", Some(outcome.answer.as_str()), outcome.usage, outcome.wall_ms)
        }
        Some(RunEnd::Failed { usage, wall_ms, .. }) => ("failed", None, *usage, *wall_ms),
        Some(RunEnd::Cancelled { usage, wall_ms }) => ("cancelled", None, *usage, *wall_ms),
        None => ("running", None, Usage::default(), trace.at_ms),
    };
    let question = start.conversation.last_user_message().unwrap_or_default();
    let found_in = [question.to_lowercase(), answer.unwrap_or_default().to_lowercase()];
    let is_found = |word: &str| found_in.iter().any(|text| text.contains(word));
    if !words.unwrap_or_default().split_whitespace().all(is_found) {
        return None;
    }
    let excerpt = |text: &str| text.chars().take(EXCERPT).collect::<String>();
    Some(json!({
        "run": start.run,
        "started_at_unix_ms": start.started_at_unix_ms,
        "status": status,
        "degraded": matches!(&trace.end, Some(RunEnd::Finished(outcome)) if outcome.degraded),
        "mixture": start.mixture.name,
        "question": excerpt(question),
        "answer_preview": answer.map(excerpt),
        "wall_ms": wall_ms,
        "cost_usd": usage.cost_usd,
        "models": start.mixture.models(),
    }))
}
