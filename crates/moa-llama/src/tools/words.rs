//! Tools in words, for templates that know nothing of them.

use moa_core::{Conversation, Message, Role};
use serde_json::Value;

use super::{CLOSES, OPENS};

/// The conversation with everything about tools in plain messages: what there is in the system's, calls in the assistant's, results in the
/// user's.
pub(crate) fn in_words(conversation: &Conversation, tools: &[Value]) -> Conversation {
    let mut messages: Vec<Message> = conversation.messages().iter().map(spoken).collect();
    if !tools.is_empty() {
        let told = description(tools);
        match messages.first_mut().filter(|message| message.role == Role::System) {
            Some(system) => system.content = format!("{}\n\n{told}", system.content),
            None => messages.insert(0, Message::system(told)),
        }
    }
    Conversation::new(joined(messages))
}

fn description(tools: &[Value]) -> String {
    let list: Vec<String> = tools.iter().map(Value::to_string).collect();
    format!(
        "You may call functions to answer the user. They are described here, one a line:\n<tools>\n{}\n</tools>\n\n\
         To call one, write its name and its arguments as JSON between these marks, and nothing after it:\n\
         {OPENS}\n{{\"name\": \"...\", \"arguments\": {{...}}}}\n{CLOSES}\n\nOtherwise answer in plain words.",
        list.join("\n")
    )
}

fn spoken(message: &Message) -> Message {
    let mut spoken = message.clone();
    match message.role {
        Role::Tool => {
            spoken.role = Role::User;
            spoken.tool_call_id = None;
            spoken.content = format!("<tool_response>\n{}\n</tool_response>", message.content);
        }
        Role::Assistant if !message.tool_calls.is_empty() => {
            let calls = std::mem::take(&mut spoken.tool_calls);
            let calls = calls.iter().map(|call| {
                let arguments: Value = serde_json::from_str(&call.arguments)
                    .unwrap_or_else(|_| Value::from(call.arguments.as_str()));
                // In the order in which the model is to write it.
                let name = Value::from(call.name.as_str());
                format!("{OPENS}\n{{\"name\": {name}, \"arguments\": {arguments}}}\n{CLOSES}")
            });
            let said = (!message.content.is_empty()).then(|| message.content.clone());
            spoken.content = said.into_iter().chain(calls).collect::<Vec<_>>().join("\n");
        }
        _ => {}
    }
    spoken
}

/// Results that follow each other in one message, because many templates want the turns to alternate.
fn joined(messages: Vec<Message>) -> Vec<Message> {
    let mut joined: Vec<Message> = Vec::new();
    for message in messages {
        match joined.last_mut() {
            Some(last)
                if last.role == Role::User
                    && message.role == Role::User
                    && message.content.starts_with("<tool_response>") =>
            {
                last.content = format!("{}\n{}", last.content, message.content);
                last.images.extend(message.images);
            }
            _ => joined.push(message),
        }
    }
    joined
}
