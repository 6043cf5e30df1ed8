//! Which tokens go into the next decode call.
//!
//! Every sequence that is decoding has its token in every call, so no prompt ever holds up an answer. Prompts share what is left,
//! the oldest first, so that the first one is done as early as it can be. While answers are being decoded less of the
//! prompts goes into a call: each call then takes a fraction of a second and the answers keep flowing, and each call of a prompt
//! carries the answers' tokens along almost for nothing (prefill is compute bound, decoding memory bound).
//!
//! What is read ahead comes last, and little by little: a call that nobody wants any more is broken off, and what it has read is lost.
//!
//! A call keeps the number of threads that it began with. So where other models have cores that may become free meanwhile, a call
//! reads less of a prompt: otherwise a core would lie idle for seconds beside the call of a large model.

/// What one sequence has to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Demand {
    /// Tokens that are not in the KV cache yet.
    pub(crate) pending_tokens: usize,
    /// Whether these are the prompt (or a rest of it) rather than the last token written.
    pub(crate) is_prompt: bool,
    /// Whether it is read for later: then it has only what nobody else needs.
    pub(crate) is_ahead: bool,
}

/// How much goes into one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the unit")]
pub(crate) struct Limits {
    /// Tokens of a call that reads prompts only.
    pub(crate) batch_tokens: usize,
    /// Tokens of prompts in a call while other models have cores, too.
    pub(crate) shared_batch_tokens: usize,
    /// Tokens of prompts in a call that also decodes.
    pub(crate) mixed_prompt_tokens: usize,
}

/// The tokens that each demand gets in the next call, in the order of the demands (oldest first). `beside_others`
/// says whether other models have cores, too.
pub(crate) fn plan(demands: &[Demand], beside_others: bool, limits: Limits) -> Vec<usize> {
    let mut room = limits.batch_tokens;
    let mut shares = vec![0; demands.len()];
    for (share, demand) in shares.iter_mut().zip(demands) {
        if !demand.is_prompt && room > 0 {
            *share = demand.pending_tokens.min(room);
            room -= *share;
        }
    }
    if room < limits.batch_tokens {
        room = room.min(limits.mixed_prompt_tokens);
    }
    if beside_others {
        room = room.min(limits.shared_batch_tokens);
    }
    for is_ahead in [false, true] {
        if is_ahead {
            room = room.min(limits.mixed_prompt_tokens);
        }
        for (share, demand) in shares.iter_mut().zip(demands) {
            if demand.is_prompt && demand.is_ahead == is_ahead {
                *share = demand.pending_tokens.min(room);
                room -= *share;
            }
        }
    }
    shares
}

#[cfg(test)]
#[path = "batch_plan_tests.rs"]
mod tests;
