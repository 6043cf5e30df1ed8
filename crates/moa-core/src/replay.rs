//! Answers out of a stored run, as a model.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};

use crate::agent::ModelId;
use crate::event::CallOutcome;
use crate::failure::{Failure, FailureKind};
use crate::layer::CallId;
use crate::model::{ChatEvent, ChatModel, ChatRequest, ChatStream, FinishReason};

/// Answers each call with what was stored for it, at once and without any model.
///
/// A stored failure fails again, and a partial answer breaks off where it did, so that a replayed run takes the course of the
/// first one.
#[derive(Debug, Clone)]
pub struct ReplayModel {
    id: ModelId,
    answers: BTreeMap<CallId, CallOutcome>,
}

impl ReplayModel {
    /// A model that answers out of `answers`.
    pub fn new(id: impl Into<String>, answers: BTreeMap<CallId, CallOutcome>) -> Self {
        Self { id: ModelId::new(id), answers }
    }
}

impl ChatModel for ReplayModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn endpoint(&self) -> &'static str {
        "stored"
    }

    fn identity(&self) -> String {
        format!("stored:{}", self.id)
    }

    fn stream(&self, request: ChatRequest) -> ChatStream {
        let Some(stored) = self.answers.get(&request.call).cloned() else {
            let message = format!("the stored run has no answer for call {}", request.call);
            return stream::iter([Err(Failure::new(FailureKind::ModelUnavailable, message))]).boxed();
        };
        let told = stored.told();
        let end = match stored.error {
            Some(failure) if failure.kind != FailureKind::EmptyAnswer => Err(failure),
            _ => Ok(ChatEvent::Finished {
                finish_reason: stored.finish_reason.unwrap_or(FinishReason::Stop),
                usage: stored.usage,
            }),
        };
        stream::iter(told.into_iter().map(Ok).chain([end])).boxed()
    }
}
