//! What a call is for.

use serde::{Deserialize, Serialize};

/// What a call is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallTask {
    /// To answer the conversation: a proposal, or the answer itself.
    #[default]
    Answer,
    /// To compare the answers of its layer.
    Rank,
    /// To say where the answers agree, where they contradict each other and what they lack.
    Analyse,
    /// To make one answer of a part of them, so that not all have to be read at once.
    Fold,
}

impl CallTask {
    /// Whether the conversation is answered.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        *self == Self::Answer
    }
}
