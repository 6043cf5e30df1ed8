//! What a model takes of memory, known before it is loaded.

use std::path::Path;

use super::HostOptions;
use crate::error::{ErrorKind, LlamaError};
use crate::gguf::GgufInfo;
use crate::worker::CELL_BLOCK;

/// The context of a sequence where the options name none and the model allows it.
const DEFAULT_CONTEXT_TOKENS: u32 = 8192;
/// Where a file does not say how long its training context was.
const UNKNOWN_TRAINING_CONTEXT_TOKENS: u32 = 2048;
/// A budget that leaves room for fewer tokens than this is too small for the model.
const LEAST_CONTEXT_TOKENS: u32 = 512;

/// What a model takes of memory, and the context that it has therefore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Footprint {
    /// The weights.
    pub(crate) weight_bytes: u64,
    /// One token in the KV cache.
    pub(crate) kv_bytes_per_token: u64,
    /// Tokens that a prompt and its answer may have together.
    pub(crate) context_tokens: u32,
    /// What every call is to be told about that.
    pub(crate) warnings: Vec<String>,
}

impl Footprint {
    /// The footprint of a file that is used with these options in a memory budget.
    ///
    /// # Errors
    /// When the budget cannot hold the model.
    pub(crate) fn of(
        options: &HostOptions,
        info: &GgufInfo,
        budget_bytes: Option<u64>,
    ) -> Result<Self, LlamaError> {
        let trained = info.training_context_tokens.filter(|tokens| *tokens > 0);
        let trained = trained.unwrap_or(UNKNOWN_TRAINING_CONTEXT_TOKENS);
        let mut warnings = Vec::new();
        let context_tokens = match options.context_tokens {
            Some(wanted) if wanted > trained => {
                warnings.push(format!(
                    "the model was trained on {trained} tokens of context: {trained} are used instead of {wanted}"
                ));
                trained
            }
            Some(wanted) => wanted.max(2),
            None => trained.min(DEFAULT_CONTEXT_TOKENS),
        };
        let kv_bytes_per_token = options.kv_type.bytes(info.kv_bytes_per_token.unwrap_or(0));
        let mut footprint =
            Self { weight_bytes: info.weight_bytes, kv_bytes_per_token, context_tokens, warnings };
        if let Some(budget_bytes) = budget_bytes.filter(|budget| footprint.bytes() > *budget) {
            footprint.shrink(budget_bytes).map_err(|needed_bytes| ErrorKind::MemoryBudget {
                path: options.path.clone(),
                needed_bytes,
                budget_bytes,
            })?;
        }
        Ok(footprint)
    }

    /// The weights and one full context.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes_with(self.context_tokens)
    }

    fn bytes_with(&self, tokens: u32) -> u64 {
        let cells = u64::from(tokens).next_multiple_of(u64::from(CELL_BLOCK));
        self.weight_bytes.saturating_add(self.kv_bytes_per_token.saturating_mul(cells))
    }

    /// Makes do with as much context as the budget has room for.
    ///
    /// # Errors
    /// The bytes that the model needs at the least.
    fn shrink(&mut self, budget_bytes: u64) -> Result<(), u64> {
        let least = self.context_tokens.min(LEAST_CONTEXT_TOKENS);
        if self.bytes_with(least) > budget_bytes {
            return Err(self.bytes_with(least));
        }
        let room = (budget_bytes - self.weight_bytes) / self.kv_bytes_per_token.max(1);
        let blocks = u32::try_from(room).unwrap_or(u32::MAX) / CELL_BLOCK;
        let tokens = (blocks * CELL_BLOCK).min(self.context_tokens);
        self.warnings.push(format!(
            "the memory budget leaves room for {tokens} tokens of context instead of {}",
            self.context_tokens
        ));
        self.context_tokens = tokens;
        Ok(())
    }
}

/// Lets the system read a file into its memory without waiting for it, where the system can do that.
pub(super) fn page_in(path: &Path) {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{Advice, fadvise};

        let advised = std::fs::File::open(path).map(|file| fadvise(&file, 0, None, Advice::WillNeed));
        tracing::debug!(path = %path.display(), ?advised, "paging in");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = path;
}

#[cfg(test)]
#[path = "footprint_tests.rs"]
mod tests;
