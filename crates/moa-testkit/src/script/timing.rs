//! When the parts of a reply are sent.

use serde::{Deserialize, Serialize};

use super::latency::Latency;

/// When the parts of a reply are sent. A reply that is not streamed takes as long as the stream would.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Timing {
    /// From the whole request to the status line.
    #[serde(skip_serializing_if = "Latency::is_zero")]
    pub head: Latency,
    /// From the status line to the first token.
    #[serde(skip_serializing_if = "Latency::is_zero")]
    pub first_token: Latency,
    /// From each token to the next.
    #[serde(skip_serializing_if = "Latency::is_zero")]
    pub pace: Latency,
}
