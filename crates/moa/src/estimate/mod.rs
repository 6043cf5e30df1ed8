//! What a run would ask and cost: `moa ask --dry-run`.

mod shown;
mod speeds;

use std::collections::BTreeMap;
use std::sync::Arc;

use moa_config::{ResolvedModel, ResolvedPreset};
use moa_core::{
    Agent, Aggregation, Choosing, Conversation, JudgeQuestion, Layer, LayerIndex, LayerRole, Message,
    Mixture, ModelId, Pricing, Prompt, Reference, SynthesisTemplate, estimated_prompt_tokens,
    judge_questions,
};
use moa_llama::TokenCounter;
use moa_store::Store;
use serde::Serialize;

pub(crate) use self::speeds::measured_speeds;
use self::speeds::seconds;
use crate::complaint::Complaint;
use crate::local::LocalModels;
use crate::memory_plan::MemoryPlan;

/// What a run would ask and cost.
#[derive(Debug, Serialize)]
pub(crate) struct Estimate {
    preset: String,
    layers: Vec<LayerEstimate>,
    calls: usize,
    prompt_tokens_at_most: u64,
    completion_tokens_at_most: u64,
    memory_bytes_at_most: Option<u64>,
    /// How the local models share the memory that they may take; absent where not all are on disk.
    memory_plan: Option<MemoryPlan>,
    seconds_at_most: Option<f64>,
    /// From what the seconds were worked out.
    seconds_basis: &'static str,
    /// Absent where a price is not known.
    cost_usd_at_most: Option<f64>,
    /// Models whose price nobody knows.
    models_without_price: Vec<String>,
    /// Models that would be fetched first.
    missing_models: Vec<String>,
}

#[derive(Debug, Serialize)]
struct LayerEstimate {
    index: u32,
    role: LayerRole,
    calls: Vec<CallEstimate>,
}

#[derive(Debug, Clone, Serialize)]
struct CallEstimate {
    agent: String,
    model: String,
    endpoint: String,
    temperature: f32,
    max_tokens: u32,
    prompt_tokens_at_most: u64,
    /// Absent where the price is not known.
    cost_usd_at_most: Option<f64>,
    messages: Vec<Message>,
}

impl Estimate {
    /// Works out what asking `conversation` would take, without asking anybody.
    pub(crate) fn of(
        preset: &ResolvedPreset,
        conversation: &Conversation,
        local: &LocalModels,
        store: Option<&Store>,
    ) -> Result<Self, Complaint> {
        let mixture = &preset.mixture;
        let synthesis = Arc::new(mixture.synthesis.clone());
        let counters = counters(preset, local);
        let agents = |agents: &[Agent], references: &[(Reference, u32)]| {
            let ask = |agent: &Agent| call(agent, preset, conversation, references, &synthesis, &counters);
            agents.iter().map(ask).collect::<Result<Vec<_>, Complaint>>()
        };
        let mut layers = Vec::new();
        let mut references: Vec<(Reference, u32)> = Vec::new();
        for (layer, index) in mixture.layers.iter().zip(1..) {
            let mut calls = agents(&layer.agents, if layer.independent { &[] } else { &references })?;
            let mut written: Vec<(Reference, u32)> =
                layer.agents.iter().map(|agent| (stand_in(agent, index), agent.max_tokens)).collect();
            if layer.independent {
                written.splice(0..0, std::mem::take(&mut references));
            }
            for choosing in choosings(mixture, layer, index as usize == mixture.layers.len()) {
                calls.extend(judge_calls(choosing, preset, conversation, &written, &counters)?);
            }
            layers.push(LayerEstimate { index, role: LayerRole::Proposers, calls });
            if !mixture.residual {
                references.clear();
            }
            references.extend(written);
        }
        layers.push(LayerEstimate {
            index: u32::try_from(mixture.layer_count()).unwrap_or(u32::MAX),
            role: LayerRole::Aggregator,
            calls: last_calls(mixture, &references, agents)?,
        });
        let all = || layers.iter().flat_map(|layer| &layer.calls);
        let measured = store.map(measured_speeds).unwrap_or_default();
        let (seconds_at_most, seconds_basis) = seconds(&layers, &measured);
        let missing_models = preset
            .models
            .iter()
            .filter(|(_, model)| matches!(model, ResolvedModel::Local(_)) && local.file(model).is_none())
            .map(|(id, _)| id.to_string())
            .collect();
        Ok(Self {
            preset: mixture.name.clone(),
            calls: all().count(),
            prompt_tokens_at_most: all().map(|call| call.prompt_tokens_at_most).sum(),
            completion_tokens_at_most: all().map(|call| u64::from(call.max_tokens)).sum(),
            memory_bytes_at_most: memory_bytes(preset, &layers, local),
            memory_plan: MemoryPlan::of(preset, local)?,
            seconds_at_most,
            seconds_basis,
            cost_usd_at_most: all().map(|call| call.cost_usd_at_most).sum(),
            models_without_price: preset
                .models
                .iter()
                .filter(|(_, model)| matches!(model.pricing(), Pricing::Unknown))
                .map(|(id, _)| id.to_string())
                .collect(),
            missing_models,
            layers,
        })
    }
}

