//! An agent, as written: a model's name, or a table.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::written::Written;

/// An agent: a model's name, or a table with a model and the way in which it is asked.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
#[schemars(rename = "Agent")]
pub(crate) enum RawAgent {
    /// The model: a configured name, a catalogue id, `hf:owner/repository/file.gguf`, a path to a `.gguf` file, or `endpoint:id`
    /// such as `ollama:llama3.2:1b`.
    Model(String),
    /// The model and the way in which it is asked.
    Table(Box<RawAgentTable>),
}

/// A model and the way in which it is asked.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "AgentTable")]
pub(crate) struct RawAgentTable {
    /// The model: a configured name, a catalogue id, `hf:owner/repository/file.gguf`, a path to a `.gguf` file, or `endpoint:id`
    /// such as `ollama:llama3.2:1b`.
    pub(crate) model: Written<String>,
    /// The name shown in traces. Default: the model's; `#2`, `#3`, ... is added where a layer has the name already.
    pub(crate) name: Option<Written<String>>,
    /// Instructions of this agent alone, placed before the conversation's own system message.
    pub(crate) system: Option<Written<String>>,
    /// How freely the next token is chosen; 0 takes the most likely one every time.
    #[schemars(range(min = 0, max = 2))]
    pub(crate) temperature: Option<Written<f64>>,
    /// Keeps the smallest set of tokens whose probabilities sum to this; above 0.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) top_p: Option<Written<f64>>,
    /// Keeps this many of the most likely tokens; 0 keeps all.
    pub(crate) top_k: Option<Written<u32>>,
    /// Drops tokens less likely than this share of the most likely one.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) min_p: Option<Written<f64>>,
    /// Divides the logits of tokens that were written already; 1 does nothing.
    #[schemars(range(min = 0, max = 10))]
    pub(crate) repeat_penalty: Option<Written<f64>>,
    /// Lowers a token's logit by this for each time that it was written.
    #[schemars(range(min = -2, max = 2))]
    pub(crate) frequency_penalty: Option<Written<f64>>,
    /// Lowers a token's logit by this once it was written.
    #[schemars(range(min = -2, max = 2))]
    pub(crate) presence_penalty: Option<Written<f64>>,
    /// Makes the answer repeatable whatever the run's seed. Samples of one agent count up from it.
    pub(crate) seed: Option<Written<u64>>,
    /// The answer ends before the first of these texts.
    pub(crate) stop: Option<Written<Vec<String>>>,
    /// The most tokens that one answer may have.
    #[schemars(range(min = 1))]
    pub(crate) max_tokens: Option<Written<u32>>,
    /// The longest that one call may take, such as `90s` or `2m`.
    pub(crate) deadline: Option<Written<String>>,
    /// How many answers the layer takes of this agent. Default: 1. Not for the aggregator.
    #[schemars(range(min = 1, max = 256))]
    pub(crate) samples: Option<Written<u32>>,
}

impl<'de> Deserialize<'de> for RawAgent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AgentVisitor;

        impl<'de> Visitor<'de> for AgentVisitor {
            type Value = RawAgent;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a model's name or a table with `model`")
            }

            fn visit_str<E>(self, model: &str) -> Result<RawAgent, E> {
                Ok(RawAgent::Model(model.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawAgent, A::Error> {
                RawAgentTable::deserialize(MapAccessDeserializer::new(map)).map(Box::new).map(RawAgent::Table)
            }
        }

        deserializer.deserialize_any(AgentVisitor)
    }
}
