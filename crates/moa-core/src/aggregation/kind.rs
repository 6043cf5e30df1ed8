//! How a mixture comes from the last proposals to its answer.

use serde::{Deserialize, Serialize};

use super::choosing::Choosing;
use super::folding::folds;

/// How a mixture comes from the last proposals to its answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Aggregation {
    /// The aggregator reads all of them and writes one answer.
    ///
    /// # Source
    /// Wang et al. 2024, arXiv:2406.04692.
    #[default]
    Synthesise,
    /// The aggregator says first where they agree, where they contradict each other and what they lack; then it writes, with that beside
    /// them.
    ///
    /// # Source
    /// The order of work that the article's prompt asks for in one step ("critically evaluate", then "a refined answer"), as two calls.
    AnalyseThenWrite,
    /// The aggregator reads at most `window` of them at a time, what it wrote so far being the first of each window.
    ///
    /// # Source
    /// Self-MoA-Seq: arXiv:2502.00674, section 5.
    SelfMoaSeq {
        /// The most answers that are read at once, at least 2.
        window: u32,
    },
    /// One of them is the answer.
    Choose(Choosing),
}

impl Aggregation {
    /// How many calls the aggregator needs for `count` proposals, that of the answer included.
    #[must_use]
    pub fn calls(&self, count: usize) -> usize {
        match self {
            Self::Synthesise => 1,
            Self::AnalyseThenWrite => 1 + usize::from(count > 1),
            Self::SelfMoaSeq { window } => 1 + folds(count, *window as usize),
            Self::Choose(_) => 0,
        }
    }

    /// Whether this is what a mixture does where nothing else is said.
    #[must_use]
    pub fn is_synthesis(&self) -> bool {
        *self == Self::Synthesise
    }
}
