//! A model, as written: another model's name, or a table.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{KvCache, RawPrice};
use crate::written::Written;

/// A model: the name of another one, or where it comes from.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
#[schemars(rename = "Model")]
pub(crate) enum RawModel {
    /// Another model that this name stands for: a configured name, a catalogue id, `hf:owner/repository/file.gguf`, a path to a
    /// `.gguf` file, or `endpoint:id` such as `ollama:llama3.2:1b`.
    Alias(String),
    /// Where the model comes from.
    Table(Box<RawModelTable>),
}

/// Where a model comes from: exactly one of `catalogue`, `hub`, `path`, or `endpoint` with `id`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "ModelTable")]
pub(crate) struct RawModelTable {
    /// A model of the built-in catalogue (`moa models list`).
    pub(crate) catalogue: Option<Written<String>>,
    /// A file on the Hugging Face hub: `hf:owner/repository/file.gguf`.
    pub(crate) hub: Option<Written<String>>,
    /// A GGUF file on disk. A relative path starts at this file's folder, `~/` at the home folder.
    pub(crate) path: Option<Written<String>>,
    /// The endpoint that serves the model.
    pub(crate) endpoint: Option<Written<String>>,
    /// The model's id at its endpoint.
    pub(crate) id: Option<Written<String>>,
    /// What could replace the model once its endpoint no longer serves it: named in the error message.
    pub(crate) successors: Option<Written<Vec<String>>>,
    /// What a model behind an endpoint costs. Default: nothing, where the endpoint is on this machine and wants no key, else unknown.
    pub(crate) price: Option<Written<RawPrice>>,
    /// Whether a model behind an endpoint sees images. Default: false.
    pub(crate) images: Option<Written<bool>>,
    /// Whether the answers of a model behind an endpoint are asked for piece by piece. Default: as the endpoint says.
    pub(crate) stream: Option<Written<bool>>,
    /// Tokens of context, for prompt and answer together. Default: what a local model was made for, within reason; unknown for one
    /// behind an endpoint.
    #[schemars(range(min = 1))]
    pub(crate) context_tokens: Option<Written<u32>>,
    /// Answers that a local model works on at the same time. Default: as many as the preset asks for.
    #[schemars(range(min = 1))]
    pub(crate) sequences: Option<Written<u32>>,
    /// How exactly the KV cache of a local model keeps numbers. Default: as `[engine]` says.
    pub(crate) kv_cache: Option<Written<KvCache>>,
}

impl<'de> Deserialize<'de> for RawModel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ModelVisitor;

        impl<'de> Visitor<'de> for ModelVisitor {
            type Value = RawModel;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("another model's name or a table")
            }

            fn visit_str<E>(self, name: &str) -> Result<RawModel, E> {
                Ok(RawModel::Alias(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawModel, A::Error> {
                RawModelTable::deserialize(MapAccessDeserializer::new(map)).map(Box::new).map(RawModel::Table)
            }
        }

        deserializer.deserialize_any(ModelVisitor)
    }
}
