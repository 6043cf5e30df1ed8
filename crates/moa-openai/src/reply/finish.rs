//! Why an answer ended, in the words of each service.

use moa_core::{Failure, FailureKind, FinishReason};

/// What a service gives as the reason of an end.
///
/// Words that nobody knows count as a stop: the answer is there, and it ended.
///
/// # Errors
/// When the word says that the service broke off.
///
/// # Source
/// `length`, `stop`, `tool_calls`, `function_call`, `content_filter`: `OpenAI`. `eos`: Together. `model_length`, `error`: Mistral.
/// `insufficient_system_resource`: `DeepSeek`. `abort`: vLLM and `SGLang`. `error`: `OpenRouter`.
pub(super) fn finish_reason(word: &str) -> Result<FinishReason, Failure> {
    match word.to_ascii_lowercase().as_str() {
        "length" | "max_tokens" | "model_length" => Ok(FinishReason::Length),
        "tool_calls" | "function_call" | "tool_use" => Ok(FinishReason::ToolCalls),
        "content_filter" | "safety" | "prohibited_content" | "blocklist" => Ok(FinishReason::ContentFilter),
        "error" | "abort" | "insufficient_system_resource" => Err(Failure::new(
            FailureKind::ServerError,
            format!("the endpoint broke the answer off (finish reason {word})"),
        )),
        _ => Ok(FinishReason::Stop),
    }
}
