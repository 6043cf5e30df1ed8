//! A model behind an endpoint.

use std::sync::{Arc, Mutex, PoisonError};

use moa_core::{ChatEvent, ChatModel, ChatRequest, ChatStream, ModelId, Pricing, Upstream};

use crate::endpoint::Endpoint;
use crate::exchange::Exchange;
use crate::request::Adjustments;
use crate::settings::ModelSettings;

/// A model behind an OpenAI-compatible endpoint. Every question is one attempt; clones share what was learned of the endpoint.
#[derive(Debug, Clone)]
pub struct OpenAiModel {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    settings: ModelSettings,
    adjustments: Mutex<Adjustments>,
}

impl OpenAiModel {
    /// A model behind `endpoint`. Nothing is asked before the first question.
    #[must_use]
    pub fn new(endpoint: &Endpoint, settings: ModelSettings) -> Self {
        let inner = Inner { endpoint: endpoint.clone(), settings, adjustments: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// The model's settings.
    #[must_use]
    pub fn settings(&self) -> &ModelSettings {
        &self.inner.settings
    }

    pub(crate) fn remote(&self) -> &Endpoint {
        &self.inner.endpoint
    }

    /// The event without the endpoint's secrets, where it holds words of the endpoint about itself. Answers stay as they are: no secret is
    /// ever part of a question.
    pub(crate) fn redacted(&self, event: ChatEvent) -> ChatEvent {
        match (event, self.remote().connection()) {
            (ChatEvent::Upstream(upstream), Ok(connection)) => {
                let model = upstream.model.map(|model| connection.redactor.redact(&model));
                ChatEvent::Upstream(Upstream { model, ..upstream })
            }
            (event, _) => event,
        }
    }

    /// What was learned so far.
    pub(crate) fn adjustments(&self) -> Adjustments {
        self.inner.adjustments.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what one question has taught for the next ones.
    pub(crate) fn keep_adjustments(&self, learned: Adjustments) {
        *self.inner.adjustments.lock().unwrap_or_else(PoisonError::into_inner) = learned;
    }
}

impl ChatModel for OpenAiModel {
    fn id(&self) -> &ModelId {
        &self.inner.settings.id
    }

    fn endpoint(&self) -> &str {
        &self.inner.endpoint.settings().name
    }

    /// The endpoint's address without credentials, the model's id there, and what is always put into its requests.
    fn identity(&self) -> String {
        let Inner { endpoint, settings, .. } = self.inner.as_ref();
        let identity = format!("{} {}", endpoint.settings().address, settings.remote_id);
        if settings.extra_body.is_empty() {
            identity
        } else {
            format!("{identity} {}", serde_json::Value::from(settings.extra_body.clone()))
        }
    }

    fn pricing(&self) -> Pricing {
        self.inner.settings.pricing
    }

    fn sees_images(&self) -> bool {
        self.inner.settings.sees_images
    }

    /// Asks once.
    ///
    /// # Cancel safety
    /// Dropping the stream closes the connection, whatever it is doing.
    fn stream(&self, request: ChatRequest) -> ChatStream {
        Exchange::new(self.clone(), request).into_stream()
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
