//! Messages as the protocol writes them.

use moa_core::{Conversation, Image, Message, Role, ToolCall};
use serde_json::{Value, json};

use crate::dialect::SystemRole;

/// The messages of `conversation`, oldest first.
pub(super) fn messages(conversation: &Conversation, system_role: SystemRole) -> Vec<Value> {
    let write = |conversation: &Conversation| {
        conversation.messages().iter().map(|message| written(message, system_role)).collect()
    };
    match system_role {
        SystemRole::InUserMessage => write(&conversation.without_system_role()),
        SystemRole::System | SystemRole::Developer => write(conversation),
    }
}

fn written(message: &Message, system_role: SystemRole) -> Value {
    let role = match (message.role, system_role) {
        (Role::System, SystemRole::Developer) => "developer",
        (role, _) => role.as_str(),
    };
    let mut written = json!({"role": role, "content": content(message)});
    if !message.tool_calls.is_empty() {
        written["tool_calls"] = message.tool_calls.iter().map(tool_call).collect();
        if message.content.is_empty() {
            written["content"] = Value::Null;
        }
    }
    if let Some(id) = &message.tool_call_id {
        written["tool_call_id"] = json!(id);
    }
    written
}

/// The text, or the text in parts with the images at their places.
fn content(message: &Message) -> Value {
    let text = message.content.as_str();
    if message.images.is_empty() {
        return json!(text);
    }
    let mut images: Vec<&Image> = message.images.iter().collect();
    images.sort_by_key(|image| image.position_bytes);
    let mut parts = Vec::new();
    let mut written_bytes = 0;
    for image in images {
        let place = text.floor_char_boundary(image.position_bytes);
        push_text(&mut parts, text.get(written_bytes..place).unwrap_or_default());
        written_bytes = place;
        let mut source = json!({"url": image.url});
        if let Some(detail) = &image.detail {
            source["detail"] = json!(detail);
        }
        parts.push(json!({"type": "image_url", "image_url": source}));
    }
    push_text(&mut parts, text.get(written_bytes..).unwrap_or_default());
    Value::Array(parts)
}

fn push_text(parts: &mut Vec<Value>, text: &str) {
    if !text.is_empty() {
        parts.push(json!({"type": "text", "text": text}));
    }
}

fn tool_call(call: &ToolCall) -> Value {
    // Servers parse the arguments of earlier calls: a call without any has to be JSON all the same.
    let arguments = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
