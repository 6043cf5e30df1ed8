//! The events of a response that is streamed, in the order in which clients expect them.

use bytes::Bytes;
use moa_core::FinishReason;
use serde_json::{Value, json};

use super::object::{ResponseObject, part};
use crate::sse;

/// Counts and names the events.
pub(super) struct EventWriter {
    pub(super) response: ResponseObject,
    sequence: u64,
    text: String,
}

impl EventWriter {
    pub(super) fn new(response: ResponseObject) -> Self {
        Self { response, sequence: 0, text: String::new() }
    }

    /// What comes before the first word.
    pub(super) fn begin(&mut self) -> Vec<Bytes> {
        let (started, item) = (self.response.in_progress(), self.response.message("in_progress", ""));
        let mut place = self.place();
        place["part"] = part("");
        vec![
            self.event("response.created", json!({"response": started})),
            self.event("response.in_progress", json!({"response": started})),
            self.event("response.output_item.added", json!({"output_index": 0, "item": item})),
            self.event("response.content_part.added", place),
        ]
    }

    pub(super) fn delta(&mut self, text: &str) -> Bytes {
        self.text.push_str(text);
        let mut event = self.place();
        event["delta"] = json!(text);
        event["logprobs"] = json!([]);
        self.event("response.output_text.delta", event)
    }

    pub(super) fn end(&mut self, reason: FinishReason, usage: &Value, account: Value) -> Vec<Bytes> {
        let text = std::mem::take(&mut self.text);
        let ended = self.response.ended(&text, reason, usage, account);
        let kind = if ended["status"] == "completed" { "response.completed" } else { "response.incomplete" };
        let (mut whole, mut whole_part) = (self.place(), self.place());
        whole["text"] = json!(text);
        whole["logprobs"] = json!([]);
        whole_part["part"] = part(&text);
        let item = ended["output"][0].clone();
        vec![
            self.event("response.output_text.done", whole),
            self.event("response.content_part.done", whole_part),
            self.event("response.output_item.done", json!({"output_index": 0, "item": item})),
            self.event(kind, json!({"response": ended})),
        ]
    }

    pub(super) fn fail(&mut self, error: &Value) -> Bytes {
        let failed = self.response.failed(error);
        self.event("response.failed", json!({"response": failed}))
    }

    fn place(&self) -> Value {
        json!({"item_id": self.response.message_id(), "output_index": 0, "content_index": 0})
    }

    fn event(&mut self, kind: &str, mut event: Value) -> Bytes {
        event["type"] = json!(kind);
        event["sequence_number"] = json!(self.sequence);
        self.sequence += 1;
        sse::named(kind, &event)
    }
}
