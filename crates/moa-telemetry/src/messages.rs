//! What was said, in the form that the conventions give to messages. Only told where somebody asked for it.

use moa_core::{Conversation, ToolCall};
use serde_json::{Value, json};

/// The messages of a conversation. Images are named, not carried.
pub(crate) fn input(conversation: &Conversation) -> String {
    let messages: Vec<Value> = conversation
        .messages()
        .iter()
        .map(|message| json!({"role": message.role.as_str(), "parts": parts(&message.content, &message.tool_calls, message.images.len())}))
        .collect();
    Value::Array(messages).to_string()
}

/// An answer.
pub(crate) fn output(text: &str, tool_calls: &[ToolCall], finish_reason: &str) -> String {
    json!([{"role": "assistant", "parts": parts(text, tool_calls, 0), "finish_reason": finish_reason}])
        .to_string()
}

fn parts(text: &str, tool_calls: &[ToolCall], images: usize) -> Vec<Value> {
    let mut parts = Vec::new();
    if !text.is_empty() {
        parts.push(json!({"type": "text", "content": text}));
    }
    parts.extend((0..images).map(|_| json!({"type": "image"})));
    parts.extend(tool_calls.iter().map(
        |call| json!({"type": "tool_call", "id": call.id, "name": call.name, "arguments": call.arguments}),
    ));
    parts
}
