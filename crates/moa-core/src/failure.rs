//! Why a call or a run did not give an answer.

use serde::{Deserialize, Serialize};

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The request itself cannot be served as written; asking again is useless.
    InvalidRequest,
    /// The prompt cannot fit the model's context.
    ContextOverflow,
    /// The model cannot be had: not found, not loadable, not reachable.
    ModelUnavailable,
    /// The model answered nothing.
    EmptyAnswer,
    /// The call's own deadline passed.
    CallDeadline,
    /// The layer's deadline passed.
    LayerDeadline,
    /// The run's deadline passed.
    RunDeadline,
    /// Somebody stopped the run.
    Cancelled,
    /// Fewer answers than the layer needs.
    TooFewProposals,
    /// The model failed while answering.
    ModelError,
}

impl FailureKind {
    /// Whether the same request may succeed when it is made again.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        match self {
            Self::InvalidRequest
            | Self::ContextOverflow
            | Self::Cancelled
            | Self::RunDeadline
            | Self::TooFewProposals => false,
            Self::ModelUnavailable
            | Self::EmptyAnswer
            | Self::CallDeadline
            | Self::LayerDeadline
            | Self::ModelError => true,
        }
    }
}

/// A failure in words: what was attempted on what, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What kind of thing went wrong.
    pub kind: FailureKind,
    /// What was attempted, and why it failed.
    pub message: String,
    /// What the reader can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    /// The same failure with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
