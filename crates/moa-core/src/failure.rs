//! Why a call or a run did not give an answer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The request itself cannot be served as written; asking again is useless.
    InvalidRequest,
    /// The prompt cannot fit the model's context.
    ContextOverflow,
    /// The endpoint refused the key, or there is none.
    Unauthorized,
    /// The endpoint knows no model of this id, such as one that was retired.
    ModelNotFound,
    /// The model cannot be had: not loadable, not reachable.
    ModelUnavailable,
    /// The endpoint refuses to answer this content.
    ContentFiltered,
    /// The endpoint takes no more requests for now.
    RateLimited,
    /// The endpoint is overloaded or broken (a server error).
    ServerError,
    /// The endpoint said something that is no answer.
    BadResponse,
    /// The connection broke before the answer was complete.
    ConnectionLost,
    /// Connecting took too long.
    ConnectTimeout,
    /// The first token took too long.
    FirstTokenTimeout,
    /// The time between two tokens was too long.
    IdleTimeout,
    /// The endpoint failed too often of late and is left alone for a while.
    CircuitOpen,
    /// The model answered nothing.
    EmptyAnswer,
    /// The call's own deadline passed.
    CallDeadline,
    /// The layer's deadline passed.
    LayerDeadline,
    /// The run's deadline passed.
    RunDeadline,
    /// Enough other answers were there, and this one was not waited for any longer.
    Straggler,
    /// Asking could have cost more than the run may.
    CostCap,
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
            | Self::Unauthorized
            | Self::ModelNotFound
            | Self::ContentFiltered
            | Self::CallDeadline
            | Self::LayerDeadline
            | Self::RunDeadline
            | Self::Straggler
            | Self::CostCap
            | Self::Cancelled
            | Self::TooFewProposals => false,
            Self::ModelUnavailable
            | Self::RateLimited
            | Self::ServerError
            | Self::BadResponse
            | Self::ConnectionLost
            | Self::ConnectTimeout
            | Self::FirstTokenTimeout
            | Self::IdleTimeout
            | Self::CircuitOpen
            | Self::EmptyAnswer
            | Self::ModelError => true,
        }
    }

    /// Whether the model may have worked on the request before this happened, so that it may have cost something. Not where the request
    /// was refused, or reached nobody.
    #[must_use]
    pub fn may_have_cost(self) -> bool {
        match self {
            Self::InvalidRequest
            | Self::ContextOverflow
            | Self::Unauthorized
            | Self::ModelNotFound
            | Self::ModelUnavailable
            | Self::RateLimited
            | Self::ServerError
            | Self::ConnectTimeout
            | Self::CircuitOpen
            | Self::CostCap
            | Self::TooFewProposals => false,
            Self::ContentFiltered
            | Self::BadResponse
            | Self::ConnectionLost
            | Self::FirstTokenTimeout
            | Self::IdleTimeout
            | Self::EmptyAnswer
            | Self::CallDeadline
            | Self::LayerDeadline
            | Self::RunDeadline
            | Self::Straggler
            | Self::Cancelled
            | Self::ModelError => true,
        }
    }

    /// Whether the engine gave the call up, rather than the model failed.
    #[must_use]
    pub fn is_by_engine(self) -> bool {
        matches!(
            self,
            Self::CallDeadline
                | Self::LayerDeadline
                | Self::RunDeadline
                | Self::Straggler
                | Self::CostCap
                | Self::Cancelled
        )
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
    /// What the endpoint says about asking again, where it says anything.
    #[serde(default, skip_serializing_if = "RetryAdvice::is_empty")]
    pub advice: RetryAdvice,
}

/// What an endpoint says about asking again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryAdvice {
    /// Not before this time has passed (`Retry-After`, `retry-after-ms`).
    #[serde(
        default,
        with = "crate::milliseconds",
        rename = "after_ms",
        skip_serializing_if = "Option::is_none"
    )]
    pub after: Option<Duration>,
    /// Whether asking again makes sense (`x-should-retry`); wins over what the kind of the failure suggests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub should_retry: Option<bool>,
}

impl RetryAdvice {
    /// Whether the endpoint said nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Failure {
    /// A failure without a hint.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, advice: RetryAdvice::default() }
    }

    /// The same failure with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure with what the endpoint says about asking again.
    #[must_use]
    pub fn with_advice(mut self, advice: RetryAdvice) -> Self {
        self.advice = advice;
        self
    }

    /// Whether the same request may succeed when it is made again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.advice.should_retry.unwrap_or_else(|| self.kind.is_retryable())
    }
}
