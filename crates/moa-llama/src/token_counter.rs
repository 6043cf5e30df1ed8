//! Counting a prompt's tokens without loading the weights.

use std::path::Path;
use std::sync::Arc;

use moa_core::{Failure, FailureKind, Prompt};

use crate::error::{ErrorKind, LlamaError};
use crate::gguf::read_head;
use crate::native::{Model, ModelParameters};
use crate::prompter::Prompter;
use crate::system;

/// Counts tokens as a model's own template and tokenizer do, from the vocabulary alone.
#[derive(Debug)]
pub struct TokenCounter {
    prompter: Prompter,
}

impl TokenCounter {
    /// Opens a model file's vocabulary.
    ///
    /// # Errors
    /// When the file is missing, damaged, or has no vocabulary that llama.cpp knows.
    pub fn open(path: &Path) -> Result<Self, LlamaError> {
        system::initialize();
        read_head(path)?;
        let parameters = ModelParameters { vocabulary_only: true, gpu_layers: Some(0), repack: true };
        let model = Model::load(path, parameters, |_| true)
            .map_err(|reason| ErrorKind::Unsupported { path: path.to_owned(), reason })?;
        Ok(Self { prompter: Prompter::new(Arc::new(model)) })
    }

    /// The tokens of a prompt with whole references.
    ///
    /// # Errors
    /// `InvalidRequest` when the prompt is empty or the model's template refuses it.
    pub fn count(&self, prompt: &Prompt) -> Result<u32, Failure> {
        let conversation =
            prompt.render().map_err(|error| Failure::new(FailureKind::InvalidRequest, error.to_string()))?;
        self.prompter.count(&conversation, &[])
    }
}
