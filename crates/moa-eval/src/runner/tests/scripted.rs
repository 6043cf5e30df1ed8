//! A model that answers as the test says, and counts how often it was asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::{StreamExt as _, stream};
use moa_core::{
    ChatEvent, ChatModel, ChatRequest, ChatStream, Failure, FinishReason, ModelId, Price, Pricing, Usage,
};

type Reply = dyn Fn(&ChatRequest) -> Result<String, Failure> + Send + Sync;

pub(super) struct ScriptedModel {
    id: ModelId,
    pricing: Pricing,
    reply: Box<Reply>,
    pub(super) asked: AtomicUsize,
    pub(super) seeds: Mutex<Vec<Option<u64>>>,
}

impl ScriptedModel {
    pub(super) fn new(
        id: &str,
        reply: impl Fn(&ChatRequest) -> Result<String, Failure> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::priced(id, Pricing::Free, reply)
    }

    pub(super) fn priced(
        id: &str,
        pricing: Pricing,
        reply: impl Fn(&ChatRequest) -> Result<String, Failure> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let (id, reply) = (ModelId::new(id), Box::new(reply));
        Arc::new(Self { id, pricing, reply, asked: AtomicUsize::new(0), seeds: Mutex::default() })
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// One dollar a token, read or written.
pub(super) fn dollar() -> Pricing {
    Pricing::Known(Price { input_usd: 1e6, cached_input_usd: None, output_usd: 1e6 })
}

impl ChatModel for ScriptedModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn endpoint(&self) -> &'static str {
        "test"
    }

    fn identity(&self) -> String {
        format!("test:{}", self.id)
    }

    fn pricing(&self) -> Pricing {
        self.pricing
    }

    fn stream(&self, request: ChatRequest) -> ChatStream {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.seeds.lock().unwrap().push(request.sampling.seed);
        let events = match (self.reply)(&request) {
            Ok(text) => {
                let usage = Usage { prompt_tokens: 1, completion_tokens: 2, ..Usage::default() };
                let delta = (!text.is_empty()).then_some(Ok(ChatEvent::Delta { text, tokens: 2 }));
                let end = ChatEvent::Finished { finish_reason: FinishReason::Stop, usage };
                delta.into_iter().chain([Ok(end)]).collect()
            }
            Err(failure) => vec![Err(failure)],
        };
        stream::iter(events).boxed()
    }
}