impl Estimate {
    /// The figures alone, as the server tells them.
    pub(crate) fn figures(&self) -> moa_server::Estimate {
        moa_server::Estimate {
            calls: self.calls as u64,
            prompt_tokens: self.prompt_tokens_at_most,
            completion_tokens: self.completion_tokens_at_most,
            cost_usd: self.cost_usd_at_most,
            memory_bytes: self.memory_bytes_at_most,
            seconds: self.seconds_at_most,
        }
    }
}

/// What is chosen between the answers of a layer.
fn choosings<'a>(
    mixture: &'a Mixture,
    layer: &'a Layer,
    is_last: bool,
) -> impl Iterator<Item = &'a Choosing> {
    let last = match &mixture.aggregation {
        Aggregation::Choose(choosing) if is_last => Some(choosing),
        _ => None,
    };
    layer.select.as_ref().into_iter().chain(last)
}

/// The calls of a judge that chooses between these answers. Where there are more than it compares, the longest ones are taken.
fn judge_calls(
    choosing: &Choosing,
    preset: &ResolvedPreset,
    conversation: &Conversation,
    written: &[(Reference, u32)],
    counters: &BTreeMap<ModelId, TokenCounter>,
) -> Result<Vec<CallEstimate>, Complaint> {
    let judge = preset.mixture.judge_or_aggregator();
    let mut longest_first = written.to_vec();
    longest_first.sort_by_key(|(_, max_tokens)| std::cmp::Reverse(*max_tokens));
    let answers: Vec<Reference> = longest_first.iter().map(|(reference, _)| reference.clone()).collect();
    let questions = judge_questions(choosing.by, judge.system.as_deref(), conversation, &answers);
    let ask = |question: JudgeQuestion| {
        let shown = question.shown.iter().filter_map(|place| longest_first.get(*place));
        let answer_tokens = shown.map(|(_, max_tokens)| u64::from(*max_tokens)).sum();
        let call = asked(&judge, preset, &question.prompt, answer_tokens, counters)?;
        Ok(CallEstimate { agent: question.name, messages: Vec::new(), ..call })
    };
    questions.into_iter().map(ask).collect()
}

/// The calls of the aggregator, that of the answer first. Those before it are counted as if they read as much.
fn last_calls(
    mixture: &Mixture,
    references: &[(Reference, u32)],
    agents: impl Fn(&[Agent], &[(Reference, u32)]) -> Result<Vec<CallEstimate>, Complaint>,
) -> Result<Vec<CallEstimate>, Complaint> {
    if !mixture.asks_aggregator() {
        return Ok(Vec::new());
    }
    let (calls, read) = match &mixture.aggregation {
        _ if references.is_empty() => (1, references.len()),
        Aggregation::SelfMoaSeq { window } => {
            (mixture.aggregation.calls(references.len()), references.len().min(*window as usize))
        }
        aggregation => (aggregation.calls(references.len()), references.len()),
    };
    let read = references.get(..read).unwrap_or(references);
    let mut asked = agents(std::slice::from_ref(&mixture.aggregator), read)?;
    let before = asked.first().map(|call| CallEstimate { messages: Vec::new(), ..call.clone() });
    asked.extend(before.into_iter().cycle().take(calls.saturating_sub(1)));
    Ok(asked)
}

