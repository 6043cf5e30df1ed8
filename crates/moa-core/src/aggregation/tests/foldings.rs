use std::ops::Range;

use super::*;
use crate::aggregation::windows;

/// The windows as their first places and those behind their last.
fn ends(count: usize, window: usize) -> Vec<(usize, usize)> {
    let (folds, rest) = windows(count, window);
    folds.into_iter().chain([rest]).map(|Range { start, end }| (start, end)).collect()
}

#[test]
fn what_fits_is_read_at_once() {
    assert_eq!(ends(3, 3), [(0, 3)]);
    assert_eq!(ends(0, 3), [(0, 0)]);
    assert_eq!(ends(1, 0), [(0, 1)]);
}

#[test]
fn what_was_read_takes_a_place_of_the_next_window() {
    assert_eq!(ends(4, 3), [(0, 3), (3, 4)]);
    assert_eq!(ends(7, 3), [(0, 3), (3, 5), (5, 7)]);
}

proptest! {
    #[test]
    fn every_answer_is_read_once_and_no_window_is_too_long(count in 0..60_usize, window in 0..9_usize) {
        let (folds, rest) = windows(count, window);
        let most = window.max(2);
        let mut next = 0;
        for (number, fold) in folds.iter().enumerate() {
            prop_assert_eq!(fold.start, next);
            prop_assert!(!fold.is_empty() && fold.len() + usize::from(number > 0) <= most);
            next = fold.end;
        }
        prop_assert_eq!(rest.clone(), next..count);
        prop_assert!(rest.len() + usize::from(!folds.is_empty()) <= most);
        prop_assert!(count == 0 || !rest.is_empty());
    }
}
