//! The event stream: the only thing that leaves the engine.
//!
//! Terminal, JSON, store, server and page all read these events, and nothing else tells them anything. A stored run is its
//! events.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::aggregation::{Decision, Saved};
use crate::certainty::Certainty;
use crate::content_key::ContentKey;
use crate::conversation::Conversation;
use crate::failure::Failure;
use crate::fit::Shortening;
use crate::layer::{CallId, LayerIndex, LayerRole};
use crate::lookup::Lookup;
use crate::mixture::Mixture;
use crate::model::{ChatEvent, FinishReason, Progress, Retry, Upstream};
use crate::task::CallTask;
use crate::tool::ToolCall;
use crate::usage::Usage;

/// Names one run everywhere: in events, in the store, on the command line. Sorts by time of start.
pub type RunId = Uuid;

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The run.
    pub run: RunId,
    /// Counts the events of the run from 0, without gaps.
    pub sequence: u64,
    /// Milliseconds since the run started.
    pub at_ms: f64,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
///
/// # Shape
/// A run is `RunStarted`, then per layer `LayerStarted`, the events of its calls (each call from `CallStarted` to
/// `CallFinished`), `LayerFinished`; and at the end exactly one of `RunFinished`, `RunFailed` and `RunCancelled`. A stream that
/// was dropped just ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// The run begins.
    RunStarted {
        /// What is run.
        mixture: Box<Mixture>,
        /// What was asked.
        conversation: Conversation,
        /// From which the calls' seeds are derived.
        seed: u64,
        /// When, in milliseconds since 1970 (UTC).
        started_at_unix_ms: u64,
        /// The most that the run may cost, in US dollars.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_cost_usd: Option<f64>,
        /// What the request said that nothing reads, kept for whoever wonders why it has no effect.
        #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
        unused_fields: serde_json::Map<String, serde_json::Value>,
        /// What the reader of the trace should know of how the mixture suits the request, a line each.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notes: Vec<String>,
    },
    /// A layer begins.
    LayerStarted {
        /// The layer.
        layer: LayerIndex,
        /// What it is for.
        role: LayerRole,
    },
    /// An agent is asked.
    CallStarted {
        /// The call.
        call: CallId,
        /// The agent's name.
        agent: String,
        /// The model's id.
        model: String,
        /// Where the model runs.
        endpoint: String,
        /// Names what is asked of whom; `None` where nobody could be asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<ContentKey>,
        /// What it is asked for.
        #[serde(default, skip_serializing_if = "CallTask::is_answer")]
        task: CallTask,
    },
    /// What the model is doing before its first token.
    CallProgress {
        /// The call.
        call: CallId,
        /// What it is doing.
        #[serde(flatten)]
        progress: Progress,
    },
    /// An attempt of the call failed, and another one is made.
    CallRetried {
        /// The call.
        call: CallId,
        /// What failed, and when it is tried again.
        retry: Retry,
    },
    /// The answer is late, and a second request for it is under way.
    CallHedged {
        /// The call.
        call: CallId,
    },
    /// Who answers the call.
    CallUpstream {
        /// The call.
        call: CallId,
        /// In the endpoint's own words.
        upstream: Upstream,
    },
    /// The call is answered out of the store.
    CallReused {
        /// The call.
        call: CallId,
    },
    /// The references of the call did not fit and were shortened.
    CallShortened {
        /// The call.
        call: CallId,
        /// What was cut.
        shortening: Shortening,
    },
    /// Something about the call that the reader should know.
    CallWarning {
        /// The call.
        call: CallId,
        /// In words.
        message: String,
    },
    /// The next piece of what a model thinks before it answers.
    CallReasoning {
        /// The call.
        call: CallId,
        /// Whole characters, as the model wrote them.
        text: String,
        /// The tokens that it took.
        tokens: u32,
    },
    /// A model calls a tool.
    CallTool {
        /// The call of the model.
        call: CallId,
        /// The call of the tool.
        tool: ToolCall,
    },
    /// The next piece of an answer.
    CallDelta {
        /// The call.
        call: CallId,
        /// Whole characters, as the model wrote them.
        text: String,
        /// The tokens that it took.
        tokens: u32,
    },
    /// What guessing the tokens of an answer has brought; before the call's end.
    CallLookup {
        /// The call.
        call: CallId,
        /// The figures.
        lookup: Lookup,
    },
    /// A call ended, well or not.
    CallFinished {
        /// The call.
        call: CallId,
        /// How it ended.
        outcome: CallOutcome,
    },
    /// Answers that the next layer will not read although they are whole, because they differ too much from the others.
    ProposalsSetAside {
        /// The layer.
        layer: LayerIndex,
        /// The calls.
        calls: Vec<CallId>,
    },
    /// How far the answers of a layer agree, or which share of the prompt's examples the best of them passes, and whether that is enough to leave
    /// the rest out; before the layer's end. Only where the mixture stops early.
    AgreementMeasured {
        /// The layer.
        layer: LayerIndex,
        /// From 0 to 1; nothing where there was only one answer to compare, or no example to try.
        agreement: Option<f64>,
        /// From how much on they are taken to agree.
        wanted: f64,
        /// What is left out, where they do.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        saved: Option<Saved>,
    },
    /// It was decided between the answers of a layer; before the layer's end.
    Decided {
        /// The layer.
        layer: LayerIndex,
        /// What, and why.
        decision: Decision,
    },
    /// A layer ended, well or not.
    LayerFinished {
        /// The layer.
        layer: LayerIndex,
        /// Answers that could be used, whether or not all of them were chosen (the aggregator's layer: 1 if there is an answer).
        kept: u32,
        /// Answers that were lost.
        lost: u32,
        /// From the layer's start to its end.
        wall_ms: f64,
    },
    /// The run ended with an answer.
    RunFinished {
        /// The answer and its figures.
        outcome: RunOutcome,
    },
    /// The run ended without an answer.
    RunFailed {
        /// Why.
        failure: Failure,
        /// What was consumed all the same.
        usage: Usage,
        /// From start to end.
        wall_ms: f64,
    },
    /// Somebody stopped the run.
    RunCancelled {
        /// What was consumed all the same.
        usage: Usage,
        /// From start to end.
        wall_ms: f64,
    },
}

