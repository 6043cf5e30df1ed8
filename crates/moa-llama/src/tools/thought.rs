//! Whether a model is still thinking, in which what looks like a call is none.

const OPENS: &str = "<think>";
const CLOSES: &str = "</think>";

/// Follows the text of an answer. Only what stands at its very beginning is thinking.
#[derive(Debug)]
pub(super) enum Thought {
    /// Nothing but white space, or the beginning of a mark, so far.
    Undecided(String),
    /// Within; the end of the text may be the beginning of the mark that closes.
    GoesOn(String),
    Over,
}

impl Default for Thought {
    fn default() -> Self {
        Self::Undecided(String::new())
    }
}

impl Thought {
    pub(super) fn goes_on(&self) -> bool {
        matches!(self, Self::GoesOn(_))
    }

    /// Hears the next piece.
    pub(super) fn hear(&mut self, piece: &str) {
        if let Self::Undecided(held) = self {
            held.push_str(piece);
            let begun = held.trim_start();
            if let Some(thought) = begun.strip_prefix(OPENS) {
                *self = Self::GoesOn(thought.to_owned());
            } else if !OPENS.starts_with(begun) {
                *self = Self::Over;
            }
        } else if let Self::GoesOn(held) = self {
            held.push_str(piece);
        }
        if let Self::GoesOn(held) = self {
            if held.contains(CLOSES) {
                *self = Self::Over;
            } else {
                let keep = crate::stop::overlap(held, CLOSES);
                held.drain(..held.len() - keep);
            }
        }
    }
}
