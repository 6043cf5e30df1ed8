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
        Cow::Owned(masked) => serde_json::from_slice(&masked).map_err(|error| complaint(what, text, &error)),
        Cow::Borrowed(_) => Err(complaint(what, text, &error)),
    })
}

/// What is wrong with a document: where the parser stopped, or what the whole seems to be.
fn complaint(what: &'static str, text: &[u8], error: &serde_json::Error) -> EvalError {
    if let Some(reason) = misfit(text) {
        return EvalError::invalid_file(what, None, reason);
    }
    let said = error.to_string();
    let reason = said.rsplit_once(" at line ").map_or(said.as_str(), |(reason, _)| reason);
    let line = Some(error.line()).filter(|line| *line > 0);
    let reason = match error.column() {
        0 => reason.to_owned(),
        column => format!("{reason}, at byte {column} of the line"),
    };
    EvalError::invalid_file(what, line, reason)
}

/// What can be said of a file without parsing it.
fn misfit(text: &[u8]) -> Option<&'static str> {
    match text {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("it is in UTF-16, and UTF-8 is expected"),
        [0x1f, 0x8b, ..] => Some("it is compressed (gzip)"),
        [b'P', b'K', 3, 4, ..] => Some("it is a zip archive"),
        _ if text.trim_ascii().is_empty() => Some("it is empty"),
        _ => None,
    }
}

/// Reads one JSON document a line. Blank lines are passed over.
pub(crate) fn read_lines<T: DeserializeOwned>(what: &'static str, text: &[u8]) -> Result<Vec<T>, EvalError> {
    // No line at all is a file without rows.
    if let Some(reason) = misfit(text).filter(|_| !text.trim_ascii().is_empty()) {
        return Err(EvalError::invalid_file(what, None, reason));
    }
    let lines = text.split(|byte| *byte == b'\n').enumerate();
    let written = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    written
        .map(|(index, line)| {
            read(what, line).map_err(|error| match error {
                EvalError::InvalidFile { reason, .. } if is_array(line) => {
                    let reason = format!("one object a line is expected, and this is a list ({reason})");
                    EvalError::invalid_file(what, Some(index + 1), reason)
                }
                EvalError::InvalidFile { reason, .. } => {
                    EvalError::invalid_file(what, Some(index + 1), reason)
                }
                other => other,
            })
        })
        .collect()
}

fn is_array(line: &[u8]) -> bool {
    line.trim_ascii_start().first() == Some(&b'[')
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
    // Most files have none, and a search for them is a thousand times quicker than a walk over every byte.
    if [&b"NaN"[..], b"Infinity"].iter().all(|word| memchr::memmem::find(text, word).is_none()) {
        return Cow::Borrowed(text);
    }
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
