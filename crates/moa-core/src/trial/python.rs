//! As much of Python's writing as it takes to find calls and literals in prose.

/// A call, a literal or a statement that is longer than this is no example.
pub(super) const MOST_BYTES: usize = 2_000;

/// Names that are values.
const CONSTANTS: [&str; 3] = ["True", "False", "None"];

/// The length of the string literal at the beginning of a text, quotes included. Strings that begin with three quotes are none.
pub(super) fn quoted(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|quote| ['"', '\''].contains(quote))?;
    let mut escaped = false;
    for (at, sign) in text.char_indices().skip(1) {
        match sign {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if sign == quote => {
                let end = at + 1;
                let is_triple = end == 2 && text.get(end..).is_some_and(|rest| rest.starts_with(quote));
                return (!is_triple).then_some(end);
            }
            _ if at > MOST_BYTES => return None,
            _ => {}
        }
    }
    None
}

/// The length of what the bracket at the beginning of a text encloses, brackets included. Brackets within strings do not count.
pub(super) fn bracketed(text: &str) -> Option<usize> {
    if !text.starts_with(['(', '[', '{']) {
        return None;
    }
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(sign) = text.get(at..)?.chars().next() {
        match sign {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.pop() != Some(sign) => return None,
            '"' | '\'' => {
                at += quoted(text.get(at..)?)?;
                continue;
            }
            _ => {}
        }
        at += sign.len_utf8();
        if open.is_empty() {
            return Some(at);
        }
        if at > MOST_BYTES {
            return None;
        }
    }
    None
}

/// The length of the literal at the beginning of a text: a number, a string, a constant, or a bracket with nothing but literals in it.
pub(super) fn literal(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    match first {
        '"' | '\'' => quoted(text),
        '(' | '[' | '{' => {
            let length = bracketed(text)?;
            is_of_literals(text.get(..length)?).then_some(length)
        }
        _ if first == '-' || first.is_ascii_digit() => number(text),
        _ => {
            let word = word(text);
            CONSTANTS.contains(&word).then_some(word.len())
        }
    }
}

/// The length of the number at the beginning of a text. A full stop behind it that ends a sentence is none of it.
fn number(text: &str) -> Option<usize> {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'_').count()
    };
    let sign = usize::from(text.starts_with('-'));
    let mut end = sign + digits(sign);
    if end == sign {
        return None;
    }
    if text.get(end..)?.starts_with('.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    let exponent = text.get(end..)?;
    if exponent.starts_with(['e', 'E']) {
        let sign = usize::from(exponent.get(1..)?.starts_with(['+', '-']));
        let written = digits(end + 1 + sign);
        if written > 0 {
            end += 1 + sign + written;
        }
    }
    let is_over = !text.get(end..)?.starts_with(|sign: char| sign.is_alphanumeric() || sign == '_');
    is_over.then_some(end)
}

/// Whether there is nothing but literals, commas and colons within brackets.
pub(super) fn is_of_literals(text: &str) -> bool {
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let length = match sign {
            '"' | '\'' => quoted(rest),
            '-' => number(rest),
            _ if sign.is_ascii_digit() => number(rest),
            _ if sign.is_alphabetic() => {
                let word = word(rest);
                CONSTANTS.contains(&word).then_some(word.len())
            }
            _ if sign.is_whitespace() || "()[]{},:".contains(sign) => Some(sign.len_utf8()),
            _ => None,
        };
        let Some(next) = length.and_then(|length| rest.get(length..)) else { return false };
        rest = next;
    }
    true
}

/// The name at the beginning of a text, which may be empty.
pub(super) fn word(text: &str) -> &str {
    let end = text.find(|sign: char| !is_of_name(sign)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// Whether a sign may be in a name.
pub(super) fn is_of_name(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}
