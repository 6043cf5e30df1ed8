//! What was said so far: messages and who said them.
//!
//! A [`Conversation`] never changes in place. Each agent gets a conversation derived from the user's, so that no agent can see
//! what was prepared for another one.

use serde::{Deserialize, Serialize};

use crate::image::Image;
use crate::tool::ToolCall;

/// Who said a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The operator: instructions that frame the whole conversation.
    System,
    /// The person who asks.
    User,
    /// The model that answers.
    Assistant,
    /// A tool that the model called, with its result.
    Tool,
}

impl Role {
    /// The role's name as chat templates and the `OpenAI` protocol write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who said it.
    pub role: Role,
    /// What was said: the text, without images and tool calls.
    pub content: String,
    /// The images that belong to the text, in the order of their places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// The tools that the assistant called with this message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// The call that this message of a tool answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
}

impl Message {
    /// A message that is a text and nothing else.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into(), images: Vec::new(), tool_calls: Vec::new(), tool_call_id: None }
    }

    /// A system message.
    pub fn system(content: impl Into<String>) -> Self {
        Self::new(Role::System, content)
    }

    /// A user's message.
    pub fn user(content: impl Into<String>) -> Self {
        Self::new(Role::User, content)
    }

    /// An answer of the assistant.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self::new(Role::Assistant, content)
    }

    /// The same message with `text` in front of its own text and a blank line between them. Images keep their places.
    #[must_use]
    fn with_text_in_front(mut self, text: &str) -> Self {
        let front = format!("{text}\n\n");
        for image in &mut self.images {
            image.position_bytes = image.position_bytes.saturating_add(front.len());
        }
        self.content.insert_str(0, &front);
        self
    }
}

/// The messages of a conversation, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Conversation {
    messages: Vec<Message>,
}

impl Conversation {
    /// A conversation of the given messages.
    #[must_use]
    pub fn new(messages: Vec<Message>) -> Self {
        Self { messages }
    }

    /// A conversation that asks one question.
    pub fn ask(question: impl Into<String>) -> Self {
        Self::new(vec![Message::user(question)])
    }

    /// The messages, oldest first.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// What the user said last, if the user said anything.
    #[must_use]
    pub fn last_user_message(&self) -> Option<&str> {
        self.messages.iter().rev().find(|m| m.role == Role::User).map(|m| m.content.as_str())
    }

    /// Whether there is something to answer: a last message of the user with a text or an image, or a tool's result after it.
    #[must_use]
    pub fn asks_something(&self) -> bool {
        let last = self.messages.iter().rev().find(|message| matches!(message.role, Role::User | Role::Tool));
        last.is_some_and(|message| {
            message.role == Role::Tool || !message.content.trim().is_empty() || !message.images.is_empty()
        })
    }

    /// Whether any message has an image.
    #[must_use]
    pub fn has_images(&self) -> bool {
        self.messages.iter().any(|message| !message.images.is_empty())
    }

    /// This conversation without its images, for a model that cannot see.
    #[must_use]
    pub fn without_images(&self) -> Self {
        let blind = |message: &Message| Message { images: Vec::new(), ..message.clone() };
        Self { messages: self.messages.iter().map(blind).collect() }
    }

    /// This conversation with one more message.
    #[must_use]
    pub fn with_message(&self, message: Message) -> Self {
        let mut messages = self.messages.clone();
        messages.push(message);
        Self { messages }
    }

    /// This conversation with `instruction` placed before whatever the first system message says.
    ///
    /// This is how an agent's own system prompt joins the operator's.
    #[must_use]
    pub fn with_system_prefix(&self, instruction: &str) -> Self {
        self.with_system(|existing| format!("{instruction}\n\n{existing}"), instruction)
    }

    /// This conversation with `block` appended to the first system message after a blank line, or as a new first system message.
    ///
    /// # Source
    /// The placement of the references in Mixture-of-Agents (arXiv:2406.04692 and its reference code).
    #[must_use]
    pub fn with_system_suffix(&self, block: &str) -> Self {
        self.with_system(|existing| format!("{existing}\n\n{block}"), block)
    }

    /// This conversation for a model that knows no system role: the leading system message moves in front of the first user turn.
    ///
    /// Without a user turn the system message becomes one.
    #[must_use]
    pub fn without_system_role(&self) -> Self {
        let Some((first, rest)) = self.messages.split_first() else { return self.clone() };
        if first.role != Role::System {
            return self.clone();
        }
        let mut messages = rest.to_vec();
        match messages.iter_mut().find(|m| m.role == Role::User) {
            Some(user) => *user = user.clone().with_text_in_front(&first.content),
            None => messages.insert(0, Message::user(first.content.clone())),
        }
        Self { messages }
    }

    fn with_system(&self, merge: impl Fn(&str) -> String, alone: &str) -> Self {
        let mut messages = self.messages.clone();
        match messages.first_mut() {
            Some(first) if first.role == Role::System => first.content = merge(&first.content),
            _ => messages.insert(0, Message::system(alone)),
        }
        Self { messages }
    }
}

#[cfg(test)]
#[path = "conversation_tests.rs"]
mod tests;
