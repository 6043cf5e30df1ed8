//! The body of a request, made of a question, a model's settings and what was learned of its endpoint.

use moa_core::{ChatRequest, Conversation};
use serde_json::{Map, Value, json};

use super::adjustments::Adjustments;
use super::message::messages;
use crate::dialect::Dialect;
use crate::settings::ModelSettings;

/// Seeds above this are refused by some services, which read them as 32 bits with a sign.
const LARGEST_SEED: u64 = 0x7fff_ffff;

/// A question as one model of one endpoint is to be asked.
pub(crate) struct Question<'a> {
    pub(crate) model: &'a ModelSettings,
    pub(crate) dialect: Dialect,
    pub(crate) request: &'a ChatRequest,
    /// The prompt with its references in place.
    pub(crate) conversation: &'a Conversation,
}

impl Question<'_> {
    /// The body, without what the endpoint was found not to take.
    pub(crate) fn body(&self, adjustments: &Adjustments) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("model".to_owned(), json!(self.model.remote_id));
        body.insert("messages".to_owned(), messages(self.conversation, self.model.system_role).into());
        let max_tokens = adjustments.max_tokens_field(self.model.max_tokens_field, self.dialect);
        body.insert(max_tokens.name().to_owned(), json!(self.request.max_tokens));
        self.add_stream(&mut body);
        self.add_sampling(&mut body);
        self.add_logprobs(&mut body);
        self.add_tools(&mut body);
        for field in adjustments.left_out() {
            body.remove(*field);
        }
        for (field, value) in &self.model.extra_body {
            if value.is_null() {
                body.remove(field);
            } else {
                body.insert(field.clone(), value.clone());
            }
        }
        body
    }

    fn add_stream(&self, body: &mut Map<String, Value>) {
        body.insert("stream".to_owned(), json!(self.model.stream));
        if !self.model.stream {
            return;
        }
        if self.dialect.asks_for_usage() {
            body.insert("stream_options".to_owned(), json!({"include_usage": true}));
        }
        if self.dialect == Dialect::LlamaServer {
            body.insert("return_progress".to_owned(), json!(true));
        }
    }

    /// Writes what is set. What a dialect does not know is left to its defaults.
    fn add_sampling(&self, body: &mut Map<String, Value>) {
        let sampling = &self.request.sampling;
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        };
        set("temperature", number(sampling.temperature));
        set("top_p", sampling.top_p.and_then(number));
        set("frequency_penalty", sampling.frequency_penalty.and_then(number));
        set("presence_penalty", sampling.presence_penalty.and_then(number));
        set(self.dialect.seed_field(), sampling.seed.map(|seed| json!(folded(seed))));
        if !sampling.stop.is_empty() {
            set("stop", Some(json!(sampling.stop)));
        }
        if self.dialect.knows_top_k() {
            set("top_k", sampling.top_k.map(|top_k| json!(top_k)));
            set("min_p", sampling.min_p.and_then(number));
        }
        if let Some(field) = self.dialect.repeat_penalty_field() {
            set(field, sampling.repeat_penalty.and_then(number));
        }
    }

    fn add_logprobs(&self, body: &mut Map<String, Value>) {
        if let Some(count) = self.request.top_logprobs {
            body.insert("logprobs".to_owned(), json!(true));
            body.insert("top_logprobs".to_owned(), json!(count));
        } else if self.request.wants_certainty {
            body.insert("logprobs".to_owned(), json!(true));
        }
    }

    fn add_tools(&self, body: &mut Map<String, Value>) {
        if let Some(format) = &self.request.response_format {
            body.insert("response_format".to_owned(), format.as_ref().clone());
        }
        let Some(tools) = self.request.tools.as_ref().filter(|tools| !tools.tools.is_empty()) else { return };
        body.insert("tools".to_owned(), json!(tools.tools));
        if let Some(choice) = &tools.tool_choice {
            body.insert("tool_choice".to_owned(), choice.clone());
        }
        if let Some(parallel) = tools.parallel_tool_calls {
            body.insert("parallel_tool_calls".to_owned(), json!(parallel));
        }
    }

    /// What was asked for and is not in the body: what the dialect has no field for, and what the endpoint was found not to take.
    pub(crate) fn missed(&self, adjustments: &Adjustments) -> Vec<&'static str> {
        let sampling = &self.request.sampling;
        let mut missed = match adjustments.left_out() {
            [] => Vec::new(),
            _ => adjustments.missed(&self.body(&Adjustments::default())),
        };
        if !self.dialect.knows_top_k() {
            missed.extend(sampling.top_k.map(|_| "top_k"));
            missed.extend(sampling.min_p.map(|_| "min_p"));
        }
        if self.dialect.repeat_penalty_field().is_none() {
            missed.extend(sampling.repeat_penalty.map(|_| "repeat_penalty"));
        }
        missed.retain(|field| !self.model.extra_body.contains_key(*field));
        missed
    }
}

/// The number as it was written: 0.7 and not 0.699999988.
fn number(value: f32) -> Option<Value> {
    value.to_string().parse::<f64>().ok().filter(|value| value.is_finite()).map(Value::from)
}

/// The seed in as many bits as every service reads; small ones stay what they are.
fn folded(seed: u64) -> u64 {
    if seed <= LARGEST_SEED { seed } else { (seed ^ (seed >> 32)) & LARGEST_SEED }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
