//! Which of several answers most of them agree on.

use moa_core::Ballot;
use moa_core::extraction::number;

use super::{TaskKind, extract};
use crate::runner::Vote;

/// The place of the first sample whose answer most samples give; samples without an answer have no vote, and neither have those that were
/// cut short, as long as a whole one has an answer. Of equally frequent answers the one that came first wins, and without any answer the
/// first sample does.
///
/// # Source
/// Wang et al. 2022, arXiv:2203.11171, without weights.
#[must_use]
pub fn vote(kind: TaskKind, samples: &[Vote<'_>]) -> usize {
    match kind {
        // By value: 18 and 18.0 are one answer.
        TaskKind::Number => majority_of_whole(samples, number),
        _ => majority_of_whole(samples, |sample| extract(kind, sample)),
    }
}

/// The place of the first of the samples whose answer, as `answer` finds it in a text, most of those that vote give.
pub fn majority_of_whole<T: PartialEq>(samples: &[Vote<'_>], answer: impl Fn(&str) -> Option<T>) -> usize {
    let is_whole: Vec<bool> = samples.iter().map(|sample| sample.is_whole).collect();
    elected(samples.iter().map(|sample| answer(sample.text)).collect(), &is_whole)
}

/// The place of the first of the answers that most of those that vote are.
pub(super) fn elected<T: PartialEq>(answers: Vec<Option<T>>, is_whole: &[bool]) -> usize {
    majority(&Ballot::of(answers, is_whole).answers)
}

/// The place of the first of the values that occur most often.
fn majority<T: PartialEq>(values: &[Option<T>]) -> usize {
    let mut best = (0, 0);
    for (place, value) in values.iter().enumerate().filter(|(_, value)| value.is_some()) {
        let count = values.iter().filter(|other| *other == value).count();
        if count > best.0 {
            best = (count, place);
        }
    }
    best.1
}
