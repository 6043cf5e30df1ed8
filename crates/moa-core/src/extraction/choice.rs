//! The letter of a multiple-choice answer.

use super::mark::marked;

/// What comes before a choice in prose, in lower case.
const CUES: [&str; 3] = ["answer is", "answer:", "answer is:"];

/// The marked letter, the one after the last cue, the last one in parentheses, or the only thing that there is.
#[must_use]
pub fn choice(text: &str) -> Option<char> {
    if let Some(letter) = marked(text).and_then(leading_letter) {
        return Some(letter);
    }
    let lower = text.to_ascii_lowercase();
    let cue = CUES.iter().filter_map(|cue| lower.rfind(cue).map(|at| at + cue.len())).max();
    let after_cue = cue.and_then(|at| leading_letter(&text[at..]));
    after_cue.or_else(|| last_in_parentheses(text)).or_else(|| {
        let letter = leading_letter(text)?;
        let letters = text.chars().filter(|c| c.is_alphanumeric()).take(2).count();
        (letters == 1).then_some(letter)
    })
}

/// A letter that stands alone at the start, whatever punctuation is in front of it.
fn leading_letter(text: &str) -> Option<char> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || "(*:\"'`[{\\".contains(c));
    let text = text.strip_prefix("text{").unwrap_or(text);
    let mut characters = text.chars();
    let letter = characters.next().filter(char::is_ascii_alphabetic)?;
    let stands_alone = characters.next().is_none_or(|c| !c.is_alphanumeric() && c != '\'');
    stands_alone.then(|| letter.to_ascii_uppercase())
}

fn last_in_parentheses(text: &str) -> Option<char> {
    text.as_bytes().windows(3).rev().find_map(|window| match window {
        [b'(', letter, b')'] if letter.is_ascii_alphabetic() => Some(char::from(letter.to_ascii_uppercase())),
        _ => None,
    })
}
