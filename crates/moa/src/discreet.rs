//! A local model for people elsewhere: where its file lies is nobody else's business.

use std::path::Path;
use std::sync::Arc;

use futures::StreamExt as _;
use moa_core::{ChatEvent, ChatModel, ChatRequest, ChatStream, Failure, ModelId, Pricing, Prompt, ReadAhead};

/// A model whose failures and warnings name its file, not the folder of it.
pub(crate) struct DiscreetModel {
    model: Arc<dyn ChatModel>,
    /// With the separator at its end.
    folder: Arc<str>,
}

impl DiscreetModel {
    pub(crate) fn new(model: Arc<dyn ChatModel>, file: &Path) -> Self {
        let folder = file.parent().map_or_else(String::new, |folder| folder.join("").display().to_string());
        Self { model, folder: folder.into() }
    }
}

impl ChatModel for DiscreetModel {
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
        let folder = Arc::clone(&self.folder);
        let told = self.model.stream(request).map(move |reply| match reply {
            Ok(ChatEvent::Warning(message)) => Ok(ChatEvent::Warning(without(&folder, &message))),
            Ok(event) => Ok(event),
            Err(failure) => Err(Failure {
                message: without(&folder, &failure.message),
                hint: failure.hint.as_deref().map(|hint| without(&folder, hint)),
                ..failure
            }),
        });
        told.boxed()
    }
}

fn without(folder: &str, text: &str) -> String {
    // The root is no secret, and every path begins with it.
    if folder.len() <= 1 { text.to_owned() } else { text.replace(folder, "") }
}

#[cfg(test)]
#[path = "discreet_tests.rs"]
mod tests;
