//! JSON and JSON lines as Python's tools write them.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::EvalError;

/// What Python's `json` writes for numbers that JSON has not, longest first.
const NON_FINITE: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];

/// Reads one JSON document. Python's `NaN` and `Infinity` count as null.
pub(crate) fn read<T: DeserializeOwned>(what: &'static str, text: &[u8]) -> Result<T, EvalError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    serde_json::from_slice(text).or_else(|error| match without_non_finite(text) {
        Cow::Owned(masked) => parse(what, &masked),
        Cow::Borrowed(_) => Err(EvalError::invalid_file(what, None, error)),
    })
}

fn parse<T: DeserializeOwned>(what: &'static str, text: &[u8]) -> Result<T, EvalError> {
    serde_json::from_slice(text).map_err(|error| EvalError::invalid_file(what, None, error))
}

/// Reads one JSON document a line. Blank lines are passed over.
pub(crate) fn read_lines<T: DeserializeOwned>(what: &'static str, text: &[u8]) -> Result<Vec<T>, EvalError> {
    let lines = text.split(|byte| *byte == b'\n').enumerate();
    let written = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    written
        .map(|(index, line)| {
            read(what, line).map_err(|error| match error {
                EvalError::InvalidFile { reason, .. } => {
                    EvalError::invalid_file(what, Some(index + 1), reason)
                }
                other => other,
            })
        })
        .collect()
}

/// Writes one JSON document, indented by one space as pandas writes it for `AlpacaEval`.
pub(crate) fn write<T: Serialize + ?Sized>(what: &'static str, value: &T) -> Result<String, EvalError> {
    serde_json::to_string_pretty(value).map_err(|error| EvalError::invalid_file(what, None, error))
}

/// Writes one JSON document a line.
pub(crate) fn write_lines<T: Serialize>(what: &'static str, values: &[T]) -> Result<String, EvalError> {
    let mut text = String::new();
    for value in values {
        let line =
            serde_json::to_string(value).map_err(|error| EvalError::invalid_file(what, None, error))?;
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text)
}

/// The text with null in place of each number that JSON has not, outside of strings.
fn without_non_finite(text: &[u8]) -> Cow<'_, [u8]> {
    let mut masked: Option<Vec<u8>> = None;
    let (mut at, mut in_string) = (0, false);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let word = NON_FINITE.into_iter().find(|word| !in_string && rest.starts_with(word));
        if let Some(word) = word {
            masked.get_or_insert_with(|| text[..at].to_vec()).extend_from_slice(b"null");
            at += word.len();
            continue;
        }
        let length = if in_string && rest[0] == b'\\' { rest.len().min(2) } else { 1 };
        in_string ^= rest[0] == b'"';
        if let Some(masked) = &mut masked {
            masked.extend_from_slice(&rest[..length]);
        }
        at += length;
    }
    masked.map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
