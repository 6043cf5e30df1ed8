//! What an answer takes.

use std::cmp::Ordering;
use std::ops::AddAssign;

use moa_core::Usage;
use serde::Serialize;

/// What an answer takes, or several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Expense {
    /// Tokens read.
    pub prompt_tokens: f64,
    /// Tokens written, those of proposals included.
    pub completion_tokens: f64,
    /// US dollars; 0 where every model is on this machine.
    pub cost_usd: f64,
    /// Calls.
    pub calls: f64,
    /// Milliseconds of this machine: each local call with its share of the time in which it ran beside others.
    pub machine_ms: f64,
    /// Milliseconds from the question to the answer: what local calls take of the machine, and in each layer the slowest of the others.
    pub wall_ms: f64,
}

impl Expense {
    pub(super) fn count(&mut self, usage: &Usage) {
        self.prompt_tokens += f64::from(usage.prompt_tokens);
        self.completion_tokens += f64::from(usage.completion_tokens);
        self.cost_usd += usage.cost_usd.unwrap_or(0.0);
        self.calls += 1.0;
    }

    /// Everything times a factor: a sum as a mean.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self {
            prompt_tokens: self.prompt_tokens * factor,
            completion_tokens: self.completion_tokens * factor,
            cost_usd: self.cost_usd * factor,
            calls: self.calls * factor,
            machine_ms: self.machine_ms * factor,
            wall_ms: self.wall_ms * factor,
        }
    }
}

impl AddAssign for Expense {
    fn add_assign(&mut self, other: Self) {
        self.prompt_tokens += other.prompt_tokens;
        self.completion_tokens += other.completion_tokens;
        self.cost_usd += other.cost_usd;
        self.calls += other.calls;
        self.machine_ms += other.machine_ms;
        self.wall_ms += other.wall_ms;
    }
}

/// In what a candidate is paid for: what "cheaper" means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Currency {
    /// Where an endpoint has a price.
    UsDollars,
    /// Where every model is on this machine.
    MachineSeconds,
    /// Where nothing else is known of what it takes.
    Tokens,
}

impl Currency {
    /// The price in this currency.
    #[must_use]
    pub fn price(self, expense: &Expense) -> f64 {
        match self {
            Self::UsDollars => expense.cost_usd,
            Self::MachineSeconds => expense.machine_ms / 1e3,
            Self::Tokens => expense.prompt_tokens + expense.completion_tokens,
        }
    }

    /// What it counts.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::UsDollars => "US dollars for an item",
            Self::MachineSeconds => "seconds of this machine for an item",
            Self::Tokens => "tokens read and written for an item",
        }
    }

    pub(super) fn compare(self, one: &Expense, other: &Expense) -> Ordering {
        self.price(one)
            .total_cmp(&self.price(other))
            .then_with(|| one.calls.total_cmp(&other.calls))
            .then_with(|| one.completion_tokens.total_cmp(&other.completion_tokens))
    }
}
