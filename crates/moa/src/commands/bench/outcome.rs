//! What was measured, and the document that says it.

use moa_core::{Lookup, Mixture, RunEnd, Trace};
use moa_llama::system_info;
use serde::Serialize;

use crate::cli::BenchArgs;

/// All questions of one round under one step.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Measured {
    pub(super) seconds: f64,
    pub(super) completion_tokens: u32,
    pub(super) prompt_tokens: u32,
    /// Tokens of prompts that were there already, from what was read before.
    pub(super) cached_tokens: u32,
    /// What the aggregators waited for their first token, summed up.
    pub(super) aggregator_first_token_ms: f64,
    /// Tokens of the aggregators behind their first, and the time for them.
    #[serde(skip)]
    pub(super) aggregator_tokens: u32,
    #[serde(skip)]
    pub(super) aggregator_ms: f64,
    pub(super) lookup: Lookup,
    pub(super) load_ms: f64,
    pub(super) peak_memory_bytes: Option<u64>,
}

impl Measured {
    /// Takes in one run.
    pub(super) fn add(&mut self, trace: &Trace) {
        if let Some(RunEnd::Finished(outcome)) = &trace.end {
            self.seconds += outcome.wall_ms / 1_000.0;
            self.completion_tokens += outcome.usage.completion_tokens;
            self.prompt_tokens += outcome.usage.prompt_tokens;
            self.cached_tokens += outcome.usage.cached_tokens;
        }
        for lookup in trace.calls().filter_map(|call| call.lookup) {
            self.lookup.steps += lookup.steps;
            self.lookup.drafted_tokens += lookup.drafted_tokens;
            self.lookup.accepted_tokens += lookup.accepted_tokens;
            self.lookup.saved_ms += lookup.saved_ms;
        }
        let aggregator = trace.layers.last().and_then(|layer| layer.calls.last());
        if let Some((call, first, last)) =
            aggregator.and_then(|call| Some((call, call.first_token_at_ms?, call.last_token_at_ms?)))
        {
            self.aggregator_first_token_ms += first - call.started_at_ms;
            self.aggregator_tokens += call.tokens.saturating_sub(1);
            self.aggregator_ms += last - first;
        }
    }

    /// Tokens a second, all agents together.
    pub(super) fn tokens_per_second(&self) -> f64 {
        per_second(self.completion_tokens, self.seconds)
    }

    /// Tokens a second of the aggregators, behind the first.
    fn aggregator_tokens_per_second(&self) -> f64 {
        per_second(self.aggregator_tokens, self.aggregator_ms / 1_000.0)
    }
}

fn per_second(tokens: u32, seconds: f64) -> f64 {
    if seconds > 0.0 { f64::from(tokens) / seconds } else { 0.0 }
}

/// One step: its round of middle length, and how the others differed.
#[derive(Debug, Serialize)]
pub(super) struct StepDocument {
    pub(super) name: &'static str,
    pub(super) rounds: usize,
    pub(super) fastest_seconds: f64,
    pub(super) slowest_seconds: f64,
    pub(super) tokens_per_second: f64,
    pub(super) aggregator_tokens_per_second: f64,
    #[serde(flatten)]
    pub(super) measured: Measured,
}

impl StepDocument {
    /// Nothing where there was no round.
    pub(super) fn of(name: &'static str, mut rounds: Vec<Measured>) -> Option<Self> {
        rounds.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
        let (fastest, slowest) = (rounds.first()?.seconds, rounds.last()?.seconds);
        let measured = rounds.get(rounds.len() / 2)?.clone();
        Some(Self {
            name,
            rounds: rounds.len(),
            fastest_seconds: fastest,
            slowest_seconds: slowest,
            tokens_per_second: measured.tokens_per_second(),
            aggregator_tokens_per_second: measured.aggregator_tokens_per_second(),
            measured,
        })
    }
}

/// Everything that was measured, and where.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    version: &'static str,
    cores: usize,
    instructions: Vec<String>,
    preset: String,
    max_tokens: u32,
    temperature: f64,
    pub(super) steps: Vec<StepDocument>,
}

impl Document {
    pub(super) fn new(mixture: &Mixture, arguments: &BenchArgs, steps: Vec<StepDocument>) -> Self {
        let system = system_info();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            cores: system.cores,
            instructions: system.features,
            preset: mixture.name.clone(),
            max_tokens: arguments.max_tokens,
            temperature: arguments.temperature,
            steps,
        }
    }

    /// What the first line says: what was asked of what, and on which machine.
    pub(super) fn headline(&self) -> String {
        let Self { preset, max_tokens, temperature, cores, instructions, .. } = self;
        let chosen =
            if *temperature > 0.0 { format!("temperature {temperature}") } else { "greedy".to_owned() };
        format!(
            "preset {preset}, {chosen}, at most {max_tokens} tokens an answer; {cores} cores, {}",
            instructions.join(" ")
        )
    }
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
