//! How likely tokens are, for whoever wants to know more than the one that was chosen.

use moa_core::{TokenLogprob, TokenLogprobs};

use crate::native::Token;

/// The distribution over the next token, as far as it is told.
#[derive(Debug)]
pub(crate) struct Likely {
    /// The likeliest tokens, best first.
    best: Vec<(Token, f32)>,
    /// Kept to look the chosen token up: penalties change the logits themselves.
    logits: Vec<f32>,
    /// The logarithm of the sum of all weights.
    log_total: f64,
}

impl Likely {
    /// Looks at the logits, of which the `count` largest are told.
    pub(crate) fn of(logits: &[f32], count: usize) -> Self {
        let mut best: Vec<(Token, f32)> =
            (0..).zip(logits.iter().copied()).filter(|(_, logit)| logit.is_finite()).collect();
        let better_first = |a: &(Token, f32), b: &(Token, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if count < best.len() {
            best.select_nth_unstable_by(count, better_first);
            best.truncate(count);
        }
        best.sort_unstable_by(better_first);
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let total: f64 =
            logits.iter().filter(|logit| !logit.is_nan()).map(|logit| f64::from(logit - largest).exp()).sum();
        Self { best, logits: logits.to_vec(), log_total: f64::from(largest) + total.ln() }
    }

    /// What is told of the chosen token.
    pub(crate) fn told(&self, chosen: Token, text: impl Fn(Token) -> String) -> TokenLogprobs {
        let logprob = |token: Token, logit: f32| TokenLogprob {
            token: text(token),
            logprob: f64::from(logit) - self.log_total,
        };
        let logit = usize::try_from(chosen).ok().and_then(|place| self.logits.get(place)).copied();
        TokenLogprobs {
            // JSON has no infinity.
            written: logprob(chosen, logit.unwrap_or(f32::MIN).max(f32::MIN)),
            top_logprobs: self.best.iter().map(|(token, logit)| logprob(*token, *logit)).collect(),
        }
    }
}

#[cfg(test)]
#[path = "logprobs_tests.rs"]
mod tests;
