//! How exactly a KV cache keeps numbers.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

/// How exactly the KV cache of a local model keeps numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum KvCache {
    /// In 16 bits each.
    #[default]
    #[serde(rename = "f16")]
    F16,
    /// In 8 bits each: about half the memory, and answers that can differ a little.
    #[serde(rename = "q8_0")]
    Q8,
}

impl fmt::Display for KvCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F16 => "f16",
            Self::Q8 => "q8_0",
        })
    }
}
