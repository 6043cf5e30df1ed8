//! Choosing the next token of one request.
//!
//! A sampler belongs to one request and knows nothing of others: what it chooses depends on the logits, its settings, what it
//! chose before, and its seed.
//!
//! # Source
//! The order of the steps is llama.cpp's: penalties, top-k, top-p, min-p, and the temperature last; so are the values for what a
//! request and the model leave open (top-k 40, top-p 0.95, min-p 0.05). Penalties look at what the request itself wrote, not at
//! its prompt, so that quoting the prompt is not punished.

use std::collections::HashMap;

use moa_core::{Failure, FailureKind, Sampling};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::native::{Grammar, Token};

const DEFAULT_TOP_K: u32 = 40;
const DEFAULT_TOP_P: f32 = 0.95;
const DEFAULT_MIN_P: f32 = 0.05;

/// The settings of a model for what a request leaves open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SamplingDefaults {
    pub(crate) top_k: u32,
    pub(crate) top_p: f32,
    pub(crate) min_p: f32,
    pub(crate) repeat_penalty: f32,
}

impl Default for SamplingDefaults {
    fn default() -> Self {
        Self { top_k: DEFAULT_TOP_K, top_p: DEFAULT_TOP_P, min_p: DEFAULT_MIN_P, repeat_penalty: 1.0 }
    }
}

/// Settings without anything left open.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Settings {
    temperature: f32,
    top_k: usize,
    top_p: f32,
    min_p: f32,
    repeat_penalty: f32,
    frequency_penalty: f32,
    presence_penalty: f32,
}

impl Settings {
    fn changes_logits(&self) -> bool {
        // Exactly these values mean that a penalty is off.
        #[expect(clippy::float_cmp, reason = "the values were set, not computed")]
        let off = self.repeat_penalty == 1.0 && self.frequency_penalty == 0.0 && self.presence_penalty == 0.0;
        !off
    }
}

/// Chooses the tokens of one request.
#[derive(Debug)]
pub(crate) struct Sampler {
    settings: Settings,
    random: ChaCha8Rng,
    /// How often each token was written.
    written: HashMap<Token, u32>,
    /// Scratch space, kept to save an allocation per token.
    candidates: Vec<Candidate>,
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    token: Token,
    logit: f32,
}

impl Sampler {
    /// A sampler for one request.
    ///
    /// # Errors
    /// `InvalidRequest` when a setting is outside its range.
    pub(crate) fn new(sampling: &Sampling, defaults: SamplingDefaults) -> Result<Self, Failure> {
        let settings = check(sampling, defaults)?;
        let seed = sampling.seed.unwrap_or_else(fresh_seed);
        Ok(Self {
            settings,
            random: ChaCha8Rng::seed_from_u64(seed),
            written: HashMap::new(),
            candidates: Vec::new(),
        })
    }

    /// Whether penalties change the logits before a token is chosen.
    pub(crate) fn changes_logits(&self) -> bool {
        self.settings.changes_logits()
    }

    /// Chooses a token by its logits, which penalties change in place, and a grammar where it must. `None` when no logit is a number.
    pub(crate) fn sample(&mut self, logits: &mut [f32], grammar: Option<&mut Grammar>) -> Option<Token> {
        if self.settings.changes_logits() {
            self.apply_penalties(logits);
        }
        let mut token = self.choose(logits)?;
        // Most choices are allowed as they are, and to look through the whole vocabulary takes long.
        if let Some(grammar) = grammar
            && !grammar.allows(token)
        {
            grammar.mask(logits);
            token = self.choose(logits)?;
        }
        if self.settings.changes_logits() {
            *self.written.entry(token).or_default() += 1;
        }
        Some(token)
    }

    fn choose(&mut self, logits: &[f32]) -> Option<Token> {
        if self.settings.temperature <= 0.0 { argmax(logits) } else { self.draw(logits) }
    }

    fn apply_penalties(&self, logits: &mut [f32]) {
        let Settings { repeat_penalty, frequency_penalty, presence_penalty, .. } = self.settings;
        for (token, count) in &self.written {
            let Some(logit) = usize::try_from(*token).ok().and_then(|token| logits.get_mut(token)) else {
                continue;
            };
            // Division would make a negative logit larger.
            *logit = if *logit > 0.0 { *logit / repeat_penalty } else { *logit * repeat_penalty };
            #[expect(clippy::cast_precision_loss, reason = "a count of tokens in one answer")]
            let count = *count as f32;
            *logit -= count * frequency_penalty + presence_penalty;
        }
    }

