//! Which words of the answer stand in which proposal.

use std::collections::HashMap;
use std::ops::Range;

use crate::tokens::{Token, tokens};

/// The fewest words in a row that are taken for copied: fewer are the language's, not the writer's.
const LEAST_WORDS: usize = 4;

/// A piece of the answer, in bytes, and the proposal that it was found in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) range: Range<usize>,
    pub(crate) proposal: Option<usize>,
}

/// Cuts the answer into pieces, each found in one proposal or new. The pieces follow each other without gaps.
///
/// From left to right, the longest run of words that some proposal has too is taken, if it has at least four words or is the whole
/// answer; of equal ones that of the first proposal.
pub(crate) fn pieces(answer: &str, proposals: &[&str]) -> Vec<Piece> {
    let answer_tokens = tokens(answer);
    let proposals: Vec<Vec<Token>> = proposals.iter().map(|text| tokens(text)).collect();
    let index = Index::of(&proposals);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut place = 0;
    while place < answer_tokens.len() {
        let found = index.longest(&answer_tokens, place, &proposals);
        let (length, proposal) = found.map_or((1, None), |(length, proposal)| (length, Some(proposal)));
        let first = answer_tokens.get(place).map_or(0, |token| token.range.start);
        let last = answer_tokens.get(place + length - 1).map_or(first, |token| token.range.end);
        match pieces.last_mut() {
            // New words side by side are one piece; two copied runs are two, even of one proposal.
            Some(before) if before.proposal.is_none() && proposal.is_none() => before.range.end = last,
            _ => pieces.push(Piece { range: first..last, proposal }),
        }
        place += length;
    }
    close_gaps(&mut pieces, answer.len());
    pieces
}

/// Gives what stands between the words to the piece before it.
fn close_gaps(pieces: &mut Vec<Piece>, length: usize) {
    let starts: Vec<usize> = pieces.iter().skip(1).map(|piece| piece.range.start).chain([length]).collect();
    for (piece, next) in pieces.iter_mut().zip(starts) {
        piece.range.end = next;
    }
    match pieces.first_mut() {
        Some(first) => first.range.start = 0,
        None if length > 0 => pieces.push(Piece { range: 0..length, proposal: None }),
        None => {}
    }
}

/// Where each run of [`LEAST_WORDS`] words stands.
struct Index<'a> {
    places: HashMap<Vec<&'a str>, Vec<(usize, usize)>>,
}

impl<'a> Index<'a> {
    fn of(proposals: &'a [Vec<Token>]) -> Self {
        let mut places: HashMap<Vec<&str>, Vec<(usize, usize)>> = HashMap::new();
        for (proposal, words) in proposals.iter().enumerate() {
            for (place, window) in words.windows(LEAST_WORDS).enumerate() {
                let key = window.iter().map(|token| token.word.as_str()).collect();
                places.entry(key).or_default().push((proposal, place));
            }
        }
        Self { places }
    }

    /// The longest run from `place` on that a proposal has too: its length and the proposal.
    fn longest(&self, answer: &[Token], place: usize, proposals: &[Vec<Token>]) -> Option<(usize, usize)> {
        let window = answer.get(place..place + LEAST_WORDS)?;
        let key: Vec<&str> = window.iter().map(|token| token.word.as_str()).collect();
        let mut best: Option<(usize, usize)> = None;
        for (proposal, start) in self.places.get(&key)? {
            let there = proposals.get(*proposal)?.get(*start..)?;
            let here = answer.get(place..)?;
            let length = here.iter().zip(there).take_while(|(one, other)| one.word == other.word).count();
            if best.is_none_or(|(longest, _)| length > longest) {
                best = Some((length, *proposal));
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::pieces;

    fn shown<'a>(answer: &'a str, proposals: &[&str]) -> Vec<(&'a str, Option<usize>)> {
        pieces(answer, proposals).into_iter().map(|piece| (&answer[piece.range], piece.proposal)).collect()
    }

    #[test]
    fn copied_runs_are_found_and_the_rest_is_new() {
        let first = "Blue light is scattered more strongly than red light.";
        let second = "At sunset the path through the air is longer.";
        let answer =
            "In short: blue light is scattered more strongly, and the path through the air is longer.";
        assert_eq!(
            shown(answer, &[first, second]),
            [
                ("In short: ", None),
                ("blue light is scattered more strongly, ", Some(0)),
                ("and ", None),
                ("the path through the air is longer.", Some(1)),
            ]
        );
    }

    #[test]
    fn a_few_words_in_common_are_nobodys() {
        assert_eq!(shown("It is so.", &["It is so."]), [("It is so.", None)]);
        assert_eq!(shown("", &["x"]), []);
        assert_eq!(shown("...", &["x"]), [("...", None)]);
    }

    #[test]
    fn japanese_is_compared_sign_by_sign() {
        assert_eq!(
            shown("空は青いです。はい", &["空は青いです"]),
            [("空は青いです。", Some(0)), ("はい", None)]
        );
    }

    proptest! {
        #[test]
        fn pieces_cover_the_answer_without_gaps(answer in "[a-c ,.空]{0,40}", proposal in "[a-c ,.空]{0,40}") {
            let joined: String = shown(&answer, &[&proposal]).into_iter().map(|(text, _)| text).collect();
            prop_assert_eq!(joined, answer);
        }
    }
}
