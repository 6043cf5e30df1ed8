//! Models that are right as often as a test says, and items whose answers are numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _, stream};
use moa_core::extraction::{AnswerForm, number};
use moa_core::{
    Agent, Certainty, ChatEvent, ChatModel, ChatRequest, ChatStream, Conversation, Failure, FinishReason,
    ModelId, Models, Usage,
};
use tokio_util::sync::CancellationToken;

use crate::calibration::{Item, Roster, Settings};

type Reply = dyn Fn(&Asked<'_>) -> String + Send + Sync;

/// What a scripted model is asked.
pub(super) struct Asked<'a> {
    /// The number of the item.
    pub(super) number: u64,
    pub(super) request: &'a ChatRequest,
}

impl Asked<'_> {
    /// Chance that always falls the same way: whether it is below so many of a hundred, for this model, item and sample.
    pub(super) fn is_below(&self, percent: u64, salt: u64) -> bool {
        let seed =
            if self.request.sampling.temperature > 0.0 { self.request.sampling.seed.unwrap_or(0) } else { 0 };
        let mixed = [self.number, salt, seed].iter().fold(0x9E37_79B9_7F4A_7C15_u64, |state, value| {
            let state = (state ^ value).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            state ^ (state >> 29)
        });
        mixed % 100 < percent
    }
}

pub(super) struct ScriptedModel {
    id: ModelId,
    reply: Box<Reply>,
    tokens: u32,
    pub(super) asked: AtomicUsize,
}

impl ScriptedModel {
    /// A model whose answers have so many tokens.
    pub(super) fn new(
        id: &str,
        tokens: u32,
        reply: impl Fn(&Asked<'_>) -> String + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { id: ModelId::new(id), reply: Box::new(reply), tokens, asked: AtomicUsize::new(0) })
    }

    /// A model that is right so often, each sample by itself, and otherwise wrong in a way of its own.
    pub(super) fn right(id: &str, percent: u64, tokens: u32, salt: u64) -> Arc<Self> {
        Self::new(id, tokens, move |asked| {
            let answer = if asked.is_below(percent, salt) {
                asked.number
            } else {
                1000 + asked.request.sampling.seed.unwrap_or(0) % 50 * 7 + salt
            };
            format!("#### {answer}")
        })
    }
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

    fn stream(&self, request: ChatRequest) -> ChatStream {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let question = request.prompt.conversation().messages().last().map(|message| message.content.clone());
        let number = question
            .and_then(|text| text.split_whitespace().last()?.trim_end_matches('?').parse().ok())
            .unwrap_or(0);
        let text = (self.reply)(&Asked { number, request: &request });
        let usage = Usage { prompt_tokens: 10, completion_tokens: self.tokens, ..Usage::default() };
        let certainty = Certainty { tokens: 1, mean_logprob: -0.5, mean_entropy: Some(0.4) };
        let delta = (!text.is_empty()).then_some(ChatEvent::Delta { text, tokens: self.tokens });
        let end = [
            ChatEvent::Certainty(certainty),
            ChatEvent::Finished { finish_reason: FinishReason::Stop, usage },
        ];
        let events: Vec<Result<ChatEvent, Failure>> = delta.into_iter().chain(end).map(Ok).collect();
        stream::iter(events).boxed()
    }
}

/// So many items; the answer of each is the number in it.
pub(super) fn items(count: usize) -> Vec<Item> {
    let item = |place: usize| {
        Item::new(
            "t",
            format!("q{place}"),
            Conversation::ask(format!("How many are {place}?")),
            AnswerForm::Number,
        )
    };
    (0..count).map(item).collect()
}

pub(super) fn roster(models: &[&Arc<ScriptedModel>]) -> (Roster, Models) {
    let roster = Roster {
        worth_sampling: models.len(),
        agents: models.iter().map(|model| Agent::new(model.id().to_string(), 20)).collect(),
        temperatures: vec![0.7],
        samples: 5,
        forms: vec![AnswerForm::Number],
        seed: 0,
        tells_certainty: true,
        writes_programs: false,
    };
    let known =
        models.iter().fold(Models::new(), |known, model| known.with(Arc::clone(model) as Arc<dyn ChatModel>));
    (roster, known)
}

pub(super) fn settings() -> Settings {
    Settings {
        finalists: 3,
        most_asking: 12,
        concurrency: 4,
        budget: None,
        most_usd: None,
        known_seconds: std::collections::BTreeMap::new(),
        cancel: CancellationToken::new(),
    }
}

/// Right is the number of the item.
pub(super) fn mark<'a>(item: &'a Item, text: &'a str) -> BoxFuture<'a, Result<bool, Failure>> {
    let expected = item.id.trim_start_matches('q');
    async move { Ok(number(text).is_some_and(|found| found.to_string() == expected)) }.boxed()
}
