//! Texts out of the forms in which services write them.

use serde_json::Value;

use super::wire::Turn;

/// How deep parts may lie within parts.
const MAX_DEPTH: usize = 4;

/// What a turn says, told apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) reasoning: String,
    pub(super) answer: String,
    pub(super) refusal: String,
}

impl Said {
    /// What `turn` says.
    ///
    /// # Source
    /// `reasoning_content`: `DeepSeek`, vLLM, `SGLang`, llama-server. `reasoning`: `OpenRouter`, Groq, Ollama, newer vLLM.
    /// `reasoning_details`: `OpenRouter`, beside `reasoning` with the same text. Parts of type `thinking` in the content: Mistral.
    pub(super) fn by(turn: &Turn) -> Self {
        let mut said = Self::default();
        let reasoning = [&turn.reasoning_content, &turn.reasoning, &turn.reasoning_details];
        said.reasoning = reasoning.into_iter().map(thought).find(|text| !text.is_empty()).unwrap_or_default();
        said.add_content(&turn.content, 0);
        turn.refusal.as_str().unwrap_or_default().clone_into(&mut said.refusal);
        said
    }

    fn add_content(&mut self, content: &Value, depth: usize) {
        match content {
            Value::String(text) => self.answer.push_str(text),
            Value::Array(parts) if depth < MAX_DEPTH => {
                for part in parts {
                    self.add_content(part, depth + 1);
                }
            }
            Value::Object(part) => match part.get("thinking") {
                Some(thinking) => self.reasoning.push_str(&thought(thinking)),
                None => self.answer.push_str(part.get("text").and_then(Value::as_str).unwrap_or_default()),
            },
            _ => {}
        }
    }
}

/// A thought: a text, or parts of one.
fn thought(value: &Value) -> String {
    let mut text = String::new();
    add_thought(value, &mut text, 0);
    text
}

fn add_thought(value: &Value, text: &mut String, depth: usize) {
    match value {
        Value::String(part) => text.push_str(part),
        Value::Array(parts) if depth < MAX_DEPTH => {
            for part in parts {
                add_thought(part, text, depth + 1);
            }
        }
        Value::Object(part) => {
            let field = ["text", "summary", "content"].into_iter().find_map(|name| part.get(name)?.as_str());
            text.push_str(field.unwrap_or_default());
        }
        _ => {}
    }
}
