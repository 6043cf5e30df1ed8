//! The one thing that an engine needs of a model: that it answers a prompt in a stream.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use serde::{Deserialize, Serialize};

use crate::agent::ModelId;
use crate::certainty::Certainty;
use crate::content_key::{ContentKey, KeyedContent};
use crate::event::RunId;
use crate::failure::Failure;
use crate::fit::Shortening;
use crate::growing_answers::Peers;
use crate::layer::CallId;
use crate::lookup::Lookup;
use crate::price::Pricing;
use crate::prompt::Prompt;
use crate::sampling::Sampling;
use crate::tool::{ToolCall, Tools};
use crate::usage::Usage;

/// A model that answers prompts: in this process, behind an endpoint, or out of a stored run.
pub trait ChatModel: Send + Sync {
    /// The name under which the configuration knows the model.
    fn id(&self) -> &ModelId;

    /// Where the model runs: `local`, or the endpoint's name. Shown in traces.
    fn endpoint(&self) -> &str;

    /// What tells this model from every other one, wherever it is configured and under whatever name: part of a call's
    /// [content key](crate::ContentKey). A file's path and size, an endpoint's address and the model's id there.
    fn identity(&self) -> String;

    /// What asking the model costs. Nothing, unless somebody else's machine answers.
    fn pricing(&self) -> Pricing {
        Pricing::Free
    }

    /// Whether the model can see images. Those of a conversation are left out for a model that cannot, and a warning is given.
    fn sees_images(&self) -> bool {
        false
    }

    /// Starts to answer.
    ///
    /// The stream gives any number of [`ChatEvent`]s, the last of which is [`ChatEvent::Finished`] or an error; after that it
    /// ends. Work begins when the stream is first polled or earlier.
    ///
    /// # Cancel safety
    /// Dropping the stream stops the work: a local model stops before its next decode call, a remote one loses its connection.
    fn stream(&self, request: ChatRequest) -> ChatStream;

    /// Reads the beginning of a prompt that will be put later. Its last reference is still being written: it will go on, and others will
    /// follow. Whatever is the same then need not be read again. `max_tokens` is what the answer may have.
    ///
    /// # Cancel safety
    /// Dropping the result stops the reading; what was read so far is kept.
    fn read_ahead(&self, _prompt: Prompt, _max_tokens: u32) -> ReadAhead {
        ReadAhead::Never
    }
}

/// What becomes of a wish that a model reads ahead.
pub enum ReadAhead {
    /// The model does not do that, as behind an endpoint.
    Never,
    /// It cannot now, because it is not loaded or has too much to do.
    NotNow,
    /// It reads until this is dropped.
    Reading(Box<dyn std::any::Any + Send>),
}

/// What a model answers with.
pub type ChatStream = Pin<Box<dyn Stream<Item = Result<ChatEvent, Failure>> + Send>>;

/// One question to one model.
#[derive(Debug, Clone)]
pub struct ChatRequest {
    /// The run, where it is asked in one: models that cannot answer all at once let runs take turns.
    pub run: Option<RunId>,
    /// Which call of the run this is.
    pub call: CallId,
    /// The conversation and the references.
    pub prompt: Prompt,
    /// How the next token is chosen; the seed is set.
    pub sampling: Sampling,
    /// The most tokens to write.
    pub max_tokens: u32,
    /// The tools that may be called.
    pub tools: Option<Arc<Tools>>,
    /// The form that the answer must have, in the words of the `OpenAI` protocol (`response_format`).
    pub response_format: Option<Arc<serde_json::Value>>,
    /// Names what is asked of whom: equal for equal questions to one model, in whatever run.
    pub key: ContentKey,
    /// Whether no more may be spent than what one request costs: only that was set aside of the run's cap.
    pub pays_once: bool,
    /// So many of the likeliest tokens are to be told at each place, with their log-probabilities ([`ChatEvent::Logprobs`]). Runs ask for
    /// none; judges of evaluations do.
    pub top_logprobs: Option<u8>,
    /// What others write in answer to the same question: no part of it, but a help to models that guess how their answer goes on.
    pub peers: Option<Peers>,
    /// Whether it is to be told how sure the model was. Models of this machine always tell it ([`ChatEvent::Certainty`]); an endpoint is asked
    /// for the probabilities of what it writes ([`ChatEvent::Logprobs`]).
    pub wants_certainty: bool,
}

