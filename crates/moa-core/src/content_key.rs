//! Names for what is asked of whom, so that a finished answer can be found again.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::conversation::Conversation;
use crate::sampling::Sampling;
use crate::tool::Tools;

/// A name that is equal for equal questions to one model with equal settings, in whatever run and under whatever preset.
///
/// # Shape
/// 32 hexadecimal digits: the first half of a BLAKE3 hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentKey(String);

/// Stands for a whole conversation in a [`ContentKey`], so that a conversation that many agents read is hashed once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ConversationDigest(String);

impl ConversationDigest {
    /// The digest of `conversation`: equal for equal conversations.
    #[must_use]
    pub fn of(conversation: &Conversation) -> Self {
        Self(digits_of(conversation))
    }
}

/// Everything that an answer depends on.
#[derive(Debug, Serialize)]
pub struct KeyedContent<'a> {
    /// What tells the model from every other one ([`ChatModel::identity`](crate::ChatModel::identity)).
    pub model: &'a str,
    /// The conversation as the model reads it, references included.
    pub conversation: &'a ConversationDigest,
    /// How the next token is chosen. The seed only where somebody chose it: a seed that was drawn by chance names no content.
    pub sampling: &'a Sampling,
    /// The seed of the run, where somebody chose it and the agent has none of its own.
    pub run_seed: Option<u64>,
    /// How many agents of the layer before this one ask the same, so that samples of one model stay different.
    pub sample: u32,
    /// The most tokens to write.
    pub max_tokens: u32,
    /// The tools that may be called.
    pub tools: Option<&'a Tools>,
    /// The form that the answer must have.
    pub response_format: Option<&'a serde_json::Value>,
}

impl ContentKey {
    /// The name of `content`.
    #[must_use]
    pub fn of(content: &KeyedContent<'_>) -> Self {
        let mut digits = digits_of(content);
        digits.truncate(32);
        Self(digits)
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The BLAKE3 hash of `content` in hexadecimal digits.
fn digits_of(content: &impl Serialize) -> String {
    let mut hasher = blake3::Hasher::new();
    // Writing into a hasher does not fail, and nothing in the content has keys that are no texts.
    drop(serde_json::to_writer(&mut hasher, content));
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
#[path = "content_key_tests.rs"]
mod tests;
