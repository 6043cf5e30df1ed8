//! Runs that have ended to one whole completion.

use moa_config::ReasoningField;
use moa_core::{LayerRole, RunEnd, Trace};
use serde_json::{Map, Value, json};

use super::chunk::{Head, finish_reason, tool_call};
use super::{reasoning, usage};
use crate::error::ApiError;
use crate::failure;

/// The completion of the given runs, one choice each.
pub(super) fn completion(
    head: &Head,
    traces: &[Trace],
    field: ReasoningField,
    is_mixture: bool,
) -> Result<Value, ApiError> {
    let mut choices = Vec::new();
    for (index, trace) in traces.iter().enumerate() {
        let outcome = match &trace.end {
            Some(RunEnd::Finished(outcome)) => outcome,
            Some(RunEnd::Failed { failure, .. }) => return Err(failure::of_run(failure, is_mixture)),
            Some(RunEnd::Cancelled { .. }) => return Err(failure::cancelled()),
            None => return Err(failure::interrupted()),
        };
        let mut message = Map::from_iter([
            ("role".to_owned(), json!("assistant")),
            ("content".to_owned(), json!(outcome.answer)),
            ("refusal".to_owned(), Value::Null),
        ]);
        if !outcome.tool_calls.is_empty() {
            let calls: Vec<_> = outcome.tool_calls.iter().map(tool_call).collect();
            message.insert("tool_calls".to_owned(), json!(calls));
            if outcome.answer.is_empty() {
                message.insert("content".to_owned(), Value::Null);
            }
        }
        if let Some(key) = reasoning::key(field) {
            let text = thoughts(trace, index == 0);
            if !text.is_empty() {
                message.insert(key.to_owned(), Value::from(text.trim_end()));
            }
        }
        choices.push(json!({
            "index": index,
            "message": message,
            "logprobs": null,
            "finish_reason": finish_reason(outcome.finish_reason),
        }));
    }
    let mut completion = head.fields("chat.completion");
    completion.insert("choices".to_owned(), json!(choices));
    completion.insert("usage".to_owned(), usage::usage(traces));
    completion.insert("moa".to_owned(), usage::account(traces));
    Ok(Value::Object(completion))
}

/// The proposals' blocks in the order of the agents, and what the aggregator thought.
fn thoughts(trace: &Trace, with_proposals: bool) -> String {
    let mut text = String::new();
    for layer in &trace.layers {
        for call in layer.answers() {
            let Some(outcome) = &call.outcome else { continue };
            match layer.role {
                LayerRole::Proposers if with_proposals => {
                    text.push_str(&reasoning::block(layer.index.0, &call.agent, outcome));
                }
                LayerRole::Proposers => {}
                LayerRole::Aggregator => text.push_str(&outcome.reasoning),
            }
        }
    }
    text
}
