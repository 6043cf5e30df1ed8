//! How sure the model is of what it writes: the log-probability of each token that was chosen, and the entropy of what could have been.
//!
//! Both need one pass over the logits, with the exponential of each. Written so that the compiler does many of them at once; the digits
//! of an `f32` are more than enough for a mean.

use moa_core::Certainty;

use crate::native::Token;

/// What is done at once.
const LANES: usize = 16;

/// Below this distance from the largest logit a token has no weight, and an `f32` no number for it.
const FARTHEST: f32 = -87.0;

/// The distribution over the next token, as far as certainty needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    /// The logarithm of the sum of all weights.
    log_total: f64,
    /// In nats.
    entropy: f64,
}

impl Spread {
    /// Looks at all logits. `None` where none of them is a number.
    pub(crate) fn of(logits: &[f32]) -> Option<Self> {
        let largest = largest(logits);
        if !largest.is_finite() {
            return None;
        }
        let mut weights = [0.0_f32; LANES];
        let mut moments = [0.0_f32; LANES];
        let chunks = logits.chunks_exact(LANES);
        let rest = chunks.remainder();
        for chunk in chunks {
            for ((weight, moment), logit) in weights.iter_mut().zip(&mut moments).zip(chunk) {
                let distance = distance(*logit, largest);
                let likely = exp(distance);
                *weight += likely;
                *moment += likely * distance;
            }
        }
        for ((weight, moment), logit) in weights.iter_mut().zip(&mut moments).zip(rest) {
            let distance = distance(*logit, largest);
            let likely = exp(distance);
            *weight += likely;
            *moment += likely * distance;
        }
        let total: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
        let moment: f64 = moments.iter().map(|moment| f64::from(*moment)).sum();
        let log_of_weights = total.ln();
        Some(Self {
            log_total: f64::from(largest) + log_of_weights,
            entropy: (log_of_weights - moment / total).max(0.0),
        })
    }

    /// The logarithm of the probability of a token with this logit.
    fn logprob(&self, logit: f32) -> f64 {
        f64::from(logit) - self.log_total
    }
}

/// Sums up one answer.
#[derive(Debug, Default)]
pub(crate) struct CertaintyMeter {
    tokens: u32,
    logprobs: f64,
    entropies: f64,
    /// The logits as they were before penalties and grammars changed them; empty where nothing does.
    untouched: Vec<f32>,
    spread: Option<Spread>,
}

impl CertaintyMeter {
    /// Looks at the logits before a token is chosen. Where choosing changes them, they are kept.
    pub(crate) fn look(&mut self, logits: &[f32], will_change: bool) {
        self.spread = Spread::of(logits);
        self.untouched.clear();
        if will_change {
            self.untouched.extend_from_slice(logits);
        }
    }

    /// The token that was chosen after that.
    pub(crate) fn chosen(&mut self, token: Token, logits: &[f32]) {
        let logits = if self.untouched.is_empty() { logits } else { &self.untouched };
        let logit = usize::try_from(token).ok().and_then(|place| logits.get(place)).copied();
        let (Some(spread), Some(logit)) = (self.spread.take(), logit) else { return };
        self.tokens = self.tokens.saturating_add(1);
        self.logprobs += spread.logprob(logit.max(f32::MIN));
        self.entropies += spread.entropy;
    }

    /// How sure the model was on average, once it wrote anything.
    pub(crate) fn certainty(&self) -> Option<Certainty> {
        let tokens = f64::from(self.tokens);
        (self.tokens > 0).then(|| Certainty {
            tokens: self.tokens,
            mean_logprob: self.logprobs / tokens,
            mean_entropy: Some(self.entropies / tokens),
        })
    }
}

fn largest(logits: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let chunks = logits.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, logit) in lanes.iter_mut().zip(chunk) {
            *lane = if *logit > *lane { *logit } else { *lane };
        }
    }
    lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max)
}

/// How far below the largest a logit is; what is no number is farthest.
fn distance(logit: f32, largest: f32) -> f32 {
    (logit - largest).max(FARTHEST)
}

/// The exponential of a number from [`FARTHEST`] to 0, to about seven digits, without a branch.
///
/// # Source
/// The usual reduction to a power of two times a polynomial, as in Cephes' `expf`.
fn exp(x: f32) -> f32 {
    /// Adding it leaves the nearest whole number in the lowest bits.
    const ROUNDER: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let shifted = x * std::f32::consts::LOG2_E + ROUNDER;
    let whole = shifted - ROUNDER;
    let rest = x - whole * LN_2_HIGH - whole * LN_2_LOW;
    let mut power = 1.987_569_2e-4_f32;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5, 1.0, 1.0] {
        power = power * rest + coefficient;
    }
    f32::from_bits(power.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[cfg(test)]
#[path = "certainty_tests.rs"]
mod tests;
