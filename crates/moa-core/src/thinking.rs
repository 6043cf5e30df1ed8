//! Telling what a model thinks from what it answers, where both come as one text: `<think>` blocks.

/// What opens and closes a block of thinking.
const TAGS: [(&str, &str); 2] = [("<think>", "</think>"), ("<thinking>", "</thinking>")];

/// A piece of what a model wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Thought before answering: no part of the answer.
    Thought(String),
    /// The answer.
    Answer(String),
}

/// Splits a text that arrives in pieces. Only a block at the very beginning is thinking: further down, the tags are part of an answer,
/// such as one about this very format.
#[derive(Debug, Default)]
pub(crate) struct ThinkingSplitter {
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing but white space or the beginning of a tag so far.
    Undecided(String),
    /// Within a block; the text may be the beginning of the closing tag.
    Thinking { close: &'static str, held: String },
    /// After the block, or without one.
    Answering { strip: bool },
}

impl Default for State {
    fn default() -> Self {
        Self::Undecided(String::new())
    }
}

impl ThinkingSplitter {
    /// What the next piece of text gives.
    pub(crate) fn push(&mut self, text: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = text.to_owned();
        loop {
            match &mut self.state {
                State::Undecided(held) => {
                    held.push_str(&rest);
                    let trimmed = held.trim_start();
                    if let Some((open, close)) = TAGS.iter().find(|(open, _)| trimmed.starts_with(open)) {
                        rest = String::from(trimmed.get(open.len()..).unwrap_or_default());
                        self.state = State::Thinking { close, held: String::new() };
                    } else if TAGS.iter().any(|(open, _)| open.starts_with(trimmed)) {
                        return pieces;
                    } else {
                        rest = std::mem::take(held);
                        self.state = State::Answering { strip: false };
                    }
                }
                State::Thinking { close, held } => {
                    held.push_str(&rest);
                    let Some(at) = held.find(*close) else {
                        let keep = tail_that_may_open(held, close);
                        let thought: String = held.drain(..held.len() - keep).collect();
                        push_text(&mut pieces, thought, Piece::Thought);
                        return pieces;
                    };
                    rest = String::from(held.get(at + close.len()..).unwrap_or_default());
                    held.truncate(at);
                    push_text(&mut pieces, std::mem::take(held), Piece::Thought);
                    self.state = State::Answering { strip: true };
                }
                State::Answering { strip } => {
                    if *strip {
                        rest = String::from(rest.trim_start());
                        *strip = rest.is_empty();
                    }
                    push_text(&mut pieces, rest, Piece::Answer);
                    return pieces;
                }
            }
        }
    }

    /// What is left when the text is over.
    pub(crate) fn finish(self) -> Option<Piece> {
        match self.state {
            State::Undecided(held) if !held.is_empty() => Some(Piece::Answer(held)),
            State::Thinking { held, .. } if !held.is_empty() => Some(Piece::Thought(held)),
            _ => None,
        }
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: String, piece: impl Fn(String) -> Piece) {
    if !text.is_empty() {
        pieces.push(piece(text));
    }
}

/// How many bytes at the end of `text` may be the beginning of `tag`.
fn tail_that_may_open(text: &str, tag: &str) -> usize {
    let longest = tag.len().min(text.len());
    (1..=longest).rev().find(|length| text.ends_with(tag.get(..*length).unwrap_or(tag))).unwrap_or(0)
}

#[cfg(test)]
#[path = "thinking_tests.rs"]
mod tests;
