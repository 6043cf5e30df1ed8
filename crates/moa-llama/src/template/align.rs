//! Telling a template's own text from what people wrote.
//!
//! A template is rendered twice: once with the real texts, of messages and of tools, and once with marks in their place that nobody can
//! guess. The second rendering shows what the template wrote around the texts; laid beside the first, it shows where the texts are in it,
//! even where the template trimmed them or took only a part.

use std::hash::{BuildHasher, RandomState};

use super::Piece;

/// How many ways of laying the renderings side by side are tried at most.
const MAX_TRIES: u32 = 10_000;

/// One mark for each text.
#[derive(Debug)]
pub(super) struct Marks(Vec<String>);

impl Marks {
    /// Marks that no message contains but by a chance of 1 in 2^128.
    pub(super) fn fresh(count: usize) -> Self {
        let (a, b) = (RandomState::new().hash_one(1_u8), RandomState::new().hash_one(2_u8));
        // Letters and digits only, so that no trimming, splitting or escaping changes them.
        Self((0..count).map(|index| format!("m{a:016x}{b:016x}n{index}e")).collect())
    }

    /// The mark of a text.
    pub(super) fn get(&self, place: usize) -> &str {
        self.0.get(place).map_or("", String::as_str)
    }

    /// Whether a text has all marks in it.
    pub(super) fn all_in(&self, text: &str) -> bool {
        self.0.iter().all(|mark| text.contains(mark.as_str()))
    }

    /// What stands before the first mark, and then each mark's message with what follows it.
    fn split<'text>(&self, text: &'text str) -> (&'text str, Vec<(usize, &'text str)>) {
        let mut places: Vec<(usize, usize, usize)> = self
            .0
            .iter()
            .enumerate()
            .flat_map(|(index, mark)| {
                text.match_indices(mark.as_str()).map(move |(start, _)| (start, start + mark.len(), index))
            })
            .collect();
        places.sort_unstable();
        let before = places.first().map_or(text, |(start, ..)| &text[..*start]);
        let ends = places.iter().skip(1).map(|(start, ..)| *start).chain([text.len()]);
        let parts =
            places.iter().zip(ends).map(|((_, end, index), next)| (*index, &text[*end..next])).collect();
        (before, parts)
    }
}

/// Splits `plain`, the rendering of `contents`, by what `marked`, the rendering of `marks`, shows of the template.
///
/// Where the renderings cannot be laid side by side (a template that writes a message in another form), the marked one is filled
/// with the messages as they are.
pub(super) fn align(marked: &str, marks: &Marks, plain: &str, contents: &[String]) -> Vec<Piece> {
    let (before, parts) = marks.split(marked);
    let mut search = Search { plain, parts: &parts, contents, tries: MAX_TRIES };
    let found = if plain.starts_with(before) { search.found(before.len(), 0) } else { None };
    let found = found.unwrap_or_else(|| {
        parts.iter().map(|(index, _)| contents.get(*index).map_or("", String::as_str)).rev().collect()
    });
    let mut pieces = vec![Piece::Template(before.to_owned())];
    for ((_, after), content) in parts.iter().zip(found.iter().rev()) {
        pieces.push(Piece::Content((*content).to_owned()));
        pieces.push(Piece::Template((*after).to_owned()));
    }
    pieces.retain(|piece| !matches!(piece, Piece::Template(text) | Piece::Content(text) if text.is_empty()));
    pieces
}

/// A search for the messages in a rendering, with backtracking.
struct Search<'text> {
    plain: &'text str,
    parts: &'text [(usize, &'text str)],
    contents: &'text [String],
    tries: u32,
}

impl<'text> Search<'text> {
    /// What stands for the contents from part `part` on, last one first, when that part's content begins at `start`.
    fn found(&mut self, start: usize, part: usize) -> Option<Vec<&'text str>> {
        let Some((index, after)) = self.parts.get(part).copied() else {
            return (start == self.plain.len()).then(Vec::new);
        };
        let content = self.contents.get(index)?.as_str();
        let rest = &self.plain[start..];
        // As it is or trimmed first: a message may contain what the template writes after it.
        let whole = [content, content.trim(), content.trim_start(), content.trim_end()];
        let mut ends: Vec<usize> =
            whole.iter().filter(|form| rest.starts_with(**form)).map(|form| form.len()).collect();
        if !after.is_empty() {
            let part_of_it = rest
                .match_indices(after)
                .map(|(end, _)| end)
                .filter(|end| *end <= content.len() && content.contains(&rest[..*end]));
            let mut shorter: Vec<usize> = part_of_it.collect();
            shorter.reverse();
            ends.extend(shorter);
        }
        for end in ends {
            self.tries = self.tries.checked_sub(1)?;
            if rest[end..].starts_with(after)
                && let Some(mut found) = self.found(start + end + after.len(), part + 1)
            {
                found.push(&rest[..end]);
                return Some(found);
            }
        }
        None
    }
}
