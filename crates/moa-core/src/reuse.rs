//! Answers that are there already, in front of the models that would have to be asked for them.

use std::sync::Arc;

use futures::{StreamExt as _, stream};

use crate::agent::ModelId;
use crate::content_key::ContentKey;
use crate::engine::Models;
use crate::event::CallOutcome;
use crate::model::{ChatEvent, ChatModel, ChatRequest, ChatStream, FinishReason, ReadAhead};
use crate::price::Pricing;
use crate::prompt::Prompt;
use crate::usage::Usage;

/// Where answers are found again: the store, or an earlier run.
pub trait AnswerSource: Send + Sync {
    /// The whole answer to what `key` names, if there is one.
    fn answer(&self, key: &ContentKey) -> Option<CallOutcome>;
}

/// A model that is asked only for what `answers` does not have.
struct ReusingModel {
    model: Arc<dyn ChatModel>,
    answers: Arc<dyn AnswerSource>,
}

/// The models, each behind the answers that are there already. Such an answer consumes nothing.
#[must_use]
pub fn reusing(models: Models, answers: &Arc<dyn AnswerSource>) -> Models {
    models.wrapped(|model| Arc::new(ReusingModel { model, answers: Arc::clone(answers) }))
}

impl ChatModel for ReusingModel {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn endpoint(&self) -> &str {
        self.model.endpoint()
    }

    fn identity(&self) -> String {
        self.model.identity()
    }

    fn pricing(&self) -> Pricing {
        self.model.pricing()
    }

    fn sees_images(&self) -> bool {
        self.model.sees_images()
    }

    fn read_ahead(&self, prompt: Prompt, max_tokens: u32) -> ReadAhead {
        self.model.read_ahead(prompt, max_tokens)
    }

    fn stream(&self, request: ChatRequest) -> ChatStream {
        match self.answers.answer(&request.key) {
            Some(stored) => stream::iter(told(&stored).into_iter().map(Ok)).boxed(),
            None => self.model.stream(request),
        }
    }
}

/// The events in which a stored answer is given again.
fn told(stored: &CallOutcome) -> Vec<ChatEvent> {
    let finish_reason = stored.finish_reason.unwrap_or(FinishReason::Stop);
    let end = ChatEvent::Finished { finish_reason, usage: Usage::default() };
    [ChatEvent::Reused].into_iter().chain(stored.told()).chain([end]).collect()
}
