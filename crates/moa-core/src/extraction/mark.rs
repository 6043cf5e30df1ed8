//! Where a text says what its answer is.

use std::borrow::Cow;

/// GSM8K's mark.
const HASHES: &str = "####";

/// LaTeX's, in the two spellings that models use.
const BOXES: [&str; 2] = ["\\boxed{", "\\fbox{"];

/// Parts of a fraction longer than this are no numbers.
const LONGEST_PART: usize = 64;

/// What the last mark of a text points at.
pub(crate) fn marked(text: &str) -> Option<&str> {
    let hashes = text.rfind(HASHES).map(|at| (at, after_hashes(&text[at..])));
    let boxed = BOXES.iter().filter_map(|open| {
        let at = text.rfind(open)?;
        Some((at, enclosed(&text[at + open.len()..])))
    });
    let last = hashes.into_iter().chain(boxed).max_by_key(|(at, _)| *at);
    last.map(|(_, answer)| answer.trim()).filter(|answer| !answer.is_empty())
}

/// The rest of the line, or the next line where the mark stands alone.
fn after_hashes(text: &str) -> &str {
    let rest = text.trim_start_matches('#').trim_start();
    rest.lines().next().unwrap_or_default()
}

/// What stands before the closing brace, with braces inside balanced; all of it where none closes.
fn enclosed(text: &str) -> &str {
    let mut depth = 0_usize;
    for at in memchr::memchr2_iter(b'{', b'}', text.as_bytes()) {
        match text.as_bytes().get(at) {
            Some(b'{') => depth += 1,
            _ if depth == 0 => return &text[..at],
            _ => depth -= 1,
        }
    }
    text
}

/// A text without LaTeX's ways of writing numbers.
pub(crate) fn without_latex(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') && !text.contains("{,}") {
        return Cow::Borrowed(text);
    }
    let mut plain = text.replace("{,}", ",");
    for (latex, meaning) in [
        ("\\!", ""),
        ("\\,", ","),
        ("\\$", "$"),
        ("\\%", "%"),
        ("\\ ", " "),
        ("\\dfrac", "\\frac"),
        ("\\tfrac", "\\frac"),
    ] {
        plain = plain.replace(latex, meaning);
    }
    Cow::Owned(plain_fractions(&plain))
}

/// `\frac{3}{4}` as `3/4`, where both parts are short and hold no braces.
fn plain_fractions(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\frac{") {
        plain.push_str(before);
        let parts = part(after).and_then(|(top, after)| {
            let (bottom, after) = part(after.strip_prefix('{')?)?;
            Some((top, bottom, after))
        });
        rest = match parts {
            Some((top, bottom, after)) => {
                plain.extend([top.trim(), "/", bottom.trim()]);
                after
            }
            None => after,
        };
    }
    plain.push_str(rest);
    plain
}

/// What stands before a closing brace that is near, and what follows it.
fn part(text: &str) -> Option<(&str, &str)> {
    let close = text.bytes().take(LONGEST_PART + 1).position(|byte| byte == b'}')?;
    let (part, rest) = text.split_at(close);
    (!part.contains('{')).then(|| (part, &rest[1..]))
}
