//! How sure a model was of what it wrote.

use serde::{Deserialize, Serialize};

use crate::model::TokenLogprobs;

/// How sure a model was of an answer, by the probabilities that it gave to the tokens. Thoughts before the answer count as well.
///
/// Says something between answers of one model; between models only as far as they are equally well calibrated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Certainty {
    /// The tokens that were looked at.
    pub tokens: u32,
    /// The mean of the natural logarithms of the probabilities of the tokens that were written: 0 is certain, less is less sure.
    pub mean_logprob: f64,
    /// The mean entropy of what could have been written in each place, in nats: 0 is certain, more is less sure. Not known behind
    /// endpoints, which tell only a few of the probabilities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_entropy: Option<f64>,
}

/// Sums up what an endpoint tells token by token.
#[derive(Debug, Default)]
pub(crate) struct LogprobTally {
    tokens: u32,
    sum: f64,
}

impl LogprobTally {
    pub(crate) fn add(&mut self, told: &[TokenLogprobs]) {
        for token in told {
            self.tokens = self.tokens.saturating_add(1);
            self.sum += token.written.logprob;
        }
    }

    /// The certainty so far; nothing where nothing was told that can be calculated with.
    pub(crate) fn certainty(&self) -> Option<Certainty> {
        let mean_logprob = self.sum / f64::from(self.tokens);
        (self.tokens > 0 && mean_logprob.is_finite()).then_some(Certainty {
            tokens: self.tokens,
            mean_logprob,
            mean_entropy: None,
        })
    }
}
