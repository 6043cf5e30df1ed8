//! A chat request, read and checked field by field.

use moa_core::{Conversation, Tools};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::fields::Fields;
use super::inline::InlineMixture;
use super::message::{ChatMessage, conversation};
use crate::error::ApiError;

/// Repetitions of the last layer for one request.
const MOST_CHOICES: u32 = 8;

/// Texts that end an answer.
const MOST_STOPS: usize = 16;

/// Fields that are known and would change the answer, but are not supported, and why.
const UNSUPPORTED: [(&str, &str); 10] = [
    ("logprobs", "the answer of a mixture has no probabilities"),
    ("top_logprobs", "the answer of a mixture has no probabilities"),
    ("logit_bias", "token ids differ from model to model"),
    ("audio", "answers are texts"),
    ("prediction", "models are asked without one"),
    ("functions", "use 'tools'"),
    ("function_call", "use 'tool_choice'"),
    ("web_search_options", "no model here searches"),
    ("best_of", "use 'n'"),
    ("echo", "only answers are given"),
];

/// A chat request, checked.
#[derive(Debug, Clone)]
pub(crate) struct ChatRequest {
    pub(crate) model: String,
    pub(crate) conversation: Conversation,
    pub(crate) inline: Option<InlineMixture>,
    pub(crate) stream: bool,
    pub(crate) include_usage: bool,
    pub(crate) choices: u32,
    pub(crate) seed: Option<u64>,
    pub(crate) sampling: SamplingFields,
    pub(crate) tools: Option<Tools>,
    pub(crate) response_format: Option<Value>,
    /// What nothing reads.
    pub(crate) unused: Map<String, Value>,
}

/// What a request says of how the aggregator writes. What is `None` stays as the mixture has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SamplingFields {
    pub(crate) temperature: Option<f32>,
    pub(crate) top_p: Option<f32>,
    pub(crate) top_k: Option<u32>,
    pub(crate) min_p: Option<f32>,
    pub(crate) frequency_penalty: Option<f32>,
    pub(crate) presence_penalty: Option<f32>,
    pub(crate) repeat_penalty: Option<f32>,
    pub(crate) max_tokens: Option<u32>,
    pub(crate) stop: Option<Vec<String>>,
}

/// What streams say besides the answer.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(crate) struct StreamOptions {
    /// Whether one more chunk tells the usage.
    #[serde(default)]
    include_usage: Option<bool>,
}

/// One text, or several.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Stop {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl ChatRequest {
    /// Reads a body.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        Self::of(Fields::parse(body)?)
    }

    /// Reads the fields of a body.
    pub(super) fn of(mut fields: Fields) -> Result<Self, ApiError> {
        let model: String = fields.require("model")?;
        let messages: Vec<ChatMessage> = fields.require("messages")?;
        for (key, why) in UNSUPPORTED {
            fields.refuse(key, why)?;
        }
        texts_only(&mut fields)?;
        let stream = fields.take("stream")?.unwrap_or(false);
        let options: StreamOptions = fields.take("stream_options")?.unwrap_or_default();
        Ok(Self {
            model,
            conversation: conversation(messages)?,
            inline: fields.take("moa")?,
            stream,
            include_usage: options.include_usage.unwrap_or(false),
            choices: fields.count("n", 1..=MOST_CHOICES)?.unwrap_or(1),
            seed: seed(&mut fields)?,
            sampling: SamplingFields::take(&mut fields)?,
            tools: tools(&mut fields)?,
            response_format: response_format(&mut fields)?,
            unused: fields.rest(),
        })
    }
}

impl SamplingFields {
    /// Takes the fields that say how the aggregator writes.
    pub(crate) fn take(fields: &mut Fields) -> Result<Self, ApiError> {
        // The newer name wins where both are there.
        let older = fields.count("max_tokens", 1..=u32::MAX)?;
        let max_tokens = fields.count("max_completion_tokens", 1..=u32::MAX)?.or(older);
        Ok(Self {
            temperature: fields.number("temperature", 0.0..=2.0)?,
            top_p: top_p(fields)?,
            top_k: fields.take("top_k")?,
            min_p: fields.number("min_p", 0.0..=1.0)?,
            frequency_penalty: fields.number("frequency_penalty", -2.0..=2.0)?,
            presence_penalty: fields.number("presence_penalty", -2.0..=2.0)?,
            repeat_penalty: fields.number("repetition_penalty", 0.01..=10.0)?,
            max_tokens,
            stop: stop(fields)?,
        })
    }
}

fn top_p(fields: &mut Fields) -> Result<Option<f32>, ApiError> {
    match fields.number("top_p", 0.0..=1.0)? {
        Some(share) if share <= 0.0 => {
            Err(ApiError::invalid_value("top_p", "'top_p' must be above 0 and at most 1"))
        }
        share => Ok(share),
    }
}

fn stop(fields: &mut Fields) -> Result<Option<Vec<String>>, ApiError> {
    let stops = match fields.take::<Stop>("stop")? {
        None => return Ok(None),
        Some(Stop::One(text)) => vec![text],
        Some(Stop::Several(texts)) => texts,
    };
    if stops.len() > MOST_STOPS || stops.iter().any(String::is_empty) {
        let message = format!("'stop' is a text or at most {MOST_STOPS} texts, none of them empty");
        return Err(ApiError::invalid_value("stop", message));
    }
    Ok(Some(stops))
}

/// A seed. A negative one is as good as any other.
pub(crate) fn seed(fields: &mut Fields) -> Result<Option<u64>, ApiError> {
    Ok(fields.take::<i64>("seed")?.map(i64::cast_unsigned))
}

fn tools(fields: &mut Fields) -> Result<Option<Tools>, ApiError> {
    let tools: Option<Vec<Value>> = fields.take("tools")?;
    let tool_choice: Option<Value> = fields.take("tool_choice")?;
    let parallel_tool_calls: Option<bool> = fields.take("parallel_tool_calls")?;
    let tools = tools.unwrap_or_default();
    if let Some(place) = tools.iter().position(|tool| !is_function(tool)) {
        let param = format!("tools[{place}]");
        let message = format!("{param} is no function: it needs type 'function' and function.name");
        return Err(ApiError::invalid_value(&param, message));
    }
    if tools.is_empty() {
        let asks_for_a_tool = tool_choice.as_ref().is_some_and(|choice| choice != "none" && choice != "auto");
        if asks_for_a_tool {
            return Err(ApiError::invalid_value("tool_choice", "'tool_choice' needs 'tools'"));
        }
        return Ok(None);
    }
    Ok(Some(Tools { tools, tool_choice, parallel_tool_calls }))
}

fn is_function(tool: &Value) -> bool {
    tool.get("type").is_some_and(|kind| kind == "function")
        && tool.pointer("/function/name").is_some_and(Value::is_string)
}

fn response_format(fields: &mut Fields) -> Result<Option<Value>, ApiError> {
    let Some(format) = fields.take::<Value>("response_format")? else { return Ok(None) };
    match format.get("type").and_then(Value::as_str) {
        Some("text") => Ok(None),
        Some("json_object" | "json_schema") => Ok(Some(format)),
        _ => {
            let message = "'response_format' has the type 'text', 'json_object' or 'json_schema'";
            Err(ApiError::invalid_value("response_format", message))
        }
    }
}

fn texts_only(fields: &mut Fields) -> Result<(), ApiError> {
    let modalities: Vec<String> = fields.take("modalities")?.unwrap_or_default();
    if modalities.iter().any(|modality| modality != "text") {
        return Err(ApiError::unsupported("modalities", "'modalities' is not supported: answers are texts"));
    }
    Ok(())
}