impl ChatRequest {
    /// A question outside of any run: no tools, any form of answer, and a key that names the question alone.
    #[must_use]
    pub fn alone(call: CallId, prompt: Prompt, sampling: Sampling, max_tokens: u32) -> Self {
        let key = ContentKey::of(&KeyedContent {
            model: "",
            conversation: prompt.digest(),
            sampling: &sampling,
            run_seed: None,
            sample: 0,
            max_tokens,
            tools: None,
            response_format: None,
        });
        Self {
            run: None,
            call,
            prompt,
            sampling,
            max_tokens,
            tools: None,
            response_format: None,
            key,
            pays_once: false,
            top_logprobs: None,
            peers: None,
            wants_certainty: false,
        }
    }
}

/// What a model reports while it answers.
#[derive(Debug, Clone, PartialEq)]
pub enum ChatEvent {
    /// What the model is doing before or between tokens.
    Progress(Progress),
    /// An attempt failed, and another one is made after a while. Nothing of the answer was reported before it.
    Retrying(Retry),
    /// The answer is late, and a second request for it is under way; whichever answers first is taken.
    Hedged,
    /// Who answers, behind an endpoint that says so.
    Upstream(Upstream),
    /// The answer comes out of the store and costs nothing.
    Reused,
    /// The references did not fit the context and were shortened.
    Shortened(Shortening),
    /// Something that the reader should know, such as a chat template that had to be replaced.
    Warning(String),
    /// The next piece of what the model thinks before it answers: shown, but no part of the answer. Never empty.
    Reasoning {
        /// The text.
        text: String,
        /// The tokens that it took; 0 where the endpoint does not say.
        tokens: u32,
    },
    /// The next piece of the answer. Always whole characters, never empty.
    Delta {
        /// The text.
        text: String,
        /// The tokens that it took; more than one where they arrived together, 0 where the endpoint does not say.
        tokens: u32,
    },
    /// How likely tokens of the answer were, in their order; told before the text that they are. Only where the request asks for it, and
    /// where the model can.
    Logprobs(Vec<TokenLogprobs>),
    /// A tool is called; complete.
    ToolCall(ToolCall),
    /// How sure the model was of all that it wrote; told before the end, by a model that knows.
    Certainty(Certainty),
    /// What guessing tokens has brought; told before the end, by a model that did.
    Lookup(Lookup),
    /// What has been consumed so far of what somebody must pay for, as the endpoint tells it before the end; attempts that failed are in it.
    /// A later one takes its place, and so does the usage of `Finished`: it counts where the answer breaks off.
    Consumed(Usage),
    /// The answer is complete.
    Finished {
        /// Why it ended.
        finish_reason: FinishReason,
        /// What it consumed.
        usage: Usage,
    },
}

impl ChatEvent {
    /// Whether this is a piece of the answer or of the thoughts before it: something that cannot be taken back once it was told.
    #[must_use]
    pub fn is_content(&self) -> bool {
        matches!(self, Self::Reasoning { .. } | Self::Delta { .. } | Self::Logprobs(_) | Self::ToolCall(_))
    }
}

/// How likely a token was, in the words of the `OpenAI` protocol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenLogprob {
    /// The token's text.
    pub token: String,
    /// The natural logarithm of its probability.
    pub logprob: f64,
}

/// A token that was written, and what could have been written in its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenLogprobs {
    /// The token that was written.
    #[serde(flatten)]
    pub written: TokenLogprob,
    /// The likeliest tokens at this place, best first.
    #[serde(default)]
    pub top_logprobs: Vec<TokenLogprob>,
}

/// An attempt that failed and is made again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retry {
    /// The attempt that failed, counted from 1.
    pub attempt: u32,
    /// Why it failed.
    pub failure: Failure,
    /// How long the next one is put off.
    #[serde(with = "crate::milliseconds::required", rename = "wait_ms")]
    pub wait: Duration,
}

/// Who answers a request, in the endpoint's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    /// The model that the endpoint says it used, where it differs from the one that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The replica of the endpoint, where it has several: its address without credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica: Option<String>,
    /// The endpoint's own name for the request, for its operator's logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// What a model is doing before its first token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Progress {
    /// Its weights are being read.
    Loading {
        /// Done, in percent.
        percent: u8,
    },
    /// It waits for a place: among the sequences of its model, or within the limits of its endpoint.
    Queued,
    /// It waits for the endpoint, which was asked.
    Waiting,
    /// It reads the prompt.
    Prefill {
        /// Tokens read so far, those taken from the cache included.
        done_tokens: u32,
        /// Tokens of the prompt.
        total_tokens: u32,
        /// Tokens that were already in the cache.
        cached_tokens: u32,
    },
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model ended it, or a stop text was met.
    Stop,
    /// The token cap was reached.
    Length,
    /// The model calls tools and waits for their results.
    ToolCalls,
    /// The endpoint cut the answer because of what it says.
    ContentFilter,
}
