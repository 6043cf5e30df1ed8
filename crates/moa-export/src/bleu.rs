//! BLEU: how many of a text's n-grams a reference has too.

use std::collections::HashMap;

/// The longest n-grams.
const LONGEST: usize = 4;

/// BLEU of `candidate` against one reference, from 0 to 1: the geometric mean of the clipped precisions of 1- to 4-grams, times the
/// brevity penalty. Precisions of n-grams above 1 are smoothed by one, so that short texts do not all get 0.
///
/// # Source
/// Papineni et al. 2002; smoothing after Lin and Och 2004.
pub(crate) fn bleu(candidate: &[String], reference: &[String]) -> f64 {
    if candidate.is_empty() || reference.is_empty() {
        return 0.0;
    }
    let mut logarithms = 0.0;
    let mut orders = 0.0;
    for n in 1..=LONGEST.min(candidate.len()) {
        let (matches, total) = clipped_matches(candidate, reference, n);
        let smoothing = if n == 1 { 0.0 } else { 1.0 };
        let precision = (matches + smoothing) / (total + smoothing);
        if precision <= 0.0 {
            return 0.0;
        }
        logarithms += precision.ln();
        orders += 1.0;
    }
    let (length, wanted) = (count(candidate.len()), count(reference.len()));
    let brevity = if length < wanted { (1.0 - wanted / length).exp() } else { 1.0 };
    brevity * (logarithms / orders).exp()
}

fn clipped_matches(candidate: &[String], reference: &[String], n: usize) -> (f64, f64) {
    let available = counts(reference, n);
    let mut matches = 0;
    let mut total = 0;
    for (gram, times) in counts(candidate, n) {
        matches += times.min(available.get(gram).copied().unwrap_or(0));
        total += times;
    }
    (count(matches), count(total))
}

fn counts(words: &[String], n: usize) -> HashMap<&[String], usize> {
    let mut counts = HashMap::new();
    for gram in words.windows(n) {
        *counts.entry(gram).or_default() += 1;
    }
    counts
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::bleu;
    use crate::tokens::words;

    fn of(candidate: &str, reference: &str) -> f64 {
        bleu(&words(candidate), &words(reference))
    }

    #[test]
    fn equal_texts_have_one_and_texts_without_a_common_word_zero() {
        assert!((of("The sky is blue today", "the sky is blue today") - 1.0).abs() < 1e-12);
        assert!(of("red", "blue").abs() < 1e-12);
        assert!(of("", "blue").abs() < 1e-12);
    }

    #[test]
    fn a_known_value_is_reproduced() {
        // 1-grams 5/6, 2-grams (3+1)/(5+1), 3-grams (1+1)/(4+1), 4-grams (0+1)/(3+1); equal lengths.
        let expected = (5.0_f64 / 6.0 * (4.0 / 6.0) * (2.0 / 5.0) * (1.0 / 4.0)).powf(0.25);
        let found = of("the cat sat on the mat", "the cat is on the mat");
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }

    #[test]
    fn a_text_that_is_too_short_pays_for_it() {
        assert!(of("the sky", "the sky is blue today") < 0.5);
    }
}
