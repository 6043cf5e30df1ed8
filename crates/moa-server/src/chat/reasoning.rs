//! Proposals as ordinary clients see them: blocks in the field that front ends fold away.

use moa_config::ReasoningField;
use moa_core::{CallOutcome, CallStatus};
use serde_json::{Map, Value};

/// The lines of a proposal that are shown.
const LINES: usize = 3;

/// The signs of a proposal that are shown.
const SIGNS: usize = 400;

/// The key of the field, if there is one.
pub(super) fn key(field: ReasoningField) -> Option<&'static str> {
    match field {
        ReasoningField::ReasoningContent => Some("reasoning_content"),
        ReasoningField::Reasoning => Some("reasoning"),
        ReasoningField::Off => None,
    }
}

/// A delta or a message with nothing but reasoning.
pub(super) fn object(key: &str, text: &str) -> Map<String, Value> {
    Map::from_iter([(key.to_owned(), Value::from(text))])
}

/// The block of a proposal that has ended: whose it is, and its first lines, or why it was lost.
pub(super) fn block(layer: u32, agent: &str, outcome: &CallOutcome) -> String {
    let tokens = outcome.usage.completion_tokens;
    let seconds = outcome.wall_ms / 1_000.0;
    let reason = outcome.error.as_ref().map_or_else(String::new, |failure| format!(": {}", failure.message));
    match outcome.status {
        CallStatus::Ok => {
            format!(
                "[layer {layer} · {agent}] {tokens} tokens, {seconds:.1} s\n{}\n\n",
                excerpt(&outcome.text)
            )
        }
        CallStatus::Partial => {
            format!("[layer {layer} · {agent}] cut short{reason}\n{}\n\n", excerpt(&outcome.text))
        }
        CallStatus::Failed => format!("[layer {layer} · {agent}] failed{reason}\n\n"),
        CallStatus::Dropped => format!("[layer {layer} · {agent}] given up{reason}\n\n"),
    }
}

/// The first lines of a text.
fn excerpt(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut shown: String = lines.iter().take(LINES).copied().collect::<Vec<_>>().join("\n");
    let is_cut = lines.len() > LINES || shown.chars().count() > SIGNS;
    if let Some((end, _)) = shown.char_indices().nth(SIGNS) {
        shown.truncate(end);
    }
    if is_cut {
        shown.push_str(" …");
    }
    shown
}
