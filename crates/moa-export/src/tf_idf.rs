//! TF-IDF: how alike texts are by the words that not all of them use.

use std::collections::{HashMap, HashSet};

/// The cosine between `text` and each of `others`, each word weighed by how few of all texts have it. Rarity is smoothed by one, so that
/// words which all texts share still count a little.
///
/// # Source
/// Salton and Buckley 1988, with the smoothing that scikit-learn uses.
pub(crate) fn similarities(text: &[String], others: &[Vec<String>]) -> Vec<f64> {
    let all: Vec<&[String]> = std::iter::once(text).chain(others.iter().map(Vec::as_slice)).collect();
    let mut texts_with: HashMap<&str, f64> = HashMap::new();
    for words in &all {
        for word in words.iter().map(String::as_str).collect::<HashSet<_>>() {
            *texts_with.entry(word).or_default() += 1.0;
        }
    }
    let texts = f64::from(u32::try_from(all.len()).unwrap_or(u32::MAX));
    let weighed = |words: &[String]| {
        let mut weights: HashMap<String, f64> = HashMap::new();
        for word in words {
            let found = texts_with.get(word.as_str()).copied().unwrap_or(0.0);
            *weights.entry(word.clone()).or_default() += ((1.0 + texts) / (1.0 + found)).ln() + 1.0;
        }
        weights
    };
    let one = weighed(text);
    others.iter().map(|other| cosine(&one, &weighed(other))).collect()
}

fn cosine(one: &HashMap<String, f64>, other: &HashMap<String, f64>) -> f64 {
    let length = |weights: &HashMap<String, f64>| weights.values().map(|w| w * w).sum::<f64>().sqrt();
    let lengths = length(one) * length(other);
    if lengths <= 0.0 {
        return 0.0;
    }
    let shared: f64 = one.iter().filter_map(|(word, weight)| Some(weight * other.get(word)?)).sum();
    (shared / lengths).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::similarities;
    use crate::tokens::words;

    #[test]
    fn rare_words_in_common_count_more_than_frequent_ones() {
        let found = similarities(
            &words("the photon scatters"),
            &[words("the photon scatters"), words("a photon moves"), words("the sea shines"), words("")],
        );
        assert!((found[0] - 1.0).abs() < 1e-9, "{found:?}");
        assert!(found[1] >= found[2] && found[2] > 0.0, "{found:?}");
        assert!(found[3].abs() < 1e-12);
    }
}
