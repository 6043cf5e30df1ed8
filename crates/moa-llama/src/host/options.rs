//! How a model file is to be used.

use std::path::PathBuf;

use crate::engine::EngineOptions;
use crate::model::ModelOptions;
use crate::native::KvCacheType;

/// How a model file is to be used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct HostOptions {
    pub(crate) path: PathBuf,
    pub(crate) context_tokens: Option<u32>,
    pub(crate) parallel_sequences: u32,
    pub(crate) gpu_layers: Option<u32>,
    pub(crate) kv_type: KvCacheType,
    pub(crate) poll: u32,
    pub(crate) kernels: bool,
    pub(crate) lookup: bool,
    pub(crate) peer_lookup: bool,
    pub(crate) prefix_reuse: bool,
    pub(crate) read_ahead: bool,
}

impl HostOptions {
    pub(crate) fn of(options: &ModelOptions, engine: &EngineOptions) -> Self {
        Self {
            path: options.path.clone(),
            context_tokens: options.context_tokens,
            parallel_sequences: options.parallel_sequences,
            gpu_layers: options.gpu_layers,
            kv_type: options.kv_cache,
            poll: engine.poll.min(100),
            kernels: engine.kernels,
            lookup: engine.lookup,
            peer_lookup: engine.peer_lookup && engine.lookup,
            prefix_reuse: engine.prefix_reuse,
            // What is not used again need not be read ahead.
            read_ahead: engine.read_ahead && engine.prefix_reuse,
        }
    }

    /// What tells this model from others wherever it lies: its file's name and size, and how much of a prompt it can read.
    pub(crate) fn identity(&self) -> String {
        let name = self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let bytes = std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        format!("gguf:{name}:{bytes}:{:?}", self.context_tokens)
    }
}
