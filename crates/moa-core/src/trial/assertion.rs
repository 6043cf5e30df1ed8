//! Examples as assertions: `assert f(2) == 4`.

use super::example::{Example, Expected};
use super::python::{MOST_BYTES, bracketed, literal, quoted, word};

/// Lines of one assertion.
const MOST_LINES: usize = 20;

/// The assertion that begins with the first of these lines, and how many of them it takes.
pub(super) fn assertion(lines: &[&str]) -> Option<(Example, usize)> {
    let first = lines.first()?.trim();
    first.strip_prefix("assert").filter(|rest| rest.starts_with([' ', '(']))?;
    let mut text = first.to_owned();
    let (mut taken, mut depth) = (1, opened(first));
    while depth > 0 {
        let line = lines.get(taken).filter(|_| taken < MOST_LINES && text.len() <= MOST_BYTES)?;
        text.push('\n');
        text.push_str(line.trim());
        depth += opened(line);
        taken += 1;
    }
    let text = text.trim_end_matches('`').trim_end();
    if text.len() > MOST_BYTES {
        return None;
    }
    let example = equality(text).unwrap_or_else(|| Example {
        setup: String::new(),
        source: text.to_owned(),
        expected: Expected::Success,
    });
    Some((example, taken))
}

/// An assertion that a call is equal to a literal, as that: so it is known what came of the call where it is not.
fn equality(text: &str) -> Option<Example> {
    let call = text.strip_prefix("assert")?.trim_start();
    let name = word(call);
    let end = name.len() + bracketed(call.get(name.len()..)?)?;
    let behind = call.get(end..)?.trim_start();
    // Python knows no `=>`, and prompts do.
    let value = behind.strip_prefix("==").or_else(|| behind.strip_prefix("=>"))?.trim_start();
    let length = literal(value)?;
    let rest = value.get(length..)?.trim_start();
    // A comment, or the message of the assertion; anything else goes on with the comparison.
    let is_over = rest.is_empty() || rest.starts_with('#') || is_message(rest);
    (!name.is_empty() && is_over).then(|| Example {
        setup: String::new(),
        source: call.get(..end).unwrap_or_default().to_owned(),
        expected: Expected::Value(value.get(..length).unwrap_or_default().to_owned()),
    })
}

fn is_message(rest: &str) -> bool {
    let message = rest.strip_prefix(',').map(str::trim_start);
    let end = message.and_then(|message| Some((message, quoted(message)?)));
    end.is_some_and(|(message, end)| message.get(end..).is_some_and(|rest| rest.trim().is_empty()))
}

/// How many more brackets a line opens than it closes. Brackets within strings and comments do not count.
fn opened(line: &str) -> i32 {
    let (mut depth, mut at) = (0, 0);
    while let Some(sign) = line.get(at..).and_then(|rest| rest.chars().next()) {
        match sign {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '#' => break,
            '"' | '\'' => {
                if let Some(length) = line.get(at..).and_then(quoted) {
                    at += length;
                    continue;
                }
            }
            _ => {}
        }
        at += sign.len_utf8();
    }
    depth
}
