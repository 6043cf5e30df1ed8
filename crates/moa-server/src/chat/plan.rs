//! What a request comes to: who is asked what.

use std::sync::Arc;

use moa_config::{ResolvedPreset, ServerSettings, ToolPolicy};
use moa_core::{Agent, Conversation, Models, RunId, RunRequest, RunSeed, Tools};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::fingerprint::fingerprint;
use super::limits;
use super::request::{ChatRequest, SamplingFields};
use crate::error::ApiError;
use crate::names::Names;
use crate::source::ModelSource;
use crate::unix_time::unix_ms;

/// Makes plans out of requests.
pub(crate) struct Planner<'a> {
    pub(crate) names: &'a Names,
    pub(crate) settings: &'a ServerSettings,
    pub(crate) source: &'a dyn ModelSource,
}

/// Who is asked what.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) preset: ResolvedPreset,
    pub(crate) conversation: Conversation,
    pub(crate) seed: Option<u64>,
    pub(crate) tools: Option<Arc<Tools>>,
    pub(crate) response_format: Option<Arc<Value>>,
    pub(crate) unused: Map<String, Value>,
}

impl Planner<'_> {
    /// The plan of a chat request.
    pub(crate) fn plan(&self, request: &ChatRequest) -> Result<Plan, ApiError> {
        let mut preset = match &request.inline {
            Some(inline) => {
                let mut preset = inline.resolve(&request.model, self.names, &self.settings.inline)?;
                preset.max_cost_usd = self.names.cost_cap();
                preset
            }
            None => self.names.mixture(&request.model)?.as_ref().clone(),
        };
        let as_written = preset.calibration.is_some().then(|| preset.mixture.clone());
        let sampling = &request.sampling;
        apply(&mut preset.mixture.aggregator, sampling);
        preset.mixture.fallback_aggregators.iter_mut().for_each(|agent| apply(agent, sampling));
        let may_call = |tools: &&Tools| tools.tool_choice.as_ref().is_none_or(|choice| choice != "none");
        let called = request.tools.as_ref().filter(may_call);
        if let Some(tools) = called {
            let form = request.response_format.as_ref();
            limits::check(&preset, "tools", |model| self.source.refuses_tools(model, tools, form))?;
        }
        if let Some(form) = &request.response_format {
            limits::check(&preset, "response_format", |model| self.source.refuses_form(model, form))?;
        }
        if called.is_some() && self.settings.tools == ToolPolicy::Bypass {
            preset.mixture.layers.clear();
            let asked = preset.mixture.models();
            preset.models.retain(|id, _| asked.contains(id));
        }
        // What was measured holds for the mixture as it is written.
        if as_written.is_some_and(|mixture| mixture != preset.mixture) {
            preset.calibration = None;
        }
        Ok(Plan {
            preset,
            conversation: request.conversation.clone(),
            seed: request.seed,
            tools: request.tools.clone().map(Arc::new),
            response_format: request.response_format.clone().map(Arc::new),
            unused: request.unused.clone(),
        })
    }
}

fn apply(agent: &mut Agent, fields: &SamplingFields) {
    let sampling = &mut agent.sampling;
    sampling.temperature = fields.temperature.unwrap_or(sampling.temperature);
    sampling.top_p = fields.top_p.or(sampling.top_p);
    sampling.top_k = fields.top_k.or(sampling.top_k);
    sampling.min_p = fields.min_p.or(sampling.min_p);
    sampling.frequency_penalty = fields.frequency_penalty.or(sampling.frequency_penalty);
    sampling.presence_penalty = fields.presence_penalty.or(sampling.presence_penalty);
    sampling.repeat_penalty = fields.repeat_penalty.or(sampling.repeat_penalty);
    if let Some(stop) = &fields.stop {
        sampling.stop.clone_from(stop);
    }
    agent.max_tokens = fields.max_tokens.unwrap_or(agent.max_tokens);
}

impl Plan {
    /// A run of this plan, with an id and a time of its own; without a seed one is drawn.
    pub(crate) fn run(&self) -> RunRequest {
        let id: RunId = Uuid::now_v7();
        let seed = self.seed.map_or_else(|| RunSeed::Drawn(drawn(id)), RunSeed::Given);
        let mixture = self.preset.mixture.clone();
        let mut request = RunRequest::new(id, unix_ms(), mixture, self.conversation.clone(), seed);
        request.tools.clone_from(&self.tools);
        request.response_format.clone_from(&self.response_format);
        request.max_cost_usd = self.preset.max_cost_usd;
        request.unused_fields.clone_from(&self.unused);
        let measured = self.preset.calibration.as_ref();
        request.notes.extend(measured.and_then(|measured| measured.note(&self.conversation)));
        request
    }

    /// Names the mixture and its models.
    pub(crate) fn fingerprint(&self, models: &Models) -> String {
        fingerprint(&self.preset.mixture, models)
    }

    /// Whether several models are asked.
    pub(crate) fn is_mixture(&self) -> bool {
        !self.preset.mixture.layers.is_empty()
    }
}

/// A seed out of the random end of an id: no other source of randomness is needed. 32 bits survive every JSON reader.
fn drawn(id: RunId) -> u64 {
    u64::try_from(id.as_u128() & 0xFFFF_FFFF).unwrap_or(0)
}