/// What one agent would be asked, and how long that could be.
fn call(
    agent: &Agent,
    preset: &ResolvedPreset,
    conversation: &Conversation,
    references: &[(Reference, u32)],
    synthesis: &Arc<SynthesisTemplate>,
    counters: &BTreeMap<ModelId, TokenCounter>,
) -> Result<CallEstimate, Complaint> {
    let conversation = match &agent.system {
        Some(system) => conversation.with_system_prefix(system),
        None => conversation.clone(),
    };
    let texts = references.iter().map(|(reference, _)| reference.clone()).collect();
    let prompt = Prompt::new(conversation, texts, Arc::clone(synthesis));
    let answer_tokens = references.iter().map(|(_, max_tokens)| u64::from(*max_tokens)).sum();
    asked(agent, preset, &prompt, answer_tokens, counters)
}

/// What a prompt is whose answers to be read have as many tokens as they may have.
fn asked(
    agent: &Agent,
    preset: &ResolvedPreset,
    prompt: &Prompt,
    answer_tokens: u64,
    counters: &BTreeMap<ModelId, TokenCounter>,
) -> Result<CallEstimate, Complaint> {
    let rendered = prompt
        .render()
        .map_err(|error| Complaint::usage(format!("the synthesis template fails: {error}")))?;
    let written = match counters.get(&agent.model) {
        Some(counter) => u64::from(counter.count(prompt)?),
        None => u64::from(estimated_prompt_tokens(&rendered)),
    };
    let prompt_tokens_at_most = written + answer_tokens;
    let read = u32::try_from(prompt_tokens_at_most).unwrap_or(u32::MAX);
    let cost_usd_at_most = match preset.models.get(&agent.model).map(ResolvedModel::pricing) {
        Some(Pricing::Free) => Some(0.0),
        Some(Pricing::Known(price)) => Some(price.at_most(read, agent.max_tokens)),
        Some(Pricing::Unknown) | None => None,
    };
    Ok(CallEstimate {
        agent: agent.name.clone(),
        model: agent.model.to_string(),
        endpoint: match preset.models.get(&agent.model) {
            Some(ResolvedModel::Remote(remote)) => remote.endpoint.name.clone(),
            _ => "local".to_owned(),
        },
        temperature: agent.sampling.temperature,
        max_tokens: agent.max_tokens,
        prompt_tokens_at_most,
        cost_usd_at_most,
        messages: rendered.messages().to_vec(),
    })
}

/// The tokenizers of the models that are on disk.
fn counters(preset: &ResolvedPreset, local: &LocalModels) -> BTreeMap<ModelId, TokenCounter> {
    let open = |(id, model): (&ModelId, &ResolvedModel)| {
        let counter = TokenCounter::open(&local.file(model)?).ok()?;
        Some((id.clone(), counter))
    };
    preset.models.iter().filter_map(open).collect()
}

/// Stands where an answer will be.
fn stand_in(agent: &Agent, layer: u32) -> Reference {
    Reference {
        layer: LayerIndex(layer),
        agent: agent.name.clone(),
        model: agent.model.clone(),
        text: format!("<the answer of {} in layer {layer}>", agent.name),
    }
}

/// Weights of every model, and a cache for the longest prompt and answer of each agent's largest call.
fn memory_bytes(preset: &ResolvedPreset, layers: &[LayerEstimate], local: &LocalModels) -> Option<u64> {
    let mut total = 0_u64;
    for (id, model) in &preset.models {
        let ResolvedModel::Local(settings) = model else { return None };
        let options = local.options(id, settings, local.file(model)?);
        let info = moa_llama::inspect(&options.path).ok()?;
        let of_layer = |layer: &LayerEstimate| -> u64 {
            let calls = layer.calls.iter().filter(|call| call.model == id.as_str());
            calls.map(|call| call.prompt_tokens_at_most + u64::from(call.max_tokens)).sum()
        };
        let tokens = layers.iter().map(of_layer).max().unwrap_or(0);
        total += info.memory_bytes(tokens, options.kv_cache);
    }
    Some(total)
}
