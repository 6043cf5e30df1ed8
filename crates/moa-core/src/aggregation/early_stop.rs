//! Layers that need not be asked because the answers agree already.

use serde::{Deserialize, Serialize};

use crate::extraction::AnswerForm;

/// When the remaining layers are not asked.
///
/// # Source
/// Early stopping between layers: Sparse `MoA` (arXiv:2411.03284) and `RMoA` (arXiv:2505.24442), there by a model's verdict; here by the
/// answers themselves, which costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EarlyStop {
    /// The agreement from which on the answers are taken to agree, in (0, 1].
    pub agreement: f64,
    /// How agreement is measured.
    pub measure: AgreementMeasure,
    /// What happens then.
    #[serde(default)]
    pub then: AgreedAnswer,
}

/// How the agreement of a layer's answers is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum AgreementMeasure {
    /// How alike their words are, on average over all pairs.
    #[default]
    Words,
    /// The share of the most frequent answer among all of them; a text without an answer agrees with nobody.
    Answer {
        /// Where the answers are looked for.
        form: AnswerForm,
    },
    /// The share of the prompt's own examples that the best program among the answers passes, one answer being enough. Where nothing can be
    /// tried, because the prompt gives no example, no answer has a program or nobody runs them, it counts as agreement: further answers could not be told
    /// apart either.
    ///
    /// # Source
    /// Sampling on only where the tests that are there fail: Chen et al. 2022, `CodeT`, arXiv:2207.10397, and Chen et al. 2021, arXiv:2107.03374, choose
    /// among samples by them; to ask for more only then is ours.
    Examples,
}

/// What becomes of answers that agree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreedAnswer {
    /// The aggregator reads them at once; the layers between are left out.
    #[default]
    Aggregate,
    /// One of them is the answer: nobody else is asked.
    Answer,
}

/// What an early stop has left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Layers, the aggregator's included.
    pub layers: u32,
    /// Calls.
    pub calls: u32,
    /// The tokens that those calls could have written at most.
    pub completion_tokens_at_most: u64,
}
