//! How much of a draft stays.

use crate::native::Token;

/// What was written at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// A token, and the answer goes on.
    Token(Token),
    /// Nothing, or the last token of the answer.
    End,
}

/// What became of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verified {
    /// So many of its tokens, from the first on, are what was written.
    pub(crate) accepted: usize,
    /// Whether the answer has ended.
    pub(crate) has_ended: bool,
}

/// Writes the next token, and another one behind each token of the draft that is the one that was written.
///
/// `write(n)` chooses a token by the logits behind the first `n` tokens of the draft. It is asked for n = 0, 1, 2 and so on, each time only when
/// all of these tokens were chosen before: so what is written is, token by token, what would be written without a draft.
pub(crate) fn verify(draft: &[Token], mut write: impl FnMut(usize) -> Written) -> Verified {
    let mut accepted = 0;
    loop {
        let Written::Token(token) = write(accepted) else { return Verified { accepted, has_ended: true } };
        if draft.get(accepted) != Some(&token) {
            return Verified { accepted, has_ended: false };
        }
        accepted += 1;
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
