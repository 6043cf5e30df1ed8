//! Mixture-of-Agents: the domain, and the engine that runs a mixture over any chat model.
//!
//! Several agents answer a conversation; layer by layer each agent reads the answers of the layer before; one aggregator writes
//! the final answer. [`Mixture`] says who is asked, [`ChatModel`] is who answers, and [`run`] gives a stream of
//! [`Event`]s, which is all that anybody ever learns of a run.
//!
//! Nothing here knows HTTP, SQL, files or foreign code.

mod agent;
mod conversation;
mod engine;
mod event;
mod failure;
mod fit;
mod layer;
mod milliseconds;
mod mixture;
mod model;
mod prompt;
mod reference;
mod replay;
mod sampling;
mod synthesis;
mod trace;
mod usage;

pub use agent::{Agent, ModelId};
pub use conversation::{Conversation, Message, Role};
pub use engine::{Models, RunRequest, run};
pub use event::{CallOutcome, CallStatus, Event, EventKind, RunId, RunOutcome};
pub use failure::{Failure, FailureKind};
pub use fit::{Fitted, ShortenedReference, Shortening, fit, overflow};
pub use layer::{CallId, Layer, LayerIndex, LayerRole};
pub use mixture::{Mixture, MixtureError, PartialAnswers};
pub use model::{ChatEvent, ChatModel, ChatRequest, ChatStream, FinishReason, Progress};
pub use prompt::Prompt;
pub use reference::Reference;
pub use replay::ReplayModel;
pub use sampling::Sampling;
pub use synthesis::{SynthesisError, SynthesisTemplate};
pub use trace::{CallTrace, LayerTrace, RunEnd, RunStart, Trace};
pub use usage::Usage;
