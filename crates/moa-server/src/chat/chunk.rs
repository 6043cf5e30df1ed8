//! Events of a run to chunks of the protocol.

use std::collections::HashMap;

use moa_config::ReasoningField;
use moa_core::{CallId, Event, EventKind, Failure, FinishReason, LayerIndex, LayerRole, ToolCall};
use serde_json::{Map, Value, json};

use super::reasoning;

/// What every chunk and every completion of one response has in common.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) id: String,
    pub(super) created: u64,
    pub(super) model: String,
    pub(super) fingerprint: String,
}

impl Head {
    /// The fields of an object of this kind, without its choices.
    pub(super) fn fields(&self, object: &str) -> Map<String, Value> {
        Map::from_iter([
            ("id".to_owned(), json!(self.id)),
            ("object".to_owned(), json!(object)),
            ("created".to_owned(), json!(self.created)),
            ("model".to_owned(), json!(self.model)),
            ("system_fingerprint".to_owned(), json!(self.fingerprint)),
        ])
    }

    /// A chunk.
    pub(super) fn chunk(&self, choices: Value, include_usage: bool) -> Map<String, Value> {
        let mut chunk = self.fields("chat.completion.chunk");
        chunk.insert("choices".to_owned(), choices);
        if include_usage {
            chunk.insert("usage".to_owned(), Value::Null);
        }
        chunk
    }
}

/// What an event means for a stream of chunks.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// Something of the answer, or of the reasoning before it.
    Delta(Map<String, Value>),
    /// The answer is complete.
    Finished(FinishReason),
    /// There is no answer.
    Failed(Failure),
}

/// Follows one run and says what of it belongs into the choice.
#[derive(Debug)]
pub(super) struct Follower {
    reasoning: Option<&'static str>,
    /// Whether proposals are shown: once per request, not once per choice.
    shows_proposals: bool,
    aggregator_layer: Option<LayerIndex>,
    agents: HashMap<CallId, String>,
    has_content: bool,
    tools: usize,
}

impl Follower {
    pub(super) fn new(field: ReasoningField, shows_proposals: bool) -> Self {
        Self {
            reasoning: reasoning::key(field),
            shows_proposals,
            aggregator_layer: None,
            agents: HashMap::new(),
            has_content: false,
            tools: 0,
        }
    }

    /// What the next event means, if anything.
    pub(super) fn follow(&mut self, event: &Event) -> Vec<Step> {
        match &event.kind {
            EventKind::LayerStarted { layer, role: LayerRole::Aggregator } => {
                self.aggregator_layer = Some(*layer);
                Vec::new()
            }
            EventKind::CallStarted { call, agent, task, .. } if task.is_answer() => {
                self.agents.insert(*call, agent.clone());
                Vec::new()
            }
            EventKind::CallFinished { call, outcome } if !self.is_answer(*call) && self.shows_proposals => {
                // Judgments are no proposals.
                let Some(agent) = self.agents.get(call) else { return Vec::new() };
                self.thought(&reasoning::block(call.layer.0, agent, outcome))
            }
            EventKind::CallReasoning { call, text, .. } if self.is_answer(*call) => self.thought(text),
            EventKind::CallDelta { call, text, .. } if self.is_answer(*call) => self.content(text),
            EventKind::CallTool { call, tool } if self.is_answer(*call) => {
                let place = self.tools;
                self.tools += 1;
                let mut called = tool_call(tool);
                called.insert("index".to_owned(), json!(place));
                vec![Step::Delta(Map::from_iter([("tool_calls".to_owned(), json!([called]))]))]
            }
            EventKind::RunFinished { outcome } => {
                // The answer of a stand-in that is a proposal was never told piece by piece.
                let mut steps = if self.has_content { Vec::new() } else { self.content(&outcome.answer) };
                steps.push(Step::Finished(outcome.finish_reason));
                steps
            }
            EventKind::RunFailed { failure, .. } => vec![Step::Failed(failure.clone())],
            EventKind::RunCancelled { .. } => {
                vec![Step::Failed(Failure::new(moa_core::FailureKind::Cancelled, "the run was stopped"))]
            }
            _ => Vec::new(),
        }
    }

    fn is_answer(&self, call: CallId) -> bool {
        self.aggregator_layer == Some(call.layer)
    }

    fn thought(&self, text: &str) -> Vec<Step> {
        self.reasoning.map(|key| Step::Delta(reasoning::object(key, text))).into_iter().collect()
    }

    /// A piece of the answer, without the white space that it may begin with.
    fn content(&mut self, text: &str) -> Vec<Step> {
        let text = if self.has_content { text } else { text.trim_start() };
        if text.is_empty() {
            return Vec::new();
        }
        self.has_content = true;
        vec![Step::Delta(Map::from_iter([("content".to_owned(), Value::from(text))]))]
    }
}

/// A call of a tool in the words of the protocol.
pub(super) fn tool_call(tool: &ToolCall) -> Map<String, Value> {
    Map::from_iter([
        ("id".to_owned(), json!(tool.id)),
        ("type".to_owned(), json!("function")),
        ("function".to_owned(), json!({"name": tool.name, "arguments": tool.arguments})),
    ])
}

/// The end of an answer in the words of the protocol.
pub(super) fn finish_reason(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Stop => "stop",
        FinishReason::Length => "length",
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::ContentFilter => "content_filter",
    }
}
