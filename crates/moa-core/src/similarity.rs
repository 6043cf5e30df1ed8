//! How alike two answers are, by the words that they share.

use std::collections::HashMap;

/// A text as the counts of its words and of its pairs of neighbouring words. Each sign of a script without spaces is a word.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct WordProfile {
    counts: HashMap<String, f64>,
    length: f64,
}

impl WordProfile {
    /// The profile of `text`.
    pub(crate) fn of(text: &str) -> Self {
        let words = words(text);
        let mut counts: HashMap<String, f64> = HashMap::new();
        for pair in words.windows(2) {
            *counts.entry(pair.join(" ")).or_default() += 1.0;
        }
        for word in words {
            *counts.entry(word).or_default() += 1.0;
        }
        let length = counts.values().map(|count| count * count).sum::<f64>().sqrt();
        Self { counts, length }
    }

    /// The cosine between the two: 1 for texts of the same words, 0 where they share none.
    pub(crate) fn similarity(&self, other: &Self) -> f64 {
        if self.counts.is_empty() || other.counts.is_empty() {
            return if self.counts == other.counts { 1.0 } else { 0.0 };
        }
        let shared: f64 =
            self.counts.iter().filter_map(|(word, count)| Some(count * other.counts.get(word)?)).sum();
        shared / (self.length * other.length)
    }
}

/// How alike two texts are by the words that they share: from 0 (none) to 1 (the same words as often).
#[must_use]
pub fn similarity(one: &str, other: &str) -> f64 {
    WordProfile::of(one).similarity(&WordProfile::of(other))
}

/// For each text, how alike it is to the others on average; 0 for a text that is alone.
pub(crate) fn agreements(texts: &[&str]) -> Vec<f64> {
    let profiles: Vec<WordProfile> = texts.iter().map(|text| WordProfile::of(text)).collect();
    let others = f64::from(u32::try_from(texts.len().saturating_sub(1)).unwrap_or(u32::MAX)).max(1.0);
    let mut sums = vec![0.0; texts.len()];
    for (first, one) in profiles.iter().enumerate() {
        for (second, other) in profiles.iter().enumerate().skip(first + 1) {
            let alike = one.similarity(other);
            for place in [first, second] {
                if let Some(sum) = sums.get_mut(place) {
                    *sum += alike;
                }
            }
        }
    }
    sums.into_iter().map(|sum| sum / others).collect()
}

/// The words of a text in lower case, numbers included.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for sign in text.chars() {
        if is_spaced(sign) {
            word.extend(sign.to_lowercase());
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if sign.is_alphanumeric() {
            words.push(sign.to_string());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether words are set apart by spaces in the script of `sign`: not so in Chinese, Japanese, Korean, Thai and their neighbours.
fn is_spaced(sign: char) -> bool {
    sign.is_alphanumeric() && !('\u{0E00}'..='\u{0EFF}').contains(&sign) && sign < '\u{2E80}'
}

#[cfg(test)]
#[path = "similarity_tests.rs"]
mod tests;
