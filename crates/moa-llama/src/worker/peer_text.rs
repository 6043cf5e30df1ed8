//! The answer of another agent to the same question, in this model's tokens, as far as it was written.

use moa_core::{Growth, Peers};

use crate::lookup::RUN_TOKENS;
use crate::native::Token;

/// Text without white space is taken in pieces of this size, wherever its tokens end.
const MOST_UNCUT_BYTES: usize = 96;

/// What a peer has written.
#[derive(Debug)]
pub(super) struct PeerText {
    /// Which peer it is.
    peer: usize,
    /// Its bytes up to here have been looked at.
    read_bytes: usize,
    /// The beginning of a word that may go on.
    open: String,
    /// The end of the prompt, and behind it all whole words: so that the beginning of the answer is found where it begins.
    tokens: Vec<Token>,
}

impl PeerText {
    pub(super) fn new(peer: usize, prompt: &[Token]) -> Self {
        let tokens = prompt.get(prompt.len().saturating_sub(RUN_TOKENS)..).unwrap_or_default().to_vec();
        Self { peer, read_bytes: 0, open: String::new(), tokens }
    }

    /// All that is known of it.
    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Takes in what is new.
    pub(super) fn catch_up(&mut self, peers: &Peers, tokenize: impl Fn(&str) -> Vec<Token>) {
        let Growth { text, has_ended } = peers.since(self.peer, self.read_bytes);
        self.read_bytes += text.len();
        self.open.push_str(&text);
        let whole = if has_ended { self.open.len() } else { whole_words(&self.open) };
        if whole > 0 {
            self.tokens.extend(tokenize(&self.open[..whole]));
            self.open.drain(..whole);
        }
    }
}

/// The bytes up to the last white space that stands behind a word: tokens end there, whatever comes.
fn whole_words(text: &str) -> usize {
    let (mut end, mut behind_word) = (0, false);
    for (place, character) in text.char_indices() {
        if behind_word && character.is_whitespace() {
            end = place;
        }
        behind_word = !character.is_whitespace();
    }
    if end == 0 && text.len() >= MOST_UNCUT_BYTES { text.len() } else { end }
}

#[cfg(test)]
#[path = "peer_text_tests.rs"]
mod tests;
