//! The error that a service describes, in each form in which services do.

use serde_json::Value;

/// How much of a body that is no JSON is quoted.
const MAX_QUOTED_CHARS: usize = 300;

/// How deep errors may be wrapped into each other.
const MAX_DEPTH: usize = 8;

/// What a service says of an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ErrorBody {
    /// What happened, in the service's words.
    pub(crate) message: String,
    /// The names that the service gives to this kind of error (`type`, `code`, `status`), in lower case.
    pub(crate) codes: Vec<String>,
    /// The status that the body states.
    pub(crate) status: Option<u16>,
    /// The fields of the request that it is about.
    pub(crate) params: Vec<String>,
    /// Whether the body is a web page, such as a proxy's or a log-in.
    pub(crate) is_web_page: bool,
}

impl ErrorBody {
    /// Reads the body of an error.
    pub(crate) fn parse(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => Self::of(&value),
            Err(_) => Self::of_text(&String::from_utf8_lossy(body)),
        }
    }

    /// Reads an error out of JSON.
    ///
    /// # Source
    /// `{"error": {...}}`: `OpenAI`, Together, Groq, `DeepSeek`, Azure, `OpenRouter` (numeric `code`), llama-server, Ollama.
    /// `{"object": "error", ...}`: Mistral, older vLLM and `SGLang`. `{"detail": ...}`: `FastAPI`. `[{"error": ...}]`: Google.
    pub(crate) fn of(value: &Value) -> Self {
        let mut body = Self::default();
        body.read(value, 0);
        body
    }

    fn of_text(text: &str) -> Self {
        let text = text.trim();
        let is_web_page = text.starts_with('<');
        let message = if is_web_page { title_of(text).unwrap_or_default() } else { quoted(text) };
        Self { message, is_web_page, ..Self::default() }
    }

    fn read(&mut self, value: &Value, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match value {
            Value::String(text) => match serde_json::from_str::<Value>(text) {
                // An error of the service behind the service, as text.
                Ok(inner @ (Value::Object(_) | Value::Array(_))) => self.read(&inner, depth + 1),
                _ => self.add_message(text),
            },
            Value::Array(items) => items.iter().take(3).for_each(|item| self.read(item, depth + 1)),
            Value::Object(fields) => {
                for name in ["type", "code", "status", "error_code"] {
                    self.add_code(fields.get(name));
                }
                let param = fields.get("param").and_then(Value::as_str);
                self.params.extend(param.map(str::to_owned));
                // FastAPI's way of naming a field: ["body", "temperature"].
                let place = fields.get("loc").and_then(Value::as_array);
                let place = place.into_iter().flatten().filter_map(Value::as_str);
                self.params.extend(place.filter(|part| *part != "body").map(str::to_owned));
                for name in ["error", "message", "msg", "detail", "metadata", "innererror", "raw"] {
                    if let Some(inner) = fields.get(name) {
                        self.read(inner, depth + 1);
                    }
                }
                if fields.get("reasons").and_then(Value::as_array).is_some_and(|reasons| !reasons.is_empty())
                {
                    // OpenRouter's form of what its moderation found.
                    self.codes.push("moderation".to_owned());
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn add_message(&mut self, text: &str) {
        let text = quoted(text.trim());
        if text.is_empty() || self.message.contains(&text) {
            return;
        }
        if !self.message.is_empty() {
            self.message.push_str(": ");
        }
        self.message.push_str(&text);
    }

    fn add_code(&mut self, code: Option<&Value>) {
        let number = match code {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => {
                self.codes.push(text.to_lowercase());
                text.parse().ok()
            }
            _ => None,
        };
        let status = number.and_then(|number| u16::try_from(number).ok());
        self.status = self.status.or(status.filter(|status| (400..600).contains(status)));
    }

    pub(crate) fn has_code(&self, codes: &[&str]) -> bool {
        self.codes.iter().any(|code| codes.contains(&code.as_str()))
    }

    /// Everything that it says, in lower case.
    pub(crate) fn all_text(&self) -> String {
        format!("{} {}", self.message.to_lowercase(), self.codes.join(" "))
    }

    /// Whether it is about this field of the request.
    pub(crate) fn names(&self, field: &str) -> bool {
        let is_quoted = |quote: char| self.message.contains(&format!("{quote}{field}{quote}"));
        self.params.iter().any(|param| param.split('.').next() == Some(field))
            || ['\'', '`', '"'].into_iter().any(is_quoted)
    }
}

fn quoted(text: &str) -> String {
    let mut quoted: String = text.chars().take(MAX_QUOTED_CHARS).collect();
    if quoted.len() < text.len() {
        quoted.push_str(" [...]");
    }
    quoted
}

fn title_of(page: &str) -> Option<String> {
    // Not the lower case of all Unicode, which may have other lengths.
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let end = start + lower.get(start..)?.find("</title>")?;
    Some(quoted(page.get(start..end)?.trim()))
}

#[cfg(test)]
#[path = "error_body_tests.rs"]
mod tests;
