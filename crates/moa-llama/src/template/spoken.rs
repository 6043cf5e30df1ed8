//! What a template gets: messages and tools as values, with the texts of people and models in known places.

use moa_core::Message;
use serde_json::{Map, Value, json};

use super::align::Marks;

/// Messages and tools as a template sees them.
#[derive(Debug)]
pub(super) struct Spoken {
    pub(super) messages: Vec<Value>,
    pub(super) tools: Vec<Value>,
    /// The texts in them, in the order of their places; those within JSON as JSON writes them.
    pub(super) contents: Vec<String>,
}

impl Spoken {
    /// What was said, as it was said.
    pub(super) fn new(messages: &[Message], tools: &[Value]) -> Self {
        Self::with(messages, tools, None)
    }

    /// The same with marks in place of the texts.
    pub(super) fn marked(messages: &[Message], tools: &[Value], marks: &Marks) -> Self {
        Self::with(messages, tools, Some(marks))
    }

    fn with(messages: &[Message], tools: &[Value], marks: Option<&Marks>) -> Self {
        let mut slots = Slots { contents: Vec::new(), marks };
        let messages = messages.iter().map(|message| slots.message(message)).collect();
        let tools = tools.iter().map(|tool| slots.json(tool)).collect();
        Self { messages, tools, contents: slots.contents }
    }

    /// The bytes of all texts.
    pub(super) fn length(&self) -> usize {
        self.contents.iter().map(String::len).sum()
    }

    /// Roles and texts, for formats that know nothing else.
    pub(super) fn pairs(&self) -> Vec<(&str, &str)> {
        self.messages.iter().map(|message| (text(message, "role"), text(message, "content"))).collect()
    }
}

fn text<'message>(message: &'message Value, key: &str) -> &'message str {
    message.get(key).and_then(Value::as_str).unwrap_or_default()
}

struct Slots<'marks> {
    contents: Vec<String>,
    marks: Option<&'marks Marks>,
}

impl Slots<'_> {
    /// What stands in the place of a text.
    fn put(&mut self, text: &str, written: String) -> Value {
        let place = self.contents.len();
        self.contents.push(written);
        Value::from(self.marks.map_or(text, |marks| marks.get(place)))
    }

    fn message(&mut self, message: &Message) -> Value {
        let mut value = Map::new();
        value.insert("role".to_owned(), message.role.as_str().into());
        value.insert("content".to_owned(), self.put(&message.content, message.content.clone()));
        if !message.tool_calls.is_empty() {
            let calls = message.tool_calls.iter().map(|call| {
                // As an object where it is one: templates write it as JSON themselves.
                let arguments: Value =
                    serde_json::from_str(&call.arguments).unwrap_or_else(|_| call.arguments.as_str().into());
                let function = json!({"name": call.name, "arguments": arguments});
                json!({"type": "function", "function": self.json(&function)})
            });
            value.insert("tool_calls".to_owned(), calls.collect());
        }
        Value::Object(value)
    }

    /// A value with every text in it that could be harmful in a place of its own. Names of properties stay: what could be harmful in them is refused before.
    fn json(&mut self, value: &Value) -> Value {
        match value {
            // What has nothing but these signs cannot name a control token, and templates compare some of it (`type`).
            Value::String(text)
                if text.chars().all(|sign| sign.is_ascii_alphanumeric() || "_-.".contains(sign)) =>
            {
                value.clone()
            }
            Value::String(text) => {
                let quoted = value.to_string();
                let written = quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned();
                self.put(text, written)
            }
            Value::Array(list) => list.iter().map(|value| self.json(value)).collect(),
            Value::Object(object) => object
                .iter()
                .map(|(key, value)| (key.clone(), self.json(value)))
                .collect::<Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }
}
