//! The names of attributes, in one place because the conventions are still in development.
//!
//! # Source
//! OpenTelemetry's semantic conventions for generative AI; what they have no name for is under `moa.`.

use moa_core::{CallStatus, FailureKind, FinishReason, LayerRole};
use serde::Serialize;

pub(crate) const OPERATION: &str = "gen_ai.operation.name";
pub(crate) const INVOKE_WORKFLOW: &str = "invoke_workflow";
pub(crate) const CHAT: &str = "chat";
pub(crate) const WORKFLOW: &str = "gen_ai.workflow.name";
pub(crate) const AGENT: &str = "gen_ai.agent.name";
pub(crate) const PROVIDER: &str = "gen_ai.provider.name";
pub(crate) const REQUEST_MODEL: &str = "gen_ai.request.model";
pub(crate) const REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";
pub(crate) const REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";
pub(crate) const REQUEST_TOP_P: &str = "gen_ai.request.top_p";
pub(crate) const RESPONSE_MODEL: &str = "gen_ai.response.model";
pub(crate) const RESPONSE_ID: &str = "gen_ai.response.id";
pub(crate) const FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
pub(crate) const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
pub(crate) const OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
pub(crate) const CACHED_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";
pub(crate) const INPUT_MESSAGES: &str = "gen_ai.input.messages";
pub(crate) const OUTPUT_MESSAGES: &str = "gen_ai.output.messages";
pub(crate) const ERROR_TYPE: &str = "error.type";

pub(crate) const RUN_ID: &str = "moa.run.id";
pub(crate) const DEGRADED: &str = "moa.run.degraded";
pub(crate) const COST: &str = "moa.usage.cost_usd";
pub(crate) const LAYER: &str = "moa.layer.index";
pub(crate) const ROLE: &str = "moa.layer.role";
pub(crate) const KEPT: &str = "moa.layer.kept";
pub(crate) const LOST: &str = "moa.layer.lost";
pub(crate) const CALL_STATUS: &str = "moa.call.status";
pub(crate) const REPLICA: &str = "moa.call.replica";
pub(crate) const FIRST_TOKEN: &str = "moa.first_token_ms";

pub(crate) const RETRIED: &str = "moa.call.retried";
pub(crate) const HEDGED: &str = "moa.call.hedged";
pub(crate) const REUSED: &str = "moa.call.reused";
pub(crate) const ATTEMPT: &str = "moa.attempt";
/// A span whose run was given up without an end of its own.
pub(crate) const INTERRUPTED: &str = "interrupted";

/// Values that are words of ours already.
pub(crate) trait Word: Serialize {
    /// The word that events have for it.
    fn word(&self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(word)) => word,
            _ => String::new(),
        }
    }
}

impl Word for CallStatus {}
impl Word for FailureKind {}
impl Word for FinishReason {}
impl Word for LayerRole {}
