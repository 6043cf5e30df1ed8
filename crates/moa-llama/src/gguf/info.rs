//! What a model file says about itself.

use std::path::{Path, PathBuf};

use super::reader::{Head, Value, read_head};
use crate::error::LlamaError;
use crate::native::KvCacheType;

/// What a GGUF file says about itself, read without loading any weights.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GgufInfo {
    /// The file.
    pub path: PathBuf,
    /// The file's size.
    pub file_bytes: u64,
    /// The kind of model, such as `qwen2`.
    pub architecture: Option<String>,
    /// The model's name.
    pub name: Option<String>,
    /// The licence, where the file states one.
    pub licence: Option<String>,
    /// The parameters in the file.
    pub parameters: u64,
    /// The number of tensors.
    pub tensors: u64,
    /// The bytes of all tensors: what the weights take in memory.
    pub weight_bytes: u64,
    /// How many of these are in formats whose products with prompts ggml computes in tiles (K and i quants).
    pub tiled_weight_bytes: u64,
    /// How many of these are in formats that `moa_kernels` knows.
    pub kernel_weight_bytes: u64,
    /// The longest context that the model was trained on.
    pub training_context_tokens: Option<u32>,
    /// Whether the file carries a chat template.
    pub has_chat_template: bool,
    /// The bytes of KV cache per token of context (16-bit), where the file says enough to know it.
    pub kv_bytes_per_token: Option<u64>,
}

impl GgufInfo {
    /// An estimate of the memory for the weights and for `tokens` tokens of KV cache.
    #[must_use]
    pub fn memory_bytes(&self, tokens: u64, kv_cache: KvCacheType) -> u64 {
        let per_token = kv_cache.bytes(self.kv_bytes_per_token.unwrap_or(0));
        self.weight_bytes.saturating_add(per_token.saturating_mul(tokens))
    }
}

/// Reads what a model file says about itself, and checks that the file is whole.
///
/// # Errors
/// When the file is missing, not a GGUF file, damaged, or shorter than its table of tensors says.
pub fn inspect(path: &Path) -> Result<GgufInfo, LlamaError> {
    Ok(describe(path, &read_head(path)?))
}

pub(crate) fn describe(path: &Path, head: &Head) -> GgufInfo {
    let architecture = head.string("general.architecture").map(str::to_owned);
    let training_context_tokens = architecture
        .as_ref()
        .and_then(|architecture| head.number(&format!("{architecture}.context_length")))
        .and_then(|tokens| u32::try_from(tokens).ok());
    GgufInfo {
        path: path.to_owned(),
        file_bytes: head.file_bytes,
        name: head.string("general.name").or_else(|| head.string("general.basename")).map(str::to_owned),
        licence: head.string("general.license").map(str::to_owned),
        parameters: head.parameters,
        tensors: head.tensors,
        weight_bytes: head.weight_bytes,
        tiled_weight_bytes: head.tiled_weight_bytes,
        kernel_weight_bytes: head.kernel_weight_bytes,
        training_context_tokens,
        has_chat_template: head.string("tokenizer.chat_template").is_some_and(|text| !text.trim().is_empty()),
        kv_bytes_per_token: architecture.as_deref().and_then(|architecture| kv_bytes(architecture, head)),
        architecture,
    }
}

/// Keys and values of all layers for one token, two bytes each.
fn kv_bytes(architecture: &str, head: &Head) -> Option<u64> {
    let number = |key: &str| head.number(&format!("{architecture}.{key}"));
    let layers = number("block_count")?;
    let heads = number("attention.head_count");
    let head_size =
        || number("embedding_length").zip(heads).and_then(|(width, heads)| width.checked_div(heads));
    let key = number("attention.key_length").or_else(head_size)?;
    let value = number("attention.value_length").or_else(head_size)?;
    let kv_heads = match head.metadata.get(&format!("{architecture}.attention.head_count_kv")) {
        Some(Value::Numbers(per_layer)) => {
            per_layer.iter().try_fold(0_u64, |sum, heads| sum.checked_add(*heads))?
        }
        Some(same) => layers.checked_mul(same.as_u64()?)?,
        None => layers.checked_mul(heads?)?,
    };
    kv_heads.checked_mul(key.checked_add(value)?)?.checked_mul(2)
}

#[cfg(test)]
#[path = "info_tests.rs"]
mod tests;
