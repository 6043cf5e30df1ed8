//! Examples in a line of prose: `f(2) == 4`, `f(2) => 4`, `f(2) returns 4`.

use std::collections::BTreeSet;

use super::example::{Example, Expected};
use super::python::{bracketed, is_of_literals, is_of_name, literal, word};

/// What may stand between a call and what comes of it, the longer before those that they begin with.
const BETWEEN: [&str; 22] = [
    "should return",
    "should be",
    "must return",
    "must be",
    "will return",
    "would return",
    "evaluates to",
    "returns",
    "return",
    "gives",
    "# returns",
    "# =>",
    "# ->",
    "==>",
    "==",
    "=>",
    "-->",
    "->",
    "→",
    "➞",
    "⇒",
    "=",
];

/// Words that turn what a line says into something else.
const AGAINST: [&str; 14] = [
    "not",
    "no",
    "never",
    "wrong",
    "wrongly",
    "incorrect",
    "incorrectly",
    "instead",
    "unless",
    "except",
    "isn",
    "doesn",
    "shouldn",
    "mustn",
];

/// Words behind which a call is a part of something greater.
const PART_OF: [&str; 13] =
    ["or", "in", "is", "return", "if", "while", "elif", "assert", "lambda", "yield", "await", "def", "raise"];

/// Calls that one line may have; a line of more is no prose.
const MOST_CALLS: usize = 8;

/// The examples that a line gives of the functions of these names. Only what can be read in one way is one: a call with literals, a sign or
/// word for equality, a whole literal, and then the end, a comment or the end of a sentence.
pub(super) fn inline(line: &str, functions: &BTreeSet<String>) -> Vec<Example> {
    let words = line.split(|sign: char| !is_of_name(sign));
    if words.map(str::to_lowercase).any(|word| AGAINST.contains(&word.as_str())) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut from = 0;
    for _ in 0..MOST_CALLS {
        let Some(call) = next_call(line, from, functions) else { break };
        from = call.end;
        let Some(text) = line.get(call.start..call.end) else { break };
        let arguments = text.get(word(text).len()..).unwrap_or_default();
        let before = line.get(..call.start).unwrap_or_default();
        if !is_of_literals(arguments) || !stands_alone(before, !found.is_empty()) {
            continue;
        }
        if let Some((value, end)) = value_behind(line, call.end, functions) {
            let expected = Expected::Value(value);
            found.push(Example { setup: String::new(), source: text.to_owned(), expected });
            from = end;
        }
    }
    found
}

/// The next call of one of the functions.
fn next_call(line: &str, from: usize, functions: &BTreeSet<String>) -> Option<std::ops::Range<usize>> {
    let mut at = from;
    let mut tried = 0;
    while let Some(open) = line.get(at..)?.find('(').map(|open| at + open) {
        let before = line.get(..open)?;
        let start = before.rfind(|sign: char| !is_of_name(sign)).map_or(0, |last| {
            last + before.get(last..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
        });
        let is_attribute = line.get(..start)?.ends_with('.');
        if start >= from && !is_attribute && functions.contains(line.get(start..open)?) {
            tried += 1;
            if let Some(length) = bracketed(line.get(open..)?) {
                return Some(start..open + length);
            }
            if tried > MOST_CALLS {
                return None;
            }
        }
        at = open + 1;
    }
    None
}

/// Whether a call behind this beginning of its line is all that is compared. Where the line has an example already, another one may follow it.
fn stands_alone(before: &str, follows: bool) -> bool {
    if before.ends_with(|sign: char| !sign.is_whitespace() && sign != '`' && sign != '*') {
        return false;
    }
    let before = before.trim_end().trim_end_matches(['`', '*']).trim_end();
    let is_bullet = !before.contains(char::is_alphanumeric) && before.chars().count() <= 2;
    if is_bullet && !before.contains(['=', '(', '[', '{']) {
        return true;
    }
    let last = before.rsplit(|sign: char| !is_of_name(sign)).next().unwrap_or_default();
    match last {
        "" => !before.ends_with(|sign: char| "=+-*/%<>[({!~&|^@\\".contains(sign)),
        "and" => follows,
        _ => !PART_OF.contains(&last.to_lowercase().as_str()),
    }
}

/// The literal that a call comes to, and where it ends.
fn value_behind(line: &str, end_of_call: usize, functions: &BTreeSet<String>) -> Option<(String, usize)> {
    let rest = line.get(end_of_call..)?.trim_start_matches('`').trim_start();
    let lower = |text: &str| text.to_lowercase();
    let between = BETWEEN.iter().find(|between| {
        rest.get(..between.len()).is_some_and(|head| lower(head) == **between)
            && !rest.get(between.len()..).is_some_and(|next| {
                // `==` and `=` go no further, and words end.
                next.starts_with(['=', '>']) || between.ends_with(is_of_name) && next.starts_with(is_of_name)
            })
    })?;
    let rest = rest.get(between.len()..)?.trim_start().trim_start_matches(['`', '*']);
    let length = literal(rest)?;
    let (value, behind) = (rest.get(..length)?, rest.get(length..)?);
    is_over(behind, functions).then(|| (value.to_owned(), line.len() - behind.len()))
}

/// Whether what is compared ends before this rest of its line.
fn is_over(rest: &str, functions: &BTreeSet<String>) -> bool {
    let rest = rest.trim_start_matches(['`', '*']);
    let is_end = |text: &str| text.is_empty() || text.starts_with(char::is_whitespace);
    let is_call = |text: &str| {
        let text = text.trim_start().trim_start_matches('`');
        let name = word(text);
        functions.contains(name) && text.get(name.len()..).is_some_and(|rest| rest.starts_with('('))
    };
    let behind = rest.trim_start();
    if behind.is_empty() || behind.starts_with('#') {
        return true;
    }
    if let Some(next) = rest.strip_prefix(['.', ';', ')']) {
        return is_end(next.trim_start_matches(['.', ')', '`']));
    }
    if let Some(next) = rest.strip_prefix(',') {
        return next.trim().is_empty()
            || is_call(next)
            || next.trim_start().strip_prefix("and ").is_some_and(is_call);
    }
    behind.strip_prefix("and ").is_some_and(is_call)
}
