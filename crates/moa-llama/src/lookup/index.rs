//! Where the last tokens of a text occurred before.

use std::collections::HashMap;

use crate::native::Token;

/// So many tokens must be alike before what follows is believed to be alike, too.
pub(crate) const RUN_TOKENS: usize = 3;
/// Of more places than this the latest are compared.
const MOST_PLACES: usize = 32;
/// Runs that are alike for longer than this are equally good.
const LONGEST_MATCH_TOKENS: usize = 32;

/// The places of all runs of three tokens in a text that grows.
#[derive(Debug, Default)]
pub(crate) struct LookupIndex {
    /// For each run the positions of the tokens that followed it, in order.
    places: HashMap<[Token; RUN_TOKENS], Vec<usize>>,
    /// The positions below this have been looked at.
    next: usize,
}

/// A place in the text from which the text may go on as it did there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Continuation {
    /// The position of the first token that followed.
    pub(crate) start: usize,
    /// How many tokens before it are like the last ones of the text.
    pub(crate) match_tokens: usize,
}

impl LookupIndex {
    /// Takes in what is new at the end of the text.
    pub(crate) fn read(&mut self, tokens: &[Token]) {
        for position in self.next.max(RUN_TOKENS)..tokens.len() {
            if let Some(run) = run_before(tokens, position) {
                self.places.entry(run).or_default().push(position);
            }
        }
        self.next = self.next.max(tokens.len());
    }

    /// Where the end of an answer occurred in the text, which is the answer itself or another one; of several places the one with the most tokens
    /// alike, of those the latest.
    pub(crate) fn continuation(&self, text: &[Token], answer: &[Token]) -> Option<Continuation> {
        let places = self.places.get(&run_before(answer, answer.len())?)?;
        let mut best: Option<Continuation> = None;
        for &start in places.iter().rev().take(MOST_PLACES) {
            let match_tokens = common_suffix(text.get(..start)?, answer);
            if best.is_none_or(|best| match_tokens > best.match_tokens) {
                best = Some(Continuation { start, match_tokens });
            }
        }
        best
    }
}

fn run_before(tokens: &[Token], position: usize) -> Option<[Token; RUN_TOKENS]> {
    tokens.get(position.checked_sub(RUN_TOKENS)?..position)?.try_into().ok()
}

fn common_suffix(a: &[Token], b: &[Token]) -> usize {
    a.iter().rev().zip(b.iter().rev()).take(LONGEST_MATCH_TOKENS).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
