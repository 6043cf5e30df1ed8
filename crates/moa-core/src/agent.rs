//! An agent: one model in one role, with its own way of being asked.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sampling::Sampling;

/// The name under which a model is known to the configuration, such as `qwen2.5-coder-0.5b-instruct`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ModelId(String);

impl ModelId {
    /// A model id as written.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for ModelId {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

/// One model in one role. The same model may stand behind many agents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    /// A name that is unique within its layer; the model's id where nothing else was chosen.
    pub name: String,
    /// The model that answers.
    pub model: ModelId,
    /// Instructions of this agent alone, placed before the conversation's own system message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// How the next token is chosen.
    #[serde(default)]
    pub sampling: Sampling,
    /// The most tokens that this agent may write.
    pub max_tokens: u32,
    /// The longest that one call of this agent may take, loading and waiting included.
    #[serde(
        default,
        with = "crate::milliseconds",
        rename = "deadline_ms",
        skip_serializing_if = "Option::is_none"
    )]
    pub deadline: Option<Duration>,
}

impl Agent {
    /// An agent of `model` under the model's own name with default sampling, at most `max_tokens` tokens and no deadline.
    pub fn new(model: impl Into<String>, max_tokens: u32) -> Self {
        let model = ModelId::new(model);
        Self {
            name: model.to_string(),
            model,
            system: None,
            sampling: Sampling::default(),
            max_tokens,
            deadline: None,
        }
    }
}
