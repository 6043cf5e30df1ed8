//! A model that answers as the test says, and counts how often it was asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::{StreamExt as _, stream};
use moa_core::{
    ChatEvent, ChatModel, ChatRequest, ChatStream, Failure, FinishReason, ModelId, Models, Price, Pricing,
    Usage,
};

use crate::calls::{CallBook, Calls};

type Reply = dyn Fn(&ChatRequest) -> Result<String, Failure> + Send + Sync;

pub(super) struct ScriptedModel {
    id: ModelId,
    pricing: Pricing,
    reply: Box<Reply>,
    /// What it says before it fails.
    last_words: Option<&'static str>,
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
        let (asked, seeds) = (AtomicUsize::new(0), Mutex::default());
        Arc::new(Self { id, pricing, reply, last_words: None, asked, seeds })
    }

    /// The same model, which says something before it fails.
    pub(super) fn with_last_words(self: Arc<Self>, words: &'static str) -> Arc<Self> {
        let model = Arc::into_inner(self).expect("nobody has it yet");
        Arc::new(Self { last_words: Some(words), ..model })
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
        let events: Vec<Result<ChatEvent, Failure>> = match (self.reply)(&request) {
            Ok(text) => {
                let usage = Usage { prompt_tokens: 1, completion_tokens: 2, ..Usage::default() };
                let delta = (!text.is_empty()).then_some(Ok(ChatEvent::Delta { text, tokens: 2 }));
                let end = ChatEvent::Finished { finish_reason: FinishReason::Stop, usage };
                delta.into_iter().chain([Ok(end)]).collect()
            }
            Err(failure) => {
                let words = self.last_words.map(|text| ChatEvent::Delta { text: text.to_owned(), tokens: 1 });
                words.into_iter().map(Ok).chain([Err(failure)]).collect()
            }
        };
        stream::iter(events).boxed()
    }
}

/// The models, without anything that is known of their answers.
pub(super) fn calls(models: &Models) -> Calls {
    Calls::new(models.clone(), &Arc::new(CallBook::cached(None)))
}
