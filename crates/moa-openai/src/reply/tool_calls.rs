//! Calls of tools, put together from their pieces.

use moa_core::{ContentKey, ToolCall};
use serde_json::Value;

/// The most calls of one answer, and bytes of their arguments: what goes beyond is no answer.
const MAX_CALLS: usize = 256;

/// Calls that are being written.
#[derive(Debug, Default)]
pub(super) struct ToolCalls {
    calls: Vec<Partial>,
}

#[derive(Debug, Default)]
struct Partial {
    index: Option<u64>,
    id: String,
    name: String,
    /// The arguments' text, piece by piece as it arrived.
    pieces: Vec<String>,
}

/// What a piece of a call says.
struct Piece<'a> {
    index: Option<u64>,
    id: &'a str,
    name: &'a str,
    arguments: Option<String>,
}

impl ToolCalls {
    /// Takes the field `tool_calls` of a turn.
    pub(super) fn push(&mut self, calls: &Value) {
        for call in calls.as_array().into_iter().flatten() {
            // Some put name and arguments beside the id.
            let function = call.get("function").filter(|function| function.is_object()).unwrap_or(call);
            let id = call.get("id").and_then(Value::as_str).unwrap_or_default();
            self.push_piece(Piece {
                index: call.get("index").and_then(Value::as_u64),
                id,
                ..piece(function)
            });
        }
    }

    /// Takes the older field `function_call`, of which there is one.
    pub(super) fn push_function_call(&mut self, call: &Value) {
        if call.is_object() {
            self.push_piece(Piece { index: Some(0), ..piece(call) });
        }
    }

    fn push_piece(&mut self, piece: Piece<'_>) {
        let at = match self.place_of(&piece) {
            Some(at) => at,
            None if self.calls.len() < MAX_CALLS => {
                self.calls.push(Partial { index: piece.index, ..Partial::default() });
                self.calls.len() - 1
            }
            None => return,
        };
        let Some(call) = self.calls.get_mut(at) else { return };
        if call.id.is_empty() {
            piece.id.clone_into(&mut call.id);
        }
        if call.name.is_empty() {
            piece.name.clone_into(&mut call.name);
        }
        call.pieces.extend(piece.arguments.filter(|arguments| !arguments.is_empty()));
    }

    /// The call that a piece belongs to: the one of its id, else of its index, else the last one. Another id and a name under an index
    /// that is taken begin a new call, since some services number every call 0.
    fn place_of(&self, piece: &Piece<'_>) -> Option<usize> {
        let has_id = !piece.id.is_empty();
        if has_id && let Some(at) = self.calls.iter().rposition(|call| call.id == piece.id) {
            return Some(at);
        }
        let Some(index) = piece.index else {
            let begins = has_id || !piece.name.is_empty();
            return if begins { None } else { self.calls.len().checked_sub(1) };
        };
        let at = self.calls.iter().rposition(|call| call.index == Some(index))?;
        let begins =
            has_id && !piece.name.is_empty() && self.calls.get(at).is_some_and(|call| !call.id.is_empty());
        (!begins).then_some(at)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// The calls, complete. Those without an id get one that `key` and their place name.
    pub(super) fn finish(self, key: &ContentKey) -> Vec<ToolCall> {
        let finished = |(place, call): (usize, Partial)| ToolCall {
            id: if call.id.is_empty() { made_up_id(key, place) } else { call.id },
            name: call.name,
            arguments: settled(&call.pieces),
        };
        self.calls.into_iter().enumerate().map(finished).collect()
    }

    /// The text that the calls have, for estimates.
    pub(super) fn text(&self) -> String {
        self.calls.iter().flat_map(|call| std::iter::once(&call.name).chain(&call.pieces)).cloned().collect()
    }
}

fn piece(function: &Value) -> Piece<'_> {
    let arguments = match function.get("arguments") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        // Some write the arguments as JSON and not as a text.
        Some(json) => Some(json.to_string()),
    };
    let name = function.get("name").and_then(Value::as_str).unwrap_or_default();
    Piece { index: None, id: "", name, arguments }
}

/// Nine letters and digits: the one form that Mistral takes back, and all others too.
fn made_up_id(key: &ContentKey, place: usize) -> String {
    let digits: String = key.as_str().chars().take(6).collect();
    format!("{digits}{:03}", place % 1000)
}

/// The pieces put together. Where that is no JSON, and leaving out repetitions makes it so, without those: some services send each piece
/// twice, or the whole once more at the end.
fn settled(pieces: &[String]) -> String {
    let whole = pieces.concat();
    if is_json(&whole) {
        return whole;
    }
    let is_paired =
        pieces.len().is_multiple_of(2) && pieces.chunks_exact(2).all(|pair| pair.first() == pair.get(1));
    let halved = is_paired.then(|| pieces.iter().step_by(2).map(String::as_str).collect::<String>());
    let repeated =
        pieces.split_last().filter(|(last, before)| **last == before.concat()).map(|(last, _)| last);
    [halved, repeated.cloned()].into_iter().flatten().find(|text| is_json(text)).unwrap_or(whole)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

#[cfg(test)]
#[path = "tool_calls_tests.rs"]
mod tests;
