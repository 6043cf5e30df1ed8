//! What idle sequences held, kept outside of the KV cache.
//!
//! llama.cpp's attention goes over every cell up to the last one in use and skips those of other sequences one by one, so that what idle
//! sequences leave in the cache makes every later call slower: in a cache full of old prompts attention took three times as long.
//! Outside of it they take memory and no time, and putting them back takes some microseconds a token where computing them takes
//! milliseconds.

use crate::native::Token;
use crate::sequences::common_prefix;

/// States of sequences, the one used longest ago first to go.
#[derive(Debug, Default)]
pub(super) struct Parked {
    /// In the order of their last use.
    states: Vec<State>,
}

/// What a sequence held.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Its tokens.
    pub(super) tokens: Vec<Token>,
    /// Its cells, as llama.cpp gave them.
    pub(super) bytes: Vec<u8>,
}

impl Parked {
    /// The tokens of all states: so many cells they would take.
    pub(super) fn cells(&self) -> usize {
        self.states.iter().map(|state| state.tokens.len()).sum()
    }

    /// The place of the state that shares the longest beginning with a prompt, and how long that is (at most `most` tokens).
    pub(super) fn longest_match(&self, prompt: &[Token], most: usize) -> Option<(usize, usize)> {
        let lengths = self.states.iter().map(|state| common_prefix(&state.tokens, prompt).min(most));
        // Of equally long ones the shortest state: the least to put back.
        let best = lengths
            .enumerate()
            .max_by_key(|(place, length)| (*length, std::cmp::Reverse(self.states[*place].tokens.len())))?;
        (best.1 > 0).then_some(best)
    }

    /// Whether some state begins with all of these tokens.
    pub(super) fn holds(&self, tokens: &[Token]) -> bool {
        self.states.iter().any(|state| state.tokens.starts_with(tokens))
    }

    /// Keeps a state as the one used last, as far as all together take no more than `most_cells`. What is a beginning of it goes.
    pub(super) fn put(&mut self, state: State, most_cells: usize) {
        self.states.retain(|other| !state.tokens.starts_with(&other.tokens));
        if state.tokens.len() <= most_cells {
            self.shrink(most_cells - state.tokens.len());
            self.states.push(state);
        }
    }

    /// Takes a state out.
    pub(super) fn take(&mut self, place: usize) -> Option<State> {
        (place < self.states.len()).then(|| self.states.remove(place))
    }

    /// Gives up what was used longest ago until all together take no more than `most_cells`.
    pub(super) fn shrink(&mut self, most_cells: usize) {
        let mut cells = self.cells();
        let surplus = self.states.iter().take_while(|state| {
            let goes = cells > most_cells;
            if goes {
                cells -= state.tokens.len();
            }
            goes
        });
        let count = surplus.count();
        self.states.drain(..count);
    }
}

#[cfg(test)]
#[path = "parked_tests.rs"]
mod tests;
