//! The top of a configuration file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{KvCache, RawEndpoint, RawModel, RawPreset, RawServer};
use crate::written::Written;

/// Configuration of moa: models, endpoints and presets.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "moa configuration")]
pub(crate) struct RawFile {
    /// The preset that is used where none is named.
    pub(crate) default_preset: Option<Written<String>>,
    /// The most that a run may cost, in US dollars, where its preset says nothing. Calls that could pass it are not made, and a run that
    /// asks a model of unknown price is refused. A project's file may lower what your own file says, not raise it. Default: no cap.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(crate) max_cost_usd: Option<Written<f64>>,
    /// What the local engine may use.
    #[serde(default)]
    pub(crate) engine: RawEngine,
    /// How `moa serve` listens, whom it lets in and what it answers. A project's file may not say any of it.
    pub(crate) server: Option<Written<RawServer>>,
    /// Services that speak the OpenAI API, by the name that models refer to. A name that was defined before is replaced whole.
    #[serde(default)]
    pub(crate) endpoints: BTreeMap<String, Written<RawEndpoint>>,
    /// Models by name. The names of built-in models and of the catalogue can be taken too: one line then replaces that model in every
    /// preset.
    #[serde(default)]
    pub(crate) models: BTreeMap<String, Written<RawModel>>,
    /// Mixtures by name. A preset that exists already is changed key by key.
    #[serde(default)]
    pub(crate) presets: BTreeMap<String, Written<RawPreset>>,
}

/// What the local engine may use.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Engine")]
pub(crate) struct RawEngine {
    /// The most processor cores that local models may keep busy. Default: all.
    #[schemars(range(min = 1))]
    pub(crate) cores: Option<Written<u32>>,
    /// What the weights and KV caches of local models may take in memory, such as `4GB`. Models that nobody uses leave when others need
    /// their room. Default: no limit.
    pub(crate) memory: Option<Written<String>>,
    /// How exactly the KV caches of local models keep numbers. Default: `f16`.
    pub(crate) kv_cache: Option<Written<KvCache>>,
    /// The folder that models are kept in. A relative path starts at this file's folder, `~/` at the home folder.
    pub(crate) models_folder: Option<Written<String>>,
    /// Whether a person at a terminal is asked before missing models are fetched. Default: true. Where nobody can be asked, such as in
    /// a pipe, they are fetched either way.
    pub(crate) ask_before_fetching: Option<Written<bool>>,
    /// Whether local models compute with our own kernels where the processor has AVX2 or AVX-512 with VNNI, and not with those of ggml. A switch for
    /// finding out what it brings. Default: true.
    pub(crate) kernels: Option<Written<bool>>,
    /// Whether local models guess the next tokens of an answer from what they have read, such as the answers of the layer before, and check
    /// several at a time. Changes how long an answer takes and not what it says. Default: true.
    pub(crate) lookup: Option<Written<bool>>,
    /// Whether local models also guess from what the other agents of their layer write meanwhile, which they do not read. Does nothing without
    /// `lookup`. A switch for finding out what it brings. Default: true.
    pub(crate) peer_lookup: Option<Written<bool>>,
    /// Whether local models compute at the same time, on a share of the cores each, instead of one after the other on all of them. A switch for
    /// finding out what it brings: it changes how long answers take and not what they say. Default: true.
    pub(crate) side_by_side: Option<Written<bool>>,
    /// Whether what a local model has read serves later prompts that begin alike, and samples that are asked at the same time. A switch for
    /// finding out what it brings. Default: true.
    pub(crate) prefix_reuse: Option<Written<bool>>,
    /// Whether the next layer's local models read the answers that are there while others are still written. Does nothing without
    /// `prefix-reuse`. A switch for finding out what it brings. Default: true.
    pub(crate) read_ahead: Option<Written<bool>>,
}
