//! Answers that are words.

use super::mark::marked;

/// The marked text or the last line, made comparable.
#[must_use]
pub fn final_text(text: &str) -> Option<String> {
    let last_line = || text.lines().rev().find(|line| !line.trim().is_empty());
    let found = normalized(marked(text).or_else(last_line)?);
    (!found.is_empty()).then_some(found)
}

/// Lower case, single spaces, and no punctuation around it.
#[must_use]
pub fn normalized(text: &str) -> String {
    let is_wrapping = |c: char| c.is_whitespace() || (c.is_ascii_punctuation() && !"+-$%#".contains(c));
    let trimmed = text.trim_matches(is_wrapping).to_lowercase();
    trimmed.split_whitespace().collect::<Vec<&str>>().join(" ")
}
