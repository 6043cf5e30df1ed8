//! The body of an answer that is not streamed.

use serde_json::{Value, json};

use super::event::{INVALID, spoil};
use super::reply::Said;
use crate::script::{ReasoningForm, Rule, ToolCall, UsageAt};

/// When all answers were made, in Unix seconds: always the same, so that equal requests get equal bytes.
pub(crate) const CREATED: u64 = 1_700_000_000;

pub(crate) fn body(rule: &Rule, said: &Said) -> Vec<u8> {
    let text = if rule.response.invalid_utf8 { format!("{}{INVALID}", said.text) } else { said.text.clone() };
    let content =
        if text.is_empty() && !rule.answer.tool_calls.is_empty() { Value::Null } else { text.into() };
    let mut message = json!({ "role": "assistant", "content": content });
    if let Some(reasoning) = &said.reasoning {
        message[reasoning_field(rule)] = reasoning.as_str().into();
    }
    if !rule.answer.tool_calls.is_empty() {
        let calls = rule.answer.tool_calls.iter().enumerate();
        message["tool_calls"] = calls.map(|(index, call)| tool_call(index, call, &call.arguments)).collect();
    }
    let choice = |index| json!({ "index": index, "message": message, "logprobs": null, "finish_reason": said.finish_reason });
    let choices: Vec<Value> = (0..said.choices).map(choice).collect();
    let mut body = json!({
        "id": said.id,
        "object": "chat.completion",
        "created": CREATED,
        "model": said.model,
        "choices": choices,
    });
    if rule.answer.usage != UsageAt::Never {
        body["usage"] = usage(said, said.completion_tokens);
    }
    let mut bytes = body.to_string().into_bytes();
    if rule.response.invalid_utf8 {
        spoil(&mut bytes);
    }
    bytes
}

/// The usage after so many tokens of the completion.
pub(crate) fn usage(said: &Said, completion_tokens: u64) -> Value {
    json!({
        "prompt_tokens": said.prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": said.prompt_tokens + completion_tokens,
        "completion_tokens_details": { "reasoning_tokens": said.reasoning_tokens.min(completion_tokens) },
    })
}

pub(crate) fn reasoning_field(rule: &Rule) -> &'static str {
    match rule.answer.reasoning.as_ref().map(|reasoning| reasoning.form) {
        Some(ReasoningForm::Reasoning) => "reasoning",
        _ => "reasoning_content",
    }
}

pub(crate) fn tool_call(index: usize, call: &ToolCall, arguments: &str) -> Value {
    let id = call.id.clone().unwrap_or_else(|| format!("call_{}", index + 1));
    json!({ "id": id, "type": "function", "function": { "name": call.name, "arguments": arguments } })
}
