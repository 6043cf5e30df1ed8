//! Mixture-of-Agents: the domain, and the engine that runs a mixture over any chat model.
//!
//! Several agents answer a conversation; layer by layer each agent reads the answers of the layer before; one aggregator writes
//! the final answer. [`Mixture`] says who is asked, [`ChatModel`] is who answers, and [`run`] gives a stream of
//! [`Event`]s, which is all that anybody ever learns of a run.
//!
//! Nothing here knows HTTP, SQL, files or foreign code.

mod agent;
mod aggregation;
mod certainty;
mod comparing;
mod content_key;
mod conversation;
mod engine;
mod event;
pub mod extraction;
mod failure;
mod fence;
mod fit;
mod growing_answers;
mod image;
mod layer;
mod lookup;
mod milliseconds;
mod mixture;
mod model;
mod outlier;
mod price;
mod prompt;
mod ranking;
mod reference;
mod replay;
mod request_kind;
mod reuse;
mod sampling;
mod similarity;
mod synthesis;
mod task;
mod thinking;
mod token_estimate;
mod tool;
mod trace;
mod trial;
mod usage;
mod watcher;

pub use agent::{Agent, ModelId};
pub use aggregation::{
    Aggregation, AgreedAnswer, AgreementMeasure, Ballot, CertaintyMeasure, Choosing, ChoosingKind, Decision,
    EarlyStop, Judged, RankMethod, Saved,
};
pub use certainty::Certainty;
pub use content_key::{ContentKey, ConversationDigest, KeyedContent};
pub use conversation::{Conversation, Message, Role};
pub use engine::{JudgeQuestion, Models, RunRequest, RunSeed, judge_questions, run};
pub use event::{CallOutcome, CallStatus, Event, EventKind, Fallback, RunId, RunOutcome};
pub use failure::{Failure, FailureKind, RetryAdvice};
pub use fit::{Fitted, ShortenedReference, Shortening, fit, overflow};
pub use growing_answers::{GrowingAnswer, GrowingAnswers, Growth, Peers};
pub use image::Image;
pub use layer::{CallId, Layer, LayerIndex, LayerRole};
pub use lookup::Lookup;
pub use mixture::{AggregatorFailure, Mixture, MixtureError, PartialAnswers, ReferenceSettings};
pub use model::{
    ChatEvent, ChatModel, ChatRequest, ChatStream, FinishReason, Progress, ReadAhead, Retry, TokenLogprob,
    TokenLogprobs, Upstream,
};
pub use price::{Price, Pricing};
pub use prompt::Prompt;
pub use reference::Reference;
pub use replay::ReplayModel;
pub use request_kind::RequestKind;
pub use reuse::{AnswerSource, reusing};
pub use sampling::Sampling;
pub use similarity::similarity;
pub use synthesis::{SynthesisError, SynthesisTemplate};
pub use task::CallTask;
pub use token_estimate::{estimated_prompt_tokens, estimated_tokens, most_prompt_tokens};
pub use tool::{ToolCall, Tools};
pub use trace::{CallTrace, LayerAgreement, LayerTrace, RunEnd, RunStart, Trace};
pub use trial::{CandidateRunner, Example, ExampleOutcome, ExampleRun, Expected, Trial, TrialReport};
pub use usage::Usage;
pub use watcher::{TraceContext, Watcher, Watchers};
