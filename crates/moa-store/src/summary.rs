//! What a list of runs shows of each.

use std::path::Path;

use moa_core::{RunId, Usage};
use rusqlite::Row;
use serde::Serialize;

use crate::error::StoreError;
use crate::lease;

/// Characters of a prompt or an answer in a list.
const EXCERPT_CHARS: usize = 160;

/// Characters that are read to make an excerpt, more than it holds because white space is folded.
pub(crate) const EXCERPT_SOURCE_CHARS: usize = 4 * EXCERPT_CHARS;

/// How a stored run ended, or that it did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Events are still being written, by this process or another one.
    Running,
    /// With an answer of the whole mixture.
    Finished,
    /// With an answer that is not what the whole mixture would have given.
    Degraded,
    /// Without an answer.
    Failed,
    /// Somebody stopped it.
    Cancelled,
    /// Its process ended, or its stream was dropped, before the run was over.
    Interrupted,
}

impl RunStatus {
    /// The status in one lower-case word, as it is shown and stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }

    /// The status of a row: an open run is running for as long as its writer lives.
    pub(crate) fn of_row(database: &Path, stored: &str, writer: &str) -> Option<Self> {
        Some(match stored {
            "open" if lease::is_alive(database, writer) => Self::Running,
            "open" | "interrupted" => Self::Interrupted,
            "finished" => Self::Finished,
            "degraded" => Self::Degraded,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            _ => return None,
        })
    }
}

/// A stored run at a glance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    /// The run.
    pub id: RunId,
    /// When it started, in milliseconds since 1970 (UTC).
    pub started_at_unix_ms: u64,
    /// The preset's name.
    pub preset: String,
    /// The beginning of what the user said last, on one line.
    pub prompt: String,
    /// The beginning of the answer on one line, if there is one.
    pub answer: Option<String>,
    /// How it ended, or that it did not.
    pub status: RunStatus,
    /// From start to end, or to the last event that is stored.
    pub wall_ms: f64,
    /// What was consumed; for a run that did not end, by the calls that did.
    pub usage: Usage,
    /// The number of layers, the aggregator's included.
    pub layer_count: u32,
    /// The models that the mixture asks, each once.
    pub models: Vec<String>,
    /// Events that happened but could not be stored.
    pub lost_events: u64,
}

/// The columns that [`read`] wants, in its order.
pub(crate) const COLUMNS: &str = "id, writer, status, started_at_unix_ms, preset, wall_ms, prompt_tokens, cached_tokens, \
     completion_tokens, cost_usd, layer_count, models, lost_events, substr(prompt, 1, ?1), substr(answer, 1, ?1), \
     reasoning_tokens, estimated";

/// The run of a row of [`COLUMNS`].
pub(crate) fn read(database: &Path, row: &Row<'_>) -> Result<RunSummary, StoreError> {
    let id: String = row.get(0).map_err(|error| StoreError::damaged("(without an id)", error))?;
    read_row(database, row, &id)
}

fn read_row(database: &Path, row: &Row<'_>, id: &str) -> Result<RunSummary, StoreError> {
    let damaged = |error: rusqlite::Error| StoreError::damaged(id, error);
    let stored: String = row.get(2).map_err(damaged)?;
    let writer: String = row.get(1).map_err(damaged)?;
    let models: String = row.get(11).map_err(damaged)?;
    Ok(RunSummary {
        id: parse_id(id)?,
        status: RunStatus::of_row(database, &stored, &writer)
            .ok_or_else(|| StoreError::damaged(id, format_args!("its status is '{stored}'")))?,
        started_at_unix_ms: row.get::<_, i64>(3).map_err(damaged)?.try_into().unwrap_or(0),
        preset: row.get(4).map_err(damaged)?,
        wall_ms: row.get(5).map_err(damaged)?,
        usage: Usage {
            prompt_tokens: row.get(6).map_err(damaged)?,
            cached_tokens: row.get(7).map_err(damaged)?,
            completion_tokens: row.get(8).map_err(damaged)?,
            cost_usd: row.get(9).map_err(damaged)?,
            reasoning_tokens: row.get(15).map_err(damaged)?,
            estimated: row.get(16).map_err(damaged)?,
        },
        layer_count: row.get(10).map_err(damaged)?,
        models: serde_json::from_str(&models).map_err(|error| StoreError::damaged(id, error))?,
        lost_events: row.get::<_, i64>(12).map_err(damaged)?.try_into().unwrap_or(0),
        prompt: excerpt(&row.get::<_, String>(13).map_err(damaged)?),
        answer: row.get::<_, Option<String>>(14).map_err(damaged)?.as_deref().map(excerpt),
    })
}

/// The run that a stored id names.
pub(crate) fn parse_id(id: &str) -> Result<RunId, StoreError> {
    RunId::parse_str(id).map_err(|error| StoreError::damaged(id, error))
}

/// The beginning of a text on one line.
fn excerpt(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.char_indices().nth(EXCERPT_CHARS) {
        Some((end, _)) => {
            line.truncate(end);
            line.push('…');
            line
        }
        None => line,
    }
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
