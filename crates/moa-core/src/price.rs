//! What models cost.

use serde::{Deserialize, Serialize};

use crate::usage::Usage;

/// What a model costs, in US dollars per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// For tokens of the prompt.
    pub input_usd: f64,
    /// For tokens of the prompt that the endpoint had in its cache; those of the prompt where it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input_usd: Option<f64>,
    /// For tokens written, reasoning included.
    pub output_usd: f64,
}

/// What is known of a model's price.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Pricing {
    /// Asking costs nothing.
    #[default]
    Free,
    /// Asking costs this.
    Known(Price),
    /// Asking may cost something, and nobody said how much.
    Unknown,
}

impl Pricing {
    /// The usage with its cost, where the price is known and the cost was not told.
    #[must_use]
    pub fn priced(&self, usage: Usage) -> Usage {
        match self {
            Self::Known(price) if usage.cost_usd.is_none() => {
                Usage { cost_usd: Some(price.of(&usage)), ..usage }
            }
            Self::Known(_) | Self::Free | Self::Unknown => usage,
        }
    }
}

const MILLION: f64 = 1_000_000.0;

impl Price {
    /// What `usage` costs, in US dollars.
    #[must_use]
    pub fn of(&self, usage: &Usage) -> f64 {
        let cached = usage.cached_tokens.min(usage.prompt_tokens);
        let computed = usage.prompt_tokens - cached;
        let input = f64::from(computed) * self.input_usd
            + f64::from(cached) * self.cached_input_usd.unwrap_or(self.input_usd);
        (input + f64::from(usage.completion_tokens) * self.output_usd) / MILLION
    }

    /// The most that a call can cost which reads and writes as many tokens, in US dollars.
    #[must_use]
    pub fn at_most(&self, prompt_tokens: u32, max_tokens: u32) -> f64 {
        let dearest_input = self.cached_input_usd.map_or(self.input_usd, |cached| cached.max(self.input_usd));
        (f64::from(prompt_tokens) * dearest_input + f64::from(max_tokens) * self.output_usd) / MILLION
    }
}

#[cfg(test)]
#[path = "price_tests.rs"]
mod tests;
