//! What was decided between the answers of a layer, and why.

use serde::{Deserialize, Serialize};

use crate::layer::CallId;

/// What was decided between the answers of a layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The kind that decided, in the words of the configuration.
    pub kind: String,
    /// The answers that were chosen, best first. None where nothing was to be decided after all, as the reason says.
    pub chosen: Vec<CallId>,
    /// Why, in words.
    pub reason: String,
    /// Whether the first of them is the answer of the run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settles: bool,
    /// Whether equal ones had to be told apart by something else than what the kind looks at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tie: bool,
    /// What was seen in each answer, in the agents' order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judged: Vec<Judged>,
}

/// What was seen in one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// Whose answer.
    pub call: CallId,
    /// What was taken for the answer in its text, where the kind looks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The figure that the kind compares: votes, a share, a log-probability, comparisons won. More is better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}
