//! Why a model cannot be used.

use std::path::{Path, PathBuf};

use moa_core::{Failure, FailureKind};

/// Why a model cannot be opened, loaded or run.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct LlamaError(#[from] ErrorKind);

/// What kind of thing went wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ErrorKind {
    #[error("the model file {path} does not exist", path = .0.display())]
    NotFound(PathBuf),
    #[error("{path} is a directory, not a model file", path = .0.display())]
    Directory(PathBuf),
    #[error("the model file {path} cannot be read: {source}", path = .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path} is not a GGUF file", path = .0.display())]
    NotGguf(PathBuf),
    #[error("{path} is a GGUF file of version {version}, which llama.cpp does not read", path = .path.display())]
    Version { path: PathBuf, version: u32 },
    #[error("the model file {path} is damaged: {reason}", path = .path.display())]
    Malformed { path: PathBuf, reason: String },
    #[error(
        "the model file {path} is incomplete: it has {actual_bytes} bytes of at least {expected_bytes}",
        path = .path.display()
    )]
    Truncated { path: PathBuf, expected_bytes: u64, actual_bytes: u64 },
    #[error("llama.cpp cannot load {path}: {reason}", path = .path.display())]
    Unsupported { path: PathBuf, reason: String },
    #[error("{path} holds no model that writes text ({reason})", path = .path.display())]
    NoGenerator { path: PathBuf, reason: String },
    #[error("no memory for a KV cache of {cells} tokens: {reason}")]
    Context { cells: u32, reason: String },
    #[error(
        "the memory budget of {budget} cannot hold the model {path}",
        budget = megabytes(*.budget_bytes),
        path = .path.display()
    )]
    MemoryBudget { path: PathBuf, needed_bytes: u64, budget_bytes: u64 },
    #[error("no thread could be started for the model: {0}")]
    Thread(std::io::Error),
    #[error("the local engine was shut down")]
    Stopped,
    #[error("the model's thread failed: {0}")]
    Panicked(String),
}

impl LlamaError {
    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match &self.0 {
            ErrorKind::NotFound(_) => "check the path, or get the model with `moa models pull`",
            ErrorKind::Directory(_) => "name the .gguf file inside it",
            ErrorKind::Unreadable { .. } => "check the file's permissions and the disk",
            ErrorKind::NotGguf(_) => {
                "the local engine reads GGUF files; look for a GGUF version of the model on the hub"
            }
            ErrorKind::Version { .. } => "get a newer conversion of the model",
            ErrorKind::Malformed { .. } | ErrorKind::Truncated { .. } => {
                "the download was probably interrupted: delete the file and pull the model again"
            }
            ErrorKind::Unsupported { .. } => {
                "this version of llama.cpp may not know the model's kind: try another model"
            }
            ErrorKind::NoGenerator { .. } => "choose a chat or instruct model",
            ErrorKind::Context { .. } => "lower context-tokens or the number of parallel sequences",
            ErrorKind::MemoryBudget { needed_bytes, .. } => {
                return Some(format!(
                    "it needs {} at the least: raise --memory (or `memory` of [engine]), or choose a smaller model",
                    megabytes(*needed_bytes)
                ));
            }
            ErrorKind::Thread(_) => "check the limits on processes and memory",
            ErrorKind::Stopped | ErrorKind::Panicked(_) => return None,
        };
        Some(hint.to_owned())
    }

    /// A failure to read a file, told apart by what the system says.
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound(path).into(),
            std::io::ErrorKind::IsADirectory => ErrorKind::Directory(path).into(),
            _ => ErrorKind::Unreadable { path, source }.into(),
        }
    }

    pub(crate) fn malformed(path: &Path, reason: impl Into<String>) -> Self {
        ErrorKind::Malformed { path: path.to_owned(), reason: reason.into() }.into()
    }
}

/// Rounded up, so that what is said to be needed is enough.
fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

impl From<LlamaError> for Failure {
    fn from(error: LlamaError) -> Self {
        let kind = match &error.0 {
            ErrorKind::Panicked(_) | ErrorKind::Context { .. } => FailureKind::ModelError,
            _ => FailureKind::ModelUnavailable,
        };
        let failure = Self::new(kind, error.to_string());
        match error.hint() {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}
