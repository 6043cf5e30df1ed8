//! The chat request as the mock reads it.

use serde_json::Value;

/// The first number of choices that is too many.
const MORE_CHOICES: u64 = 129;

/// The body of a chat request.
#[derive(Debug, Clone)]
pub(crate) struct ChatRequest {
    pub(crate) body: Value,
}

impl ChatRequest {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// The message and the code of a 400.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, (String, &'static str)> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|error| (format!("the body is no JSON: {error}"), "invalid_json"))?;
        if !body["model"].is_string() {
            return Err(("`model` must be a text".to_owned(), "invalid_value"));
        }
        if body["messages"].as_array().is_none_or(Vec::is_empty) {
            return Err(("`messages` must be a list with at least one message".to_owned(), "invalid_value"));
        }
        let request = Self { body };
        match request.choices() {
            0 | MORE_CHOICES.. => {
                let most = MORE_CHOICES - 1;
                Err((format!("`n` must be between 1 and {most}"), "invalid_value"))
            }
            2.. if request.is_stream() => {
                Err(("the mock streams one choice: `n` must be 1".to_owned(), "unsupported_parameter"))
            }
            _ => Ok(request),
        }
    }

    pub(crate) fn model(&self) -> &str {
        self.body["model"].as_str().unwrap_or_default()
    }

    /// How many answers are wanted. They all say the same.
    pub(crate) fn choices(&self) -> u64 {
        match &self.body["n"] {
            Value::Null => 1,
            n => n.as_u64().unwrap_or_default(),
        }
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.body["stream"].as_bool().unwrap_or_default()
    }

    pub(crate) fn wants_usage(&self) -> bool {
        self.body["stream_options"]["include_usage"].as_bool().unwrap_or_default()
    }

    pub(crate) fn max_tokens(&self) -> Option<usize> {
        let field = |name: &str| self.body[name].as_u64();
        field("max_completion_tokens")
            .or_else(|| field("max_tokens"))
            .and_then(|tokens| tokens.try_into().ok())
    }

    /// The text of the user's last message.
    pub(crate) fn last_user_text(&self) -> String {
        let mut messages = self.messages().rev();
        let last = messages.find(|message| message["role"] == "user");
        last.map(|message| texts(&message["content"]).collect()).unwrap_or_default()
    }

    /// Whether a message contains `text`.
    pub(crate) fn contains(&self, text: &str) -> bool {
        self.messages().any(|message| texts(&message["content"]).any(|content| content.contains(text)))
    }

    /// The words in all messages.
    pub(crate) fn words(&self) -> usize {
        self.messages()
            .flat_map(|message| texts(&message["content"]))
            .map(|text| text.split_whitespace().count())
            .sum()
    }

    fn messages(&self) -> std::slice::Iter<'_, Value> {
        self.body["messages"].as_array().map(Vec::as_slice).unwrap_or_default().iter()
    }
}

/// The texts of a message's content, which is a text or a list of parts.
fn texts(content: &Value) -> impl Iterator<Item = &str> {
    let parts = content.as_array().map(Vec::as_slice).unwrap_or_default();
    content.as_str().into_iter().chain(parts.iter().filter_map(|part| part["text"].as_str()))
}
