//! What a call or a run consumed.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// Tokens read and written, and what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Tokens of the prompt that were not computed again, because an earlier request had left them in the cache.
    #[serde(default)]
    pub cached_tokens: u32,
    /// Tokens written, those of reasoning included.
    pub completion_tokens: u32,
    /// Tokens written that are reasoning and no part of the answer.
    #[serde(default)]
    pub reasoning_tokens: u32,
    /// Whether some of the counts are estimated, because an endpoint did not say or a call was cut off.
    #[serde(default)]
    pub estimated: bool,
    /// US dollars, where a price is known.
    pub cost_usd: Option<f64>,
}

impl Usage {
    /// Whether nothing was consumed, and nothing is to be paid.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.prompt_tokens == 0 && self.completion_tokens == 0 && self.cost_usd.is_none_or(|usd| usd == 0.0)
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.prompt_tokens = self.prompt_tokens.saturating_add(other.prompt_tokens);
        self.cached_tokens = self.cached_tokens.saturating_add(other.cached_tokens);
        self.completion_tokens = self.completion_tokens.saturating_add(other.completion_tokens);
        self.reasoning_tokens = self.reasoning_tokens.saturating_add(other.reasoning_tokens);
        self.estimated |= other.estimated;
        self.cost_usd = match (self.cost_usd, other.cost_usd) {
            (None, cost) | (cost, None) => cost,
            (Some(a), Some(b)) => Some(a + b),
        };
    }
}
