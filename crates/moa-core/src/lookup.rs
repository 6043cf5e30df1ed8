//! What guessing an answer's tokens from its references has brought.

use serde::{Deserialize, Serialize};

/// What came of the tokens that a model guessed from what it had read or written before, and checked several at a time (speculative decoding).
/// The answer is the one that it would have written without.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Lookup {
    /// Steps in which tokens were guessed.
    pub steps: u32,
    /// The tokens that were guessed.
    pub drafted_tokens: u32,
    /// Those of them that were right: each of them saved a step.
    pub accepted_tokens: u32,
    /// The milliseconds that this saved, by what steps of each size have taken; negative where it cost more.
    pub saved_ms: f64,
}
