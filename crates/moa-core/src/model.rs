//! The one thing that an engine needs of a model: that it answers a prompt in a stream.

use std::pin::Pin;

use futures::Stream;
use serde::{Deserialize, Serialize};

use crate::agent::ModelId;
use crate::failure::Failure;
use crate::fit::Shortening;
use crate::layer::CallId;
use crate::prompt::Prompt;
use crate::sampling::Sampling;
use crate::usage::Usage;

/// A model that answers prompts: in this process, behind an endpoint, or out of a stored run.
pub trait ChatModel: Send + Sync {
    /// The name under which the configuration knows the model.
    fn id(&self) -> &ModelId;

    /// Where the model runs: `local`, or the endpoint's name. Shown in traces.
    fn endpoint(&self) -> &str;

    /// Starts to answer.
    ///
    /// The stream gives any number of [`ChatEvent`]s, the last of which is [`ChatEvent::Finished`] or an error; after that it
    /// ends. Work begins when the stream is first polled or earlier.
    ///
    /// # Cancel safety
    /// Dropping the stream stops the work: a local model stops before its next decode call, a remote one loses its connection.
    fn stream(&self, request: ChatRequest) -> ChatStream;
}

/// What a model answers with.
pub type ChatStream = Pin<Box<dyn Stream<Item = Result<ChatEvent, Failure>> + Send>>;

/// One question to one model.
#[derive(Debug, Clone)]
pub struct ChatRequest {
    /// Which call of the run this is.
    pub call: CallId,
    /// The conversation and the references.
    pub prompt: Prompt,
    /// How the next token is chosen; the seed is set.
    pub sampling: Sampling,
    /// The most tokens to write.
    pub max_tokens: u32,
}

/// What a model reports while it answers.
#[derive(Debug, Clone, PartialEq)]
pub enum ChatEvent {
    /// What the model is doing before or between tokens.
    Progress(Progress),
    /// The references did not fit the context and were shortened.
    Shortened(Shortening),
    /// Something that the reader should know, such as a chat template that had to be replaced.
    Warning(String),
    /// The next piece of the answer. Always whole characters, never empty.
    Delta {
        /// The text.
        text: String,
        /// The tokens that it took; more than one where they arrived together, 0 where the endpoint does not say.
        tokens: u32,
    },
    /// The answer is complete.
    Finished {
        /// Why it ended.
        finish_reason: FinishReason,
        /// What it consumed.
        usage: Usage,
    },
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
    /// It waits for a place among the sequences of its model.
    Queued,
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
}
