//! A request of the responses protocol as a chat request.

use serde_json::{Map, Value, json};

use crate::chat::Fields;
use crate::chat::request::ChatRequest;
use crate::error::ApiError;

/// Fields that are known and would change the answer, but are not supported, and why.
const UNSUPPORTED: [(&str, &str); 5] = [
    ("previous_response_id", "responses are not kept: send the conversation as 'input'"),
    ("conversation", "conversations are not kept: send this one as 'input'"),
    ("background", "a response is waited for"),
    ("prompt", "no prompts are kept here"),
    ("tools", "tools are called through /v1/chat/completions"),
];

/// A request, read.
pub(super) struct ResponsesRequest {
    pub(super) chat: ChatRequest,
    /// What the response repeats of the request.
    pub(super) repeated: Map<String, Value>,
}

impl ResponsesRequest {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut fields = Fields::parse(body)?;
        for (key, why) in UNSUPPORTED {
            fields.refuse(key, why)?;
        }
        let instructions: Option<String> = fields.take("instructions")?;
        let input: Value = fields.require("input")?;
        let format = format(&mut fields)?;
        let stream: Option<bool> = fields.take("stream")?;
        let most: Option<Value> = fields.take("max_output_tokens")?;
        let metadata: Option<Map<String, Value>> = fields.take("metadata")?;
        // The rest is called the same in both protocols, or asks for nothing: then it is kept with the run.
        let mut chat = fields.rest();
        let repeated = Map::from_iter([
            ("instructions".to_owned(), json!(instructions)),
            ("max_output_tokens".to_owned(), json!(most)),
            ("metadata".to_owned(), json!(metadata.unwrap_or_default())),
            ("temperature".to_owned(), chat.get("temperature").cloned().unwrap_or(Value::Null)),
            ("top_p".to_owned(), chat.get("top_p").cloned().unwrap_or(Value::Null)),
        ]);
        chat.insert("messages".to_owned(), Value::Array(messages(instructions, input)?));
        chat.insert("stream".to_owned(), json!(stream));
        chat.insert("max_completion_tokens".to_owned(), json!(most));
        chat.insert("response_format".to_owned(), json!(format));
        let chat = ChatRequest::of(Fields::from(chat)).map_err(|error| {
            error.renamed("messages", "input").renamed("max_completion_tokens", "max_output_tokens")
        })?;
        Ok(Self { chat, repeated })
    }
}

/// `text.format`, as chat requests have it.
fn format(fields: &mut Fields) -> Result<Option<Value>, ApiError> {
    let text: Option<Map<String, Value>> = fields.take("text")?;
    let Some(Value::Object(mut format)) = text.and_then(|mut text| text.remove("format")) else {
        return Ok(None);
    };
    if format.get("type").is_some_and(|kind| kind == "json_schema") {
        format.remove("type");
        return Ok(Some(json!({"type": "json_schema", "json_schema": format})));
    }
    Ok(Some(Value::Object(format)))
}

fn messages(instructions: Option<String>, input: Value) -> Result<Vec<Value>, ApiError> {
    let mut messages: Vec<Value> =
        instructions.map(|text| json!({"role": "system", "content": text})).into_iter().collect();
    match input {
        Value::String(text) => messages.push(json!({"role": "user", "content": text})),
        Value::Array(items) => {
            for (place, item) in items.into_iter().enumerate() {
                messages.push(message(item, place)?);
            }
        }
        _ => return Err(ApiError::invalid_value("input", "'input' is a text or a list of messages")),
    }
    Ok(messages)
}

fn message(item: Value, place: usize) -> Result<Value, ApiError> {
    let param = format!("input[{place}]");
    let Value::Object(mut item) = item else {
        return Err(ApiError::invalid_value(&param, format!("{param} is no message")));
    };
    match item.get("type").and_then(Value::as_str) {
        None | Some("message") => {}
        Some(other) => {
            let shown: String = other.chars().take(40).collect();
            let message = format!("{param}: items of type '{shown}' are not supported");
            return Err(ApiError::unsupported(&param, message));
        }
    }
    let content = match item.remove("content") {
        Some(Value::Array(parts)) => Value::Array(parts.into_iter().map(part).collect()),
        content => json!(content),
    };
    Ok(json!({"role": item.remove("role").unwrap_or_else(|| json!("user")), "content": content}))
}

/// A part of a message, as chat requests have it. What is none there is refused there.
fn part(mut part: Value) -> Value {
    let kind = match part.get("type").and_then(Value::as_str) {
        Some("input_text" | "output_text") => "text",
        Some("input_image") => "image_url",
        _ => return part,
    };
    if let Value::Object(fields) = &mut part {
        fields.insert("type".to_owned(), json!(kind));
        if let Some(detail) = fields.remove("detail")
            && let Some(url) = fields.remove("image_url")
        {
            fields.insert("image_url".to_owned(), json!({"url": url, "detail": detail}));
        }
    }
    part
}
