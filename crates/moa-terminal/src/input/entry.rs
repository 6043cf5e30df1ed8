//! What one input means: whether it is complete, and whether it is a command.

use super::Input;

/// Whether more lines belong to `text`: it ends in a backslash, or a code fence is open.
pub(super) fn is_incomplete(text: &str) -> bool {
    let open = text.lines().fold(false, after_line);
    open || text.lines().next_back().is_some_and(continues)
}

/// What `text` asks for; nothing if it is blank.
pub(super) fn parse(text: &str) -> Option<Input> {
    let text = joined(text);
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let Some(command) = text.strip_prefix('/') else { return Some(Input::Text(text.to_owned())) };
    if command.starts_with('/') {
        return Some(Input::Text(command.to_owned()));
    }
    let (name, argument) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    Some(Input::Command { name: name.to_owned(), argument: argument.trim().to_owned() })
}

/// The text without the backslashes that only said that it goes on.
fn joined(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut is_code = false;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        if !is_code && continues(body) {
            joined.push_str(body.get(..body.len() - 1).unwrap_or(body));
            joined.push_str(line.get(body.len()..).unwrap_or_default());
        } else {
            joined.push_str(line);
        }
        is_code = after_line(is_code, body);
    }
    joined
}

/// Whether a line ends in a backslash that is not itself escaped.
fn continues(line: &str) -> bool {
    let backslashes = line.bytes().rev().take_while(|byte| *byte == b'\\').count();
    backslashes % 2 == 1
}

/// Whether a fence is open after `line`, given whether one was before.
fn after_line(is_open: bool, line: &str) -> bool {
    is_open != line.trim_start().starts_with("```")
}

#[cfg(test)]
#[path = "entry_tests.rs"]
mod tests;
