//! Answers that are there already, in front of the models that would have to be asked for them.

use std::sync::Arc;

use futures::{StreamExt as _, stream};
use moa_core::{
    CallOutcome, ChatEvent, ChatModel, ChatRequest, ChatStream, FinishReason, ModelId, Models, Pricing, Usage,
};
use moa_store::Store;

/// A model that is asked only for what the store has no answer to.
struct ReusingModel {
    model: Arc<dyn ChatModel>,
    store: Arc<Store>,
}

/// The models, each behind the answers of the store.
pub(crate) fn reusing(models: Models, store: &Arc<Store>) -> Models {
    models.wrapped(|model| Arc::new(ReusingModel { model, store: Arc::clone(store) }))
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

    /// An answer out of the store consumes nothing. A store that cannot be read is one that has no answer.
    fn stream(&self, request: ChatRequest) -> ChatStream {
        match self.store.answer(&request.key) {
            Ok(Some(stored)) => stream::iter(told(&stored).into_iter().map(Ok)).boxed(),
            Ok(None) => self.model.stream(request),
            Err(error) => {
                tracing::warn!(%error, "the store was asked for an answer in vain");
                self.model.stream(request)
            }
        }
    }
}

/// The events in which a stored answer is given again.
fn told(stored: &CallOutcome) -> Vec<ChatEvent> {
    let finish_reason = stored.finish_reason.unwrap_or(FinishReason::Stop);
    let end = ChatEvent::Finished { finish_reason, usage: Usage::default() };
    [ChatEvent::Reused].into_iter().chain(stored.told()).chain([end]).collect()
}
