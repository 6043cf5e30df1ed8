//! The answers of the store, in front of the models that would have to be asked for them.

use std::sync::Arc;

use moa_core::{AnswerSource, CallOutcome, ContentKey, Models};
use moa_store::Store;

/// The store as a source of answers. One that cannot be read is one that has no answer.
struct StoredAnswers(Arc<Store>);

impl AnswerSource for StoredAnswers {
    fn answer(&self, key: &ContentKey) -> Option<CallOutcome> {
        self.0.answer(key).unwrap_or_else(|error| {
            tracing::warn!(%error, "the store was asked for an answer in vain");
            None
        })
    }
}

/// The models, each behind the answers of the store.
pub(crate) fn reusing(models: Models, store: &Arc<Store>) -> Models {
    let answers: Arc<dyn AnswerSource> = Arc::new(StoredAnswers(Arc::clone(store)));
    moa_core::reusing(models, &answers)
}
