//! How far a figure of certainty can be trusted: the share that is right, bin by bin.

use serde::Serialize;

use super::scoreboard::Share;
use crate::count;

/// So many bins, unless there are too few answers.
const BINS: usize = 5;
/// Fewer answers than this are no bin.
const FEWEST_IN_A_BIN: usize = 4;

/// What was said of how sure an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertaintyFigure {
    /// The geometric mean of the probabilities of the tokens that were written.
    TokenProbability,
    /// The mean entropy of what could have been written, in nats.
    Entropy,
    /// The share of a model's samples that give its most frequent answer.
    Agreement,
}

impl CertaintyFigure {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TokenProbability => "mean probability of a written token (geometric)",
            Self::Entropy => "mean entropy, nats",
            Self::Agreement => "share of the samples that agree",
        }
    }
}

/// One model's figures beside what was right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reliability {
    /// The figure.
    pub figure: CertaintyFigure,
    /// Whose.
    pub model: String,
    /// From the lowest figures to the highest.
    pub bins: Vec<Bin>,
}

/// Answers with about the same figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// The lowest figure.
    pub low: f64,
    /// The highest figure.
    pub high: f64,
    /// The mean figure.
    pub mean: f64,
    /// How many of the answers are right.
    pub share: Share,
}

/// Puts answers, each a figure and whether it is right, into bins of about as many answers. Equal figures stay together.
#[must_use]
pub fn bins(answers: &[(f64, bool)]) -> Vec<Bin> {
    let mut sorted: Vec<(f64, bool)> =
        answers.iter().copied().filter(|(figure, _)| figure.is_finite()).collect();
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
    let wanted = (sorted.len() / BINS).max(FEWEST_IN_A_BIN);
    let mut groups: Vec<Vec<(f64, bool)>> = vec![Vec::new()];
    for equal in sorted.chunk_by(|one, other| one.0.total_cmp(&other.0).is_eq()) {
        match groups.last_mut() {
            Some(open) if open.len() < wanted => open.extend_from_slice(equal),
            _ => groups.push(equal.to_vec()),
        }
    }
    // What is left over is no bin of its own.
    if groups.len() > 1
        && let Some(rest) = groups.pop_if(|last| last.len() < FEWEST_IN_A_BIN)
        && let Some(last) = groups.last_mut()
    {
        last.extend(rest);
    }
    groups.iter().filter_map(|group| bin(group)).collect()
}

fn bin(answers: &[(f64, bool)]) -> Option<Bin> {
    let share = Share::of(answers.iter().filter(|(_, is_right)| *is_right).count(), answers.len())?;
    let mean = answers.iter().map(|(figure, _)| figure).sum::<f64>() / count::as_f64(answers.len());
    Some(Bin { low: answers.first()?.0, high: answers.last()?.0, mean, share })
}

#[cfg(test)]
#[path = "reliability_tests.rs"]
mod tests;
