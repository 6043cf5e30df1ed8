//! Cutting texts into what is compared: words, each sign of a script without spaces being one.

use std::ops::Range;

/// A word and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// The word in lower case.
    pub(crate) word: String,
    /// Its bytes.
    pub(crate) range: Range<usize>,
}

/// The words of a text, first to last. What is neither letter nor digit is left out.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (position, sign) in text.char_indices() {
        if is_spaced(sign) {
            start.get_or_insert(position);
            continue;
        }
        if let Some(start) = start.take() {
            tokens.extend(token(text, start..position));
        }
        if sign.is_alphanumeric() {
            tokens.extend(token(text, position..position + sign.len_utf8()));
        }
    }
    if let Some(start) = start {
        tokens.extend(token(text, start..text.len()));
    }
    tokens
}

/// The words alone.
pub(crate) fn words(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|token| token.word).collect()
}

fn token(text: &str, range: Range<usize>) -> Option<Token> {
    Some(Token { word: text.get(range.clone())?.to_lowercase(), range })
}

/// Whether words are set apart by spaces in the script of `sign`: not so in Chinese, Japanese, Korean, Thai and their neighbours.
fn is_spaced(sign: char) -> bool {
    sign.is_alphanumeric() && !('\u{0E00}'..='\u{0EFF}').contains(&sign) && sign < '\u{2E80}'
}