    fn draw(&mut self, logits: &[f32]) -> Option<Token> {
        let Settings { temperature, top_k, top_p, min_p, .. } = self.settings;
        let total_weight = self.collect(logits, top_k)?;
        let best = self.candidates.first()?.logit;
        if top_p < 1.0 {
            let mut sum = 0.0_f64;
            let enough = f64::from(top_p) * total_weight;
            let kept = self.candidates.iter().position(|candidate| {
                sum += weight(candidate.logit, best);
                sum >= enough
            });
            if let Some(last) = kept {
                self.candidates.truncate(last + 1);
            }
        }
        if min_p > 0.0 {
            let least = best + min_p.ln();
            let kept = self.candidates.partition_point(|candidate| candidate.logit >= least).max(1);
            self.candidates.truncate(kept);
        }
        let scale = f64::from(temperature);
        let weights =
            || self.candidates.iter().map(|candidate| (f64::from(candidate.logit - best) / scale).exp());
        let total: f64 = weights().sum();
        #[expect(clippy::cast_precision_loss, reason = "53 bits are what a float holds")]
        let uniform = (self.random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        let mut left = uniform * total;
        let chosen = weights().position(|weight| {
            left -= weight;
            left < 0.0
        });
        let chosen = chosen.unwrap_or(self.candidates.len() - 1);
        self.candidates.get(chosen).map(|candidate| candidate.token)
    }

    /// Puts the `top_k` best tokens (0: all) into `candidates`, best first, and gives the sum of their weights.
    fn collect(&mut self, logits: &[f32], top_k: usize) -> Option<f64> {
        let candidates = &mut self.candidates;
        candidates.clear();
        let top_k = if top_k == 0 { logits.len() } else { top_k.min(logits.len()) };
        // The buffer is cut back to the best `top_k` whenever it is full; most tokens fall below the bound and cost one comparison.
        let room = top_k.saturating_mul(4).max(256);
        let mut bound = f32::NEG_INFINITY;
        for (token, logit) in (0..).zip(logits) {
            // A NaN is never above the bound.
            if *logit > bound {
                candidates.push(Candidate { token, logit: *logit });
                if candidates.len() >= room && top_k < logits.len() {
                    keep_best(candidates, top_k);
                    bound = candidates.iter().map(|candidate| candidate.logit).fold(f32::INFINITY, f32::min);
                }
            }
        }
        keep_best(candidates, top_k);
        candidates.sort_unstable_by(better_first);
        let best = candidates.first()?.logit;
        Some(candidates.iter().map(|candidate| weight(candidate.logit, best)).sum())
    }
}

/// Keeps the `count` best candidates in any order.
fn keep_best(candidates: &mut Vec<Candidate>, count: usize) {
    if candidates.len() > count {
        candidates.select_nth_unstable_by(count - 1, better_first);
        candidates.truncate(count);
    }
}

/// Higher logits first; equal ones in the order of the vocabulary, so that the choice does not depend on the sorting.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that sorting wants")]
fn better_first(a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    b.logit.total_cmp(&a.logit).then(a.token.cmp(&b.token))
}

fn weight(logit: f32, best: f32) -> f64 {
    f64::from(logit - best).exp()
}

/// The token with the highest logit, the first of equal ones.
fn argmax(logits: &[f32]) -> Option<Token> {
    // Two passes, because the first one has no branch and is done many floats at a time.
    let mut lanes = [f32::NEG_INFINITY; 16];
    let chunks = logits.chunks_exact(16);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, logit) in lanes.iter_mut().zip(chunk) {
            *lane = if *logit > *lane { *logit } else { *lane };
        }
    }
    let best = lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max);
    if best == f32::NEG_INFINITY {
        return None;
    }
    #[expect(clippy::float_cmp, reason = "the value was taken from the list itself")]
    let position = logits.iter().position(|logit| *logit == best)?;
    Token::try_from(position).ok()
}

/// Checks a request's settings and fills in what it leaves open.
fn check(sampling: &Sampling, defaults: SamplingDefaults) -> Result<Settings, Failure> {
    let in_range = |name: &str, value: f32, low: f32, high: f32| {
        if value.is_finite() && value >= low && value <= high {
            Ok(value)
        } else {
            Err(Failure::new(
                FailureKind::InvalidRequest,
                format!("{name} is {value}, but must be between {low} and {high}"),
            ))
        }
    };
    let top_p = sampling.top_p.unwrap_or(defaults.top_p);
    if top_p <= 0.0 {
        return Err(Failure::new(
            FailureKind::InvalidRequest,
            format!("top-p is {top_p}, but must be above 0"),
        ));
    }
    Ok(Settings {
        temperature: in_range("temperature", sampling.temperature, 0.0, 100.0)?,
        top_k: usize::try_from(sampling.top_k.unwrap_or(defaults.top_k)).unwrap_or(0),
        top_p: in_range("top-p", top_p, 0.0, 1.0)?,
        min_p: in_range("min-p", sampling.min_p.unwrap_or(defaults.min_p), 0.0, 1.0)?,
        repeat_penalty: in_range(
            "repeat-penalty",
            sampling.repeat_penalty.unwrap_or(defaults.repeat_penalty),
            0.01,
            100.0,
        )?,
        frequency_penalty: in_range(
            "frequency-penalty",
            sampling.frequency_penalty.unwrap_or(0.0),
            -2.0,
            2.0,
        )?,
        presence_penalty: in_range("presence-penalty", sampling.presence_penalty.unwrap_or(0.0), -2.0, 2.0)?,
    })
}

/// A seed for a request that names none.
fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0_u8)
}

#[cfg(test)]
#[path = "sampler_tests.rs"]
mod tests;
