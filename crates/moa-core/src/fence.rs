//! Fences around references: where a proposal begins and ends, whatever it says.
//!
//! A proposal is data that somebody else's model wrote. It may try to close its own block, to speak as the user, or to smuggle the
//! control tokens of a chat format. Here it is made inert; that its content is weighed critically is the synthesis instruction's part.

use crate::conversation::Conversation;
use crate::layer::LayerIndex;

/// Hexadecimal digits of a fence's mark.
const MARK_DIGITS: usize = 6;

/// What control tokens of chat formats begin with. Models behind an endpoint may read them as such wherever they stand.
const CONTROL_TOKEN_STARTS: [&str; 9] =
    ["<|", "<｜", "</s>", "<s>", "[INST]", "[/INST]", "<<SYS>>", "<start_of_turn>", "<end_of_turn>"];

/// The mark that begins and ends every reference of one prompt.
///
/// It comes from the conversation and the layer that reads, so that prompts repeat, and a model that wrote a proposal has not seen
/// the mark that will stand around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fence {
    mark: String,
}

impl Fence {
    /// The fence for what is read of the answers of `layer`.
    pub(crate) fn new(conversation: &Conversation, layer: LayerIndex) -> Self {
        let mut hasher = blake3::Hasher::new();
        drop(serde_json::to_writer(&mut hasher, &(conversation, layer)));
        Self { mark: hasher.finalize().to_hex().chars().take(MARK_DIGITS).collect() }
    }

    /// `text` between its marks.
    pub(crate) fn enclose(&self, text: &str) -> String {
        let mark = &self.mark;
        format!("<answer-{mark}>\n{}\n</answer-{mark}>", self.inert(text))
    }

    /// `text` without what could end its block or act as a control token.
    fn inert(&self, text: &str) -> String {
        let text = break_control_tokens(text);
        let lower = text.to_ascii_lowercase();
        if !lower.contains(&self.mark) {
            return text;
        }
        let mut inert = String::with_capacity(text.len());
        let mut from = 0;
        for (at, mark) in lower.match_indices(&self.mark) {
            inert.push_str(text.get(from..at).unwrap_or_default());
            inert.push_str("[...]");
            from = at + mark.len();
        }
        inert.push_str(text.get(from..).unwrap_or_default());
        inert
    }
}

/// `text` with a space after the first sign of each control token, so that it reads the same and is none.
pub(crate) fn break_control_tokens(text: &str) -> String {
    let mut broken = String::with_capacity(text.len());
    let mut from = 0;
    for at in memchr::memchr2_iter(b'<', b'[', text.as_bytes()) {
        let rest = text.get(at..).unwrap_or_default();
        if CONTROL_TOKEN_STARTS.iter().any(|start| starts_with(rest, start)) {
            broken.push_str(text.get(from..=at).unwrap_or_default());
            broken.push(' ');
            from = at + 1;
        }
    }
    broken.push_str(text.get(from..).unwrap_or_default());
    broken
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

#[cfg(test)]
#[path = "fence_tests.rs"]
mod tests;
