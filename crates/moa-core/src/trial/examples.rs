//! The examples that a prompt gives.

use std::collections::BTreeSet;

use super::assertion::assertion;
use super::doctest::{Session, session};
use super::example::Example;
use super::inline::inline;
use super::python::{is_of_name, word};

/// The most examples that are read.
const MOST_EXAMPLES: usize = 32;

/// Statements that prepare an example and are longer than this are left out.
const MOST_SETUP_BYTES: usize = 4_000;

/// A line that is longer than this has no example.
const MOST_LINE_BYTES: usize = 4_000;

/// Whether a prompt may give an example of some function, whichever there are: none is given without a call, an assertion or a session.
pub(crate) fn may_have_examples(prompt: &str) -> bool {
    let calls = |(at, _): (usize, &str)| {
        prompt[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
    };
    prompt.contains(">>>") || prompt.contains("assert") || prompt.match_indices('(').any(calls)
}

/// The examples that a prompt gives of the functions of these names, each once, in its own order: sessions at Python's prompt, assertions, and
/// what a line of prose says of a call.
pub(crate) fn examples(prompt: &str, functions: &BTreeSet<String>) -> Vec<Example> {
    if !may_have_examples(prompt) {
        return Vec::new();
    }
    let lines: Vec<&str> =
        prompt.lines().map(|line| if line.len() > MOST_LINE_BYTES { "" } else { line }).collect();
    let mut found: Vec<Example> = Vec::new();
    let mut setup = String::new();
    let mut at = 0;
    while let Some(rest) = lines.get(at..).filter(|rest| !rest.is_empty() && found.len() < MOST_EXAMPLES) {
        let (new, taken) = if let Some((part, taken)) = session(rest, functions) {
            let new = match part {
                Session::Setup(statements) => {
                    if setup.len() + statements.len() < MOST_SETUP_BYTES {
                        setup.push_str(&statements);
                        setup.push('\n');
                    }
                    Vec::new()
                }
                Session::Examples(examples) => examples,
            };
            (new, taken)
        } else if let Some((example, taken)) = assertion(rest) {
            (vec![example], taken)
        } else {
            (rest.first().map(|line| inline(line, functions)).unwrap_or_default(), 1)
        };
        for mut example in new {
            example.setup = std::mem::take(&mut setup);
            if !found.contains(&example) {
                found.push(example);
            }
        }
        at += taken;
    }
    found.truncate(MOST_EXAMPLES);
    found
}

/// The names of the functions that a text of code defines at any depth.
pub(crate) fn functions(code: &str) -> impl Iterator<Item = &str> {
    code.lines().filter_map(|line| {
        let line = line.trim_start();
        let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("def ")?.trim_start();
        let name = word(rest);
        let is_call = rest.get(name.len()..)?.trim_start().starts_with('(');
        (is_call && name.starts_with(|sign: char| is_of_name(sign) && !sign.is_numeric())).then_some(name)
    })
}
