//! Which of several answers most of them agree on.

use moa_core::extraction::number;

use super::{TaskKind, extract};

/// The place of the first sample whose answer most samples give; samples without an answer have no vote. Of equally frequent answers the
/// one that came first wins, and without any answer the first sample does.
///
/// # Source
/// Wang et al. 2022, arXiv:2203.11171, without weights.
#[must_use]
pub fn vote(kind: TaskKind, samples: &[&str]) -> usize {
    match kind {
        // By value: 18 and 18.0 are one answer.
        TaskKind::Number => majority(&samples.iter().map(|sample| number(sample)).collect::<Vec<_>>()),
        _ => majority(&samples.iter().map(|sample| extract(kind, sample)).collect::<Vec<_>>()),
    }
}

/// The place of the first of the values that occur most often.
#[must_use]
pub fn majority<T: PartialEq>(values: &[Option<T>]) -> usize {
    let mut best = (0, 0);
    for (place, value) in values.iter().enumerate().filter(|(_, value)| value.is_some()) {
        let count = values.iter().filter(|other| *other == value).count();
        if count > best.0 {
            best = (count, place);
        }
    }
    best.1
}
