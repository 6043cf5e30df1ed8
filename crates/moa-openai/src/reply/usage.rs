//! Token counts, told in many places and forms, or not at all.

use moa_core::{Conversation, Usage, estimated_prompt_tokens, estimated_tokens};
use serde_json::Value;

use super::wire::Chunk;

/// What a service has told of its counts so far. Later counts replace earlier ones: those in each chunk rise.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ToldUsage {
    prompt: Option<u64>,
    cached: Option<u64>,
    completion: Option<u64>,
    reasoning: Option<u64>,
    total: Option<u64>,
    cost_usd: Option<f64>,
}

impl ToldUsage {
    /// Reads what a chunk tells. Whether that is anything new.
    ///
    /// # Source
    /// `usage`: all. `prompt_tokens_details.cached_tokens`, `completion_tokens_details.reasoning_tokens`: `OpenAI` and followers.
    /// `prompt_cache_hit_tokens`: `DeepSeek`. `cost`: `OpenRouter`. `x_groq.usage`: Groq. `timings`: llama-server, whose `prompt_n`
    /// leaves out what was in the cache.
    pub(super) fn read(&mut self, chunk: &Chunk) -> bool {
        let before = self.clone();
        if let Some(timings) = chunk.timings.as_object() {
            let count = |name: &str| timings.get(name).and_then(count);
            let cached = count("cache_n");
            replace(&mut self.prompt, count("prompt_n").map(|read| read.saturating_add(cached.unwrap_or(0))));
            replace(&mut self.cached, cached);
            replace(&mut self.completion, count("predicted_n"));
        }
        for usage in [chunk.x_groq.get("usage"), Some(&chunk.usage)].into_iter().flatten() {
            self.read_usage(usage);
        }
        *self != before
    }

    fn read_usage(&mut self, usage: &Value) {
        let at = |path: &str| usage.pointer(path).and_then(count);
        replace(&mut self.prompt, at("/prompt_tokens").or_else(|| at("/input_tokens")));
        replace(&mut self.completion, at("/completion_tokens").or_else(|| at("/output_tokens")));
        replace(&mut self.total, at("/total_tokens"));
        let cached = at("/prompt_tokens_details/cached_tokens")
            .or_else(|| at("/prompt_cache_hit_tokens"))
            .or_else(|| at("/cached_tokens"));
        replace(&mut self.cached, cached);
        let reasoning = at("/completion_tokens_details/reasoning_tokens").or_else(|| at("/reasoning_tokens"));
        replace(&mut self.reasoning, reasoning);
        let cost = [usage.get("cost"), usage.pointer("/cost/total_cost")];
        let cost = cost.into_iter().flatten().find_map(Value::as_f64);
        if let Some(cost) = cost.filter(|cost| cost.is_finite() && *cost >= 0.0) {
            self.cost_usd = Some(cost);
        }
    }

    /// The counts of an answer that may go on, nothing in place of those that are missing.
    pub(super) fn so_far(&self) -> Usage {
        let (prompt, completion) = self.parts();
        let hidden = self.hidden(prompt, completion);
        let completion = completion.unwrap_or(0).saturating_add(hidden);
        Usage {
            prompt_tokens: narrow(prompt.unwrap_or(0)),
            cached_tokens: self.cached.map_or(0, narrow),
            completion_tokens: narrow(completion),
            reasoning_tokens: narrow(self.reasoning.unwrap_or(0).max(hidden).min(completion)),
            estimated: false,
            cost_usd: self.cost_usd,
        }
    }

    /// The counts, with estimates in place of those that are missing or cannot be.
    pub(super) fn settle(&self, conversation: &Conversation, answer: &str, reasoning: &str) -> Usage {
        let (prompt, completion) = self.parts();
        let prompt = prompt.filter(|tokens| *tokens > 0);
        // A service that says 0 of an answer that is there did not count.
        let wrote_nothing = answer.is_empty() && reasoning.is_empty();
        let completion = completion.filter(|tokens| *tokens > 0 || wrote_nothing);
        let hidden = self.hidden(prompt, completion);
        let estimated_reasoning = estimated_tokens(reasoning);
        let completion_tokens = completion.map_or_else(
            || estimated_tokens(answer).saturating_add(estimated_reasoning),
            |told| narrow(told.saturating_add(hidden)),
        );
        Usage {
            prompt_tokens: prompt.map_or_else(|| estimated_prompt_tokens(conversation), narrow),
            cached_tokens: self.cached.map_or(0, narrow),
            completion_tokens,
            reasoning_tokens: self
                .reasoning
                .map_or_else(|| estimated_reasoning.max(narrow(hidden)), |told| narrow(told.max(hidden)))
                .min(completion_tokens),
            estimated: prompt.is_none() || completion.is_none(),
            cost_usd: self.cost_usd,
        }
    }

    /// Tokens of the prompt and of the answer; one of them may follow from the other and the total.
    fn parts(&self) -> (Option<u64>, Option<u64>) {
        match (self.prompt, self.completion, self.total) {
            (Some(prompt), None, Some(total)) => (Some(prompt), total.checked_sub(prompt)),
            (None, Some(completion), Some(total)) => (total.checked_sub(completion), Some(completion)),
            (prompt, completion, _) => (prompt, completion),
        }
    }

    /// What the total is more than its parts was thought: some services count that in the total alone.
    fn hidden(&self, prompt: Option<u64>, completion: Option<u64>) -> u64 {
        match (prompt, completion, self.total) {
            (Some(prompt), Some(completion), Some(total)) => {
                total.saturating_sub(prompt.saturating_add(completion))
            }
            _ => 0,
        }
    }
}

fn replace(place: &mut Option<u64>, told: Option<u64>) {
    *place = told.or(*place);
}

/// A count; some services write whole numbers with a decimal point.
fn count(value: &Value) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, and negative is ruled out"
    )]
    let from_float = |number: f64| (number >= 0.0).then_some(number as u64);
    value.as_u64().or_else(|| value.as_f64().and_then(from_float))
}

fn narrow(tokens: u64) -> u32 {
    u32::try_from(tokens).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "usage_tests.rs"]
mod tests;
