//! Reading many answers a few at a time.

use std::ops::Range;

/// The smallest window: what was read so far, and one answer more.
const LEAST_WINDOW: usize = 2;

/// Which of `count` answers are read together before the last reading, at most `window` at a time. From the second on, what came of the
/// reading before takes the first place of the window. What is left is for the last reading, which stands at the end.
pub(crate) fn windows(count: usize, window: usize) -> (Vec<Range<usize>>, Range<usize>) {
    let window = window.max(LEAST_WINDOW);
    let mut folds = Vec::new();
    let mut start = 0;
    let mut room = window;
    while count - start > room {
        folds.push(start..start + room);
        start += room;
        // The first place is taken by what was read so far.
        room = window - 1;
    }
    (folds, start..count)
}

/// How many readings there are before the last one.
pub(crate) fn folds(count: usize, window: usize) -> usize {
    windows(count, window).0.len()
}
