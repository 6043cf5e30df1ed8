//! A model that follows a script, and keeps what it was asked.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::{StreamExt, stream};

use crate::agent::ModelId;
use crate::certainty::Certainty;
use crate::failure::{Failure, FailureKind};
use crate::fit::Shortening;
use crate::model::{
    ChatEvent, ChatModel, ChatRequest, ChatStream, FinishReason, Retry, TokenLogprob, TokenLogprobs,
};
use crate::price::{Price, Pricing};
use crate::tool::ToolCall;
use crate::usage::Usage;

#[derive(Clone)]
pub(super) enum Step {
    Say(&'static str),
    /// Waits in virtual time.
    Wait(Duration),
    /// Waits until as many calls as the barrier counts have come here.
    Meet(Arc<tokio::sync::Barrier>),
    Shorten,
    /// Says how sure it was: the mean log-probability.
    Trust(f64),
    /// Tells the log-probability of a token, as an endpoint does.
    Logprob(f64),
    Hang,
    /// Calls a tool.
    Call(&'static str),
    Fail(&'static str),
    FailAs(FailureKind),
    /// Says what was consumed so far: tokens read, tokens written.
    Consume(u32, u32),
    /// An attempt failed, and another one begins.
    Retry,
    /// Ends the stream without a word about that.
    Stop,
    /// Ends the answer because its tokens are used up.
    RunOut,
    End,
}

pub(super) struct Scripted {
    id: ModelId,
    steps: Vec<Step>,
    pricing: Pricing,
    pub(super) requests: Mutex<Vec<ChatRequest>>,
    pub(super) open_streams: Arc<AtomicUsize>,
}

/// Counts a stream as open until it is dropped.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Scripted {
    pub(super) fn new(id: &str, steps: &[Step]) -> Arc<Self> {
        Self::build(id, steps, Pricing::Free)
    }

    fn build(id: &str, steps: &[Step], pricing: Pricing) -> Arc<Self> {
        Arc::new(Self {
            pricing,
            id: id.into(),
            steps: steps.to_vec(),
            requests: Mutex::default(),
            open_streams: Arc::default(),
        })
    }

    /// A model that says one thing, at a million dollars for a million tokens: a dollar for each of the 7 that it reads and writes.
    pub(super) fn selling(id: &str, text: &'static str) -> Arc<Self> {
        Self::selling_steps(id, &[Step::Say(text)])
    }

    /// The same for a model that does more than to say one thing.
    pub(super) fn selling_steps(id: &str, steps: &[Step]) -> Arc<Self> {
        let price = Price { input_usd: 1e6, cached_input_usd: None, output_usd: 1e6 };
        Self::build(id, steps, Pricing::Known(price))
    }

    /// A model of which nobody knows what it costs.
    pub(super) fn of_unknown_price(id: &str) -> Arc<Self> {
        Self::build(id, &[Step::Say("x")], Pricing::Unknown)
    }

    /// A model that says one thing.
    pub(super) fn saying(id: &str, text: &'static str) -> Arc<Self> {
        Self::new(id, &[Step::Say(text)])
    }

    pub(super) fn requests(&self) -> Vec<ChatRequest> {
        self.requests.lock().unwrap().clone()
    }

    /// The system message of the n-th request, if it had one.
    pub(super) fn system_message(&self, n: usize) -> Option<String> {
        let rendered = self.requests()[n].prompt.render().unwrap();
        let first = rendered.messages()[0].clone();
        (first.role == crate::conversation::Role::System).then(|| super::listed(&first.content))
    }
}

fn finished(finish_reason: FinishReason) -> ChatEvent {
    let usage = Usage { prompt_tokens: 5, completion_tokens: 2, ..Usage::default() };
    ChatEvent::Finished { finish_reason, usage }
}

impl ChatModel for Scripted {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn endpoint(&self) -> &'static str {
        "script"
    }

    fn identity(&self) -> String {
        format!("script:{}", self.id)
    }

    fn pricing(&self) -> Pricing {
        self.pricing
    }

    fn stream(&self, request: ChatRequest) -> ChatStream {
        self.requests.lock().unwrap().push(request);
        self.open_streams.fetch_add(1, Ordering::SeqCst);
        let open = Open(Arc::clone(&self.open_streams));
        let mut steps = self.steps.clone();
        steps.push(Step::End);
        let script = stream::unfold((open, steps.into_iter()), |(open, mut steps)| async move {
            let item = loop {
                match steps.next()? {
                    Step::Say(text) => break Ok(ChatEvent::Delta { text: text.to_owned(), tokens: 1 }),
                    Step::Wait(time) => tokio::time::sleep(time).await,
                    Step::Meet(barrier) => {
                        barrier.wait().await;
                    }
                    Step::Shorten => {
                        break Ok(ChatEvent::Shortened(Shortening {
                            original_tokens: 20,
                            fitted_tokens: 9,
                            limit_tokens: 10,
                            references: vec![],
                        }));
                    }
                    Step::Trust(mean_logprob) => {
                        break Ok(ChatEvent::Certainty(Certainty {
                            tokens: 1,
                            mean_logprob,
                            mean_entropy: None,
                        }));
                    }
                    Step::Logprob(logprob) => {
                        let written = TokenLogprob { token: "x".to_owned(), logprob };
                        break Ok(ChatEvent::Logprobs(vec![TokenLogprobs { written, top_logprobs: vec![] }]));
                    }
                    Step::Call(name) => {
                        let (id, name, arguments) = ("1".to_owned(), name.to_owned(), "{}".to_owned());
                        break Ok(ChatEvent::ToolCall(ToolCall { id, name, arguments }));
                    }
                    Step::Hang => std::future::pending().await,
                    Step::Fail(message) => break Err(Failure::new(FailureKind::ModelError, message)),
                    Step::FailAs(kind) => break Err(Failure::new(kind, "as scripted")),
                    Step::Consume(prompt_tokens, completion_tokens) => {
                        let usage = Usage { prompt_tokens, completion_tokens, ..Usage::default() };
                        break Ok(ChatEvent::Consumed(usage));
                    }
                    Step::Retry => {
                        let failure = Failure::new(FailureKind::ServerError, "as scripted");
                        break Ok(ChatEvent::Retrying(Retry { attempt: 1, failure, wait: Duration::ZERO }));
                    }
                    Step::Stop => return None,
                    Step::End => break Ok(finished(FinishReason::Stop)),
                    Step::RunOut => break Ok(finished(FinishReason::Length)),
                }
            };
            Some((item, (open, steps)))
        });
        // A failed stream ends, as the contract of `ChatModel::stream` says.
        let mut failed = false;
        script
            .take_while(move |item| {
                let go_on = !failed;
                failed |= item.is_err();
                std::future::ready(go_on)
            })
            .boxed()
    }
}
