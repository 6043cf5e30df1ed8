//! Texts and their tokens.

use rand_chacha::rand_core::RngCore;

use crate::request::ChatRequest;
use crate::script::{Answer, Text};

/// What a rule says that has no text of its own.
const DEFAULT_TEXT: &str = "This is an answer of the mock.";

/// Words without meaning.
const WORDS: [&str; 32] = [
    "amber", "anchor", "autumn", "basin", "birch", "canvas", "cedar", "cloud", "copper", "delta", "ember",
    "field", "garnet", "harbour", "island", "juniper", "kettle", "lantern", "maple", "meadow", "north",
    "orchard", "pebble", "quartz", "river", "saddle", "thistle", "umber", "valley", "willow", "yarrow",
    "zephyr",
];

/// The whole text of an answer, before it is cut to a number of tokens.
pub(crate) fn whole_text(answer: &Answer, request: &ChatRequest, random: &mut impl RngCore) -> String {
    match &answer.text {
        Some(Text::Fixed(text)) => text.clone(),
        Some(Text::Echo(echo)) if echo.echo => request.last_user_text(),
        Some(Text::Lorem(lorem)) => lorem_words(lorem.lorem, random),
        // A call of a function usually comes without words.
        Some(Text::Echo(_)) | None if !answer.tool_calls.is_empty() => String::new(),
        Some(Text::Echo(_)) | None => DEFAULT_TEXT.to_owned(),
    }
}

fn lorem_words(count: usize, random: &mut impl RngCore) -> String {
    let mut text = String::with_capacity(count * 8);
    for index in 0..count {
        if index > 0 {
            text.push(' ');
        }
        text.push_str(WORDS[random.next_u32() as usize % WORDS.len()]);
    }
    text
}

/// The text's tokens: words, each with the white space before it; put together they are the text.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut start = 0;
    let mut in_word = false;
    for (index, character) in text.char_indices() {
        let space = character.is_whitespace();
        if space && in_word {
            tokens.push(&text[start..index]);
            start = index;
        }
        in_word = !space;
    }
    if start < text.len() {
        tokens.push(&text[start..]);
    }
    tokens
}
