//! What a model has done so far.

use std::time::Duration;

/// Figures of one model since it was first used.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct ModelStats {
    /// How often it was loaded: more than once where it had to leave memory for others.
    pub loads: u64,
    /// How long loading took the last time.
    pub load_time: Duration,
    /// The model file's size.
    pub file_bytes: u64,
    /// What the weights take in memory (mapped from the file where that is possible).
    pub weight_bytes: u64,
    /// What the KV cache takes at its present size, where the file says enough to know it.
    pub kv_bytes: u64,
    /// Tokens that the KV cache can hold at its present size.
    pub kv_cells: u32,
    /// The most tokens that were in the KV cache at one time.
    pub peak_kv_cells: u32,
    /// Calls that were begun.
    pub requests: u64,
    /// How often a call gave way to another one because cells of the KV cache were short, and went on later.
    pub set_back: u64,
    /// Tokens of prompts that were computed.
    pub prefill_tokens: u64,
    /// Tokens of prompts that were already in the cache.
    pub cached_tokens: u64,
    /// Tokens that were written.
    pub decode_tokens: u64,
    /// Tokens of answers that were guessed from what was written before.
    pub drafted_tokens: u64,
    /// Those of them that the model wrote itself: tokens that needed no decode call of their own.
    pub accepted_tokens: u64,
    /// Decode calls of llama.cpp.
    pub decode_calls: u64,
    /// The time in decode calls, as far as it went into prompts.
    pub prefill_time: Duration,
    /// The time in decode calls, as far as it went into answers.
    pub decode_time: Duration,
}

impl ModelStats {
    /// Books one decode call that computed this many tokens of prompts, of answers and of drafts. Time for drafts is time for answers.
    pub(crate) fn book(
        &mut self,
        prompt_tokens: usize,
        answer_tokens: usize,
        drafted_tokens: usize,
        time: Duration,
    ) {
        self.decode_calls += 1;
        self.prefill_tokens += prompt_tokens as u64;
        self.decode_tokens += answer_tokens as u64;
        self.drafted_tokens += drafted_tokens as u64;
        let of_answers = answer_tokens + drafted_tokens;
        let total = u32::try_from(prompt_tokens + of_answers).unwrap_or(u32::MAX).max(1);
        let answers = time * u32::try_from(of_answers).unwrap_or(u32::MAX) / total;
        self.decode_time += answers;
        self.prefill_time += time.saturating_sub(answers);
    }
}
