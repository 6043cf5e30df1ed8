//! How much of one answer is still there in another.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// The share of the words of `before` that `after` still has, in the same order. `None` where there was nothing to keep.
///
/// Case and punctuation at the ends of words do not count. Japanese and Chinese, which write no spaces, are compared character by
/// character.
pub(crate) fn kept_share(before: &str, after: &str) -> Option<f64> {
    let (before, after) = (words(before), words(after));
    if before.is_empty() {
        return None;
    }
    let operations = capture_diff_slices(Algorithm::Myers, &before, &after);
    let kept: usize = operations
        .iter()
        .map(|operation| match operation {
            DiffOp::Equal { len, .. } => *len,
            _ => 0,
        })
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "two digits of it are shown")]
    let share = kept as f64 / before.len() as f64;
    Some(share)
}

fn words(text: &str) -> Vec<String> {
    use unicode_segmentation::UnicodeSegmentation as _;
    text.unicode_words().map(str::to_lowercase).collect()
}

#[cfg(test)]
#[path = "similarity_tests.rs"]
mod tests;
