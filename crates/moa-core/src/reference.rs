//! A proposal as the next layer reads it.

use serde::{Deserialize, Serialize};

use crate::agent::ModelId;
use crate::layer::LayerIndex;

/// An answer of an earlier layer, given to an agent to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The layer that the answer comes from.
    pub layer: LayerIndex,
    /// The agent that wrote it.
    pub agent: String,
    /// The model behind that agent.
    pub model: ModelId,
    /// The answer, stripped of surrounding white space.
    pub text: String,
}
