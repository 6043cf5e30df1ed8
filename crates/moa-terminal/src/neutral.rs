//! Text of others made harmless: what a model, a file name or an error message contains must not steer the terminal.

use std::borrow::Cow;

/// `text` without anything that a terminal obeys: control characters and the start of escape sequences become visible
/// stand-ins, and so do the marks that turn the direction of writing around. Line feeds stay, and a tab becomes spaces.
///
/// Works character by character, so that pieces can be neutralised as they arrive. A carriage return in front of a line feed is
/// dropped only where both are in the same piece; alone it becomes visible.
#[must_use]
pub fn neutral(text: &str) -> Cow<'_, str> {
    if text.chars().all(|character| stand_in(character).is_none()) {
        return Cow::Borrowed(text);
    }
    let mut harmless = String::with_capacity(text.len() + 16);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match stand_in(character) {
            Some(_) if character == '\r' && characters.peek() == Some(&'\n') => {}
            Some(replacement) => harmless.push_str(&replacement),
            None => harmless.push(character),
        }
    }
    Cow::Owned(harmless)
}

/// As [`neutral`], on one line: white space of any kind becomes one space.
#[must_use]
pub fn neutral_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    neutral(&words.join(" ")).into_owned()
}

/// What is shown in place of a character that a terminal would obey.
fn stand_in(character: char) -> Option<Cow<'static, str>> {
    match character {
        '\n' => None,
        '\t' => Some(Cow::Borrowed("    ")),
        // The control pictures stand in the same order as the controls.
        '\u{0}'..='\u{1f}' => {
            char::from_u32(0x2400 + u32::from(character)).map(|c| Cow::Owned(c.to_string()))
        }
        '\u{7f}' => Some(Cow::Borrowed("\u{2421}")),
        '\u{80}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}' => Some(Cow::Borrowed("\u{fffd}")),
        // Line and paragraph separators would move on in some terminals and not in others.
        '\u{2028}' | '\u{2029}' => Some(Cow::Borrowed(" ")),
        _ => None,
    }
}

#[cfg(test)]
#[path = "neutral_tests.rs"]
mod tests;
