//! A model that follows a script for each of its calls, and keeps when it was asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_stream::stream;
use futures::StreamExt;
use moa_core::{
    ChatEvent, ChatModel, ChatRequest, ChatStream, Failure, FailureKind, FinishReason, ModelId, Price,
    Pricing, Usage,
};
use tokio::time::{Instant, sleep};

#[derive(Clone)]
pub(super) enum Step {
    Say(&'static str),
    Tell(ChatEvent),
    Wait(Duration),
    Hang,
    Fail(Failure),
    /// Ends without having finished.
    Cut,
    /// Finishes with this many tokens read and none written.
    End(u32),
}

type Script = Box<dyn Fn(usize) -> Vec<Step> + Send + Sync>;

pub(super) struct Scripted {
    id: ModelId,
    script: Script,
    /// When each request came.
    pub(super) asked: Mutex<Vec<Instant>>,
    open: Arc<AtomicUsize>,
    pricing: Pricing,
}

struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Scripted {
    /// A model whose n-th request, counted from 0, goes as `script` says.
    pub(super) fn new(script: impl Fn(usize) -> Vec<Step> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            id: "m".into(),
            script: Box::new(script),
            asked: Mutex::default(),
            open: Arc::default(),
            pricing: Pricing::Free,
        })
    }

    /// The same model, which costs a dollar for each token.
    pub(super) fn at_a_dollar_a_token(self: Arc<Self>) -> Arc<Self> {
        let price = Price { input_usd: 1e6, cached_input_usd: None, output_usd: 1e6 };
        let model = Arc::into_inner(self).expect("nobody has it yet");
        Arc::new(Self { pricing: Pricing::Known(price), ..model })
    }

    /// A model whose requests all go the same way.
    pub(super) fn always(steps: &[Step]) -> Arc<Self> {
        let steps = steps.to_vec();
        Self::new(move |_| steps.clone())
    }

    /// How often it was asked.
    pub(super) fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// When it was asked, in whole milliseconds since `start`.
    pub(super) fn asked_ms(&self, start: Instant) -> Vec<u64> {
        let since = |at: &Instant| u64::try_from(at.duration_since(start).as_millis()).unwrap();
        self.asked.lock().unwrap().iter().map(since).collect()
    }

    /// Streams that are still there.
    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

impl ChatModel for Scripted {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn endpoint(&self) -> &'static str {
        "script"
    }

    fn identity(&self) -> String {
        "script:m".to_owned()
    }

    fn pricing(&self) -> Pricing {
        self.pricing
    }

    fn stream(&self, _request: ChatRequest) -> ChatStream {
        let number = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(Instant::now());
            asked.len() - 1
        };
        self.open.fetch_add(1, Ordering::SeqCst);
        let open = Open(Arc::clone(&self.open));
        let mut steps = (self.script)(number);
        steps.push(Step::End(1));
        stream! {
            let _open = open;
            for step in steps {
                match step {
                    Step::Say(text) => yield Ok(ChatEvent::Delta { text: text.to_owned(), tokens: 1 }),
                    Step::Tell(event) => yield Ok(event),
                    Step::Wait(time) => sleep(time).await,
                    Step::Hang => std::future::pending().await,
                    Step::Fail(failure) => {
                        yield Err(failure);
                        return;
                    }
                    Step::Cut => return,
                    Step::End(prompt_tokens) => {
                        let usage = Usage { prompt_tokens, ..Usage::default() };
                        yield Ok(ChatEvent::Finished { finish_reason: FinishReason::Stop, usage });
                        return;
                    }
                }
            }
        }
        .boxed()
    }
}

pub(super) fn fail(kind: FailureKind) -> Step {
    Step::Fail(Failure::new(kind, "as scripted"))
}