impl EventKind {
    /// Whether nothing comes after this event.
    #[must_use]
    pub fn is_last(&self) -> bool {
        matches!(self, Self::RunFinished { .. } | Self::RunFailed { .. } | Self::RunCancelled { .. })
    }
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallStatus {
    /// Complete.
    Ok,
    /// Cut short, but used.
    Partial,
    /// The model failed.
    Failed,
    /// Given up by the engine: a deadline passed, enough others had answered, the cost cap was near, or the run was stopped.
    Dropped,
}

impl CallStatus {
    /// Whether later layers may read the answer.
    #[must_use]
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Ok | Self::Partial)
    }
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallOutcome {
    /// What became of the answer.
    pub status: CallStatus,
    /// The answer, or what there was of it, stripped of surrounding white space.
    pub text: String,
    /// What the model thought before it answered, where it tells.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reasoning: String,
    /// The tools that the model called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// Why the model ended it, if it did.
    pub finish_reason: Option<FinishReason>,
    /// Why the answer is not complete.
    pub error: Option<Failure>,
    /// What was consumed, as far as it is known.
    pub usage: Usage,
    /// How sure the model was of the answer, where it is known. Boxed, because events are kept by the thousand and this is in few of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certainty: Option<Box<Certainty>>,
    /// From the call's start to its first token.
    pub first_token_ms: Option<f64>,
    /// From the call's start to its end.
    pub wall_ms: f64,
}

impl CallOutcome {
    /// What a model would say to tell this answer again, up to its end.
    #[must_use]
    pub fn told(&self) -> Vec<ChatEvent> {
        let reasoning_tokens = self.usage.reasoning_tokens;
        let mut events = Vec::new();
        if !self.reasoning.is_empty() {
            events.push(ChatEvent::Reasoning { text: self.reasoning.clone(), tokens: reasoning_tokens });
        }
        if !self.text.is_empty() {
            let tokens = self.usage.completion_tokens.saturating_sub(reasoning_tokens);
            events.push(ChatEvent::Delta { text: self.text.clone(), tokens });
        }
        events.extend(self.tool_calls.iter().cloned().map(ChatEvent::ToolCall));
        events.extend(self.certainty.as_deref().copied().map(ChatEvent::Certainty));
        events
    }
}

/// Who stands in for an aggregator that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Fallback {
    /// Another aggregator of the mixture.
    Aggregator {
        /// Its call.
        call: CallId,
    },
    /// The proposal that agrees most with the others.
    Proposal {
        /// Its call.
        call: CallId,
    },
}

/// How a run ended that gave an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunOutcome {
    /// The answer, stripped of surrounding white space.
    pub answer: String,
    /// Why the answer ended.
    pub finish_reason: FinishReason,
    /// The tools that the aggregator called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// Whether the answer is not what the whole mixture would have given: a proposal was lost, partial or shortened, or the answer
    /// is not the aggregator's.
    pub degraded: bool,
    /// Whose answer it is, where it is not the aggregator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    /// Whose proposal the answer is, where the mixture chooses one instead of writing its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<CallId>,
    /// What all calls together consumed.
    pub usage: Usage,
    /// From the run's start to the first token of the answer.
    pub first_token_ms: Option<f64>,
    /// From start to end.
    pub wall_ms: f64,
}
