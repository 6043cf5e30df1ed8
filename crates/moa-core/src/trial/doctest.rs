//! Examples as a session at Python's prompt: `>>> f(2)`, and what it shows on the lines below.

use std::collections::BTreeSet;

use super::example::{Example, Expected};
use super::inline::inline;
use super::python::MOST_BYTES;

/// What Python prompts with, and what it prompts with where a statement goes on.
const PROMPT: &str = ">>>";
const FURTHER: &str = "...";

/// More than this that an example shows is none.
const MOST_SHOWN_BYTES: usize = 4_000;

/// Lines that one example may show or take.
const MOST_LINES: usize = 50;

/// What the first of some lines begins.
pub(super) enum Session {
    /// Statements of which nothing is said: they prepare the next example.
    Setup(String),
    /// What is tried, and what it shows.
    Examples(Vec<Example>),
}

/// The part of a session that begins with the first of these lines, and how many of them it takes.
pub(super) fn session(lines: &[&str], functions: &BTreeSet<String>) -> Option<(Session, usize)> {
    let first = *lines.first()?;
    let indentation = first.len() - first.trim_start().len();
    let mut source = statement(first.trim(), PROMPT)?.to_owned();
    let mut taken = 1;
    let rest = |taken: usize| lines.get(taken).filter(|_| taken < MOST_LINES).copied();
    while let Some(further) = rest(taken).and_then(|line| statement(line.trim(), FURTHER)) {
        source.push('\n');
        source.push_str(further);
        taken += 1;
    }
    let mut shown: Vec<&str> = Vec::new();
    while let Some(line) = rest(taken) {
        let trimmed = line.trim();
        let is_outside = line.len() - line.trim_start().len() < indentation;
        if trimmed.is_empty() || is_outside || ends(trimmed) {
            break;
        }
        taken += 1;
        let text = line.get(indentation..).unwrap_or(trimmed).trim_end();
        match text.strip_suffix("\"\"\"").or_else(|| text.strip_suffix("'''")) {
            // The text that the session stands in ends on the same line.
            Some(text) => {
                shown.push(text.trim_end());
                break;
            }
            None => shown.push(if trimmed == "<BLANKLINE>" { "" } else { text }),
        }
    }
    let source = source.trim().to_owned();
    let shown_bytes = shown.iter().map(|line| line.len()).sum::<usize>();
    if source.is_empty() || source.len() > MOST_BYTES || shown_bytes > MOST_SHOWN_BYTES {
        return Some((Session::Examples(Vec::new()), taken));
    }
    if shown.is_empty() {
        let examples = inline(&source, functions);
        let session = if examples.is_empty() { Session::Setup(source) } else { Session::Examples(examples) };
        return Some((session, taken));
    }
    let expected = expected(&shown);
    Some((Session::Examples(vec![Example { setup: String::new(), source, expected }]), taken))
}

/// What stands behind a prompt.
fn statement<'line>(line: &'line str, prompt: &str) -> Option<&'line str> {
    let rest = line.strip_prefix(prompt)?;
    // One space belongs to the prompt; further ones indent.
    match rest.strip_prefix(' ') {
        Some(statement) => Some(statement),
        // Prose begins with dots as well.
        None => (rest.is_empty() || prompt == PROMPT && !rest.starts_with('>')).then_some(rest),
    }
}

/// Whether a line is none that was shown.
fn ends(line: &str) -> bool {
    [PROMPT, "\"\"\"", "'''", "```", "~~~"].iter().any(|end| line.starts_with(end))
}

fn expected(shown: &[&str]) -> Expected {
    let is_traceback =
        shown.first().is_some_and(|line| line.starts_with("Traceback (most recent call last)"));
    let last = shown.last().copied().unwrap_or_default();
    if is_traceback && shown.len() > 1 {
        let name = last.split(':').next().unwrap_or(last).trim();
        return Expected::Error(name.rsplit('.').next().unwrap_or(name).to_owned());
    }
    Expected::Shown(shown.join("\n"))
}
