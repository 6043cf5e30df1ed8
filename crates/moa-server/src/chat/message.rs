//! Messages of the protocol, and the conversation that they make.

use moa_core::{Conversation, Image, Message, Role, ToolCall};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::error::ApiError;

/// A message. Fields that nothing reads, such as the reasoning of earlier answers, are dropped.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub(crate) struct ChatMessage {
    /// `system`, `developer`, `user`, `assistant` or `tool`.
    role: String,
    /// A text, or parts: texts and images.
    #[serde(default)]
    content: Option<Content>,
    /// The tools that the assistant called with this message.
    #[serde(default)]
    tool_calls: Option<Vec<CalledTool>>,
    /// The call that a tool's message answers.
    #[serde(default)]
    tool_call_id: Option<String>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// A part of a message.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
struct Part {
    /// `text` or `image_url`.
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default)]
    image_url: Option<ImageUrl>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
enum ImageUrl {
    Object {
        /// An address, or the image itself as a `data:` URL.
        url: String,
        /// `low`, `high` or `auto`.
        #[serde(default)]
        detail: Option<String>,
    },
    Plain(String),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
struct CalledTool {
    id: String,
    function: CalledFunction,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
struct CalledFunction {
    name: String,
    #[serde(default)]
    arguments: Option<Value>,
}

/// The conversation that the messages make.
pub(crate) fn conversation(messages: Vec<ChatMessage>) -> Result<Conversation, ApiError> {
    if messages.is_empty() {
        return Err(ApiError::invalid_value("messages", "'messages' must not be empty"));
    }
    let made = messages.into_iter().enumerate().map(|(place, message)| message.into_message(place));
    let conversation = Conversation::new(made.collect::<Result<_, _>>()?);
    if !conversation.asks_something() {
        let message = "there is no question to answer: the last user message is missing or empty";
        return Err(ApiError::invalid_value("messages", message));
    }
    Ok(conversation)
}

impl ChatMessage {
    fn into_message(self, place: usize) -> Result<Message, ApiError> {
        let param = format!("messages[{place}]");
        let role = match self.role.as_str() {
            "system" | "developer" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" => Role::Tool,
            other => {
                let shown: String = other.chars().take(40).collect();
                let message = format!(
                    "{param}: the role '{shown}' is none of system, developer, user, assistant and tool"
                );
                return Err(ApiError::invalid_value(&format!("{param}.role"), message));
            }
        };
        let mut message = Message::new(role, "");
        match self.content {
            None => {}
            Some(Content::Text(text)) => message.content = text,
            Some(Content::Parts(parts)) => {
                for (number, part) in parts.into_iter().enumerate() {
                    add_part(&mut message, part, &format!("{param}.content[{number}]"))?;
                }
            }
        }
        let calls = self.tool_calls.unwrap_or_default().into_iter();
        message.tool_calls = calls.map(CalledTool::into_call).collect();
        message.tool_call_id = self.tool_call_id;
        if role == Role::Tool && message.tool_call_id.is_none() {
            let text = format!("{param}: a message of a tool needs 'tool_call_id'");
            return Err(ApiError::invalid_value(&format!("{param}.tool_call_id"), text));
        }
        Ok(message)
    }
}

/// Adds a part to what the message says. Texts that follow each other are lines.
fn add_part(message: &mut Message, part: Part, param: &str) -> Result<(), ApiError> {
    match (part.kind.as_str(), part.text, part.refusal, part.image_url) {
        ("text", Some(text), _, _) | ("refusal", _, Some(text), _) => {
            if !message.content.is_empty() {
                message.content.push('\n');
            }
            message.content.push_str(&text);
            Ok(())
        }
        ("image_url", _, _, Some(image)) => {
            let (url, detail) = match image {
                ImageUrl::Object { url, detail } => (url, detail),
                ImageUrl::Plain(url) => (url, None),
            };
            if !["https://", "http://", "data:image/"].iter().any(|start| url.starts_with(start)) {
                let text = format!("{param}: an image is an http(s) address or a data:image/... URL");
                return Err(ApiError::invalid_value(&format!("{param}.image_url"), text));
            }
            let position_bytes = message.content.len();
            message.images.push(Image { url, detail, position_bytes });
            Ok(())
        }
        ("text" | "refusal" | "image_url", ..) => {
            let text = format!("{param}: a part of type '{0}' needs the field '{0}'", part.kind);
            Err(ApiError::invalid_value(param, text))
        }
        (other, ..) => {
            let shown: String = other.chars().take(40).collect();
            Err(ApiError::unsupported(param, format!("{param}: parts of type '{shown}' are not supported")))
        }
    }
}

impl CalledTool {
    fn into_call(self) -> ToolCall {
        let arguments = match self.function.arguments {
            None => "{}".to_owned(),
            Some(Value::String(text)) => text,
            // Some clients send the object itself.
            Some(other) => other.to_string(),
        };
        ToolCall { id: self.id, name: self.function.name, arguments }
    }
}
