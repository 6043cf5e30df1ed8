//! What a response is.

use moa_core::FinishReason;
use serde_json::{Map, Value, json};

use crate::chat::chunk::Head;

/// A response, from its begin to its end.
pub(super) struct ResponseObject {
    pub(super) head: Head,
    pub(super) repeated: Map<String, Value>,
}

impl ResponseObject {
    /// It goes on.
    pub(super) fn in_progress(&self) -> Value {
        Value::Object(self.with("in_progress", json!([])))
    }

    /// It has ended with an answer.
    pub(super) fn ended(&self, text: &str, reason: FinishReason, usage: &Value, account: Value) -> Value {
        let is_cut = reason == FinishReason::Length;
        let status = if is_cut { "incomplete" } else { "completed" };
        let mut response = self.with(status, json!([self.message(status, text)]));
        if is_cut {
            response.insert("incomplete_details".to_owned(), json!({"reason": "max_output_tokens"}));
        }
        response.insert(
            "usage".to_owned(),
            json!({
                "input_tokens": usage["prompt_tokens"],
                "input_tokens_details": usage["prompt_tokens_details"],
                "output_tokens": usage["completion_tokens"],
                "output_tokens_details": usage["completion_tokens_details"],
                "total_tokens": usage["total_tokens"],
                "moa": usage["moa"],
            }),
        );
        response.insert("moa".to_owned(), account);
        Value::Object(response)
    }

    /// It has ended without one.
    pub(super) fn failed(&self, error: &Value) -> Value {
        let mut response = self.with("failed", json!([]));
        let error = json!({"code": error["error"]["code"], "message": error["error"]["message"]});
        response.insert("error".to_owned(), error);
        Value::Object(response)
    }

    /// The message that the answer is.
    pub(super) fn message(&self, status: &str, text: &str) -> Value {
        let content = if status == "in_progress" { json!([]) } else { json!([part(text)]) };
        json!({"id": self.message_id(), "type": "message", "status": status, "role": "assistant", "content": content})
    }

    pub(super) fn message_id(&self) -> String {
        self.head.id.replacen("resp_", "msg_", 1)
    }

    fn with(&self, status: &str, output: Value) -> Map<String, Value> {
        let mut response = self.repeated.clone();
        response.extend([
            ("id".to_owned(), json!(self.head.id)),
            ("object".to_owned(), json!("response")),
            ("created_at".to_owned(), json!(self.head.created)),
            ("model".to_owned(), json!(self.head.model)),
            ("status".to_owned(), json!(status)),
            ("output".to_owned(), output),
            ("error".to_owned(), Value::Null),
            ("incomplete_details".to_owned(), Value::Null),
            ("parallel_tool_calls".to_owned(), json!(false)),
            ("tool_choice".to_owned(), json!("none")),
            ("tools".to_owned(), json!([])),
            ("store".to_owned(), json!(false)),
            ("usage".to_owned(), Value::Null),
        ]);
        response
    }
}

pub(super) fn part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}
