//! Levenshtein similarity over words.

/// 1 less the share of words that must be inserted, removed or replaced to make one text of the other; 1 for two empty ones.
pub(crate) fn similarity(one: &[String], other: &[String]) -> f64 {
    let longest = one.len().max(other.len());
    if longest == 0 {
        return 1.0;
    }
    let share = f64::from(u32::try_from(distance(one, other)).unwrap_or(u32::MAX))
        / f64::from(u32::try_from(longest).unwrap_or(u32::MAX));
    1.0 - share
}

fn distance(one: &[String], other: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, word) in one.iter().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (place, against) in row.iter_mut().skip(1).zip(other) {
            let replaced = diagonal + usize::from(word != against);
            diagonal = *place;
            *place = replaced.min(*place + 1).min(left + 1);
            left = *place;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{distance, similarity};
    use crate::tokens::words;

    #[test]
    fn words_are_counted_that_must_change() {
        assert_eq!(distance(&words("a b c"), &words("a x c d")), 2);
        assert_eq!(distance(&words(""), &words("a b")), 2);
        assert_eq!(distance(&words("a b"), &words("")), 2);
        assert!((similarity(&words("a b c d"), &words("a b c x")) - 0.75).abs() < 1e-12);
        assert!((similarity(&[], &[]) - 1.0).abs() < 1e-12);
    }
}
