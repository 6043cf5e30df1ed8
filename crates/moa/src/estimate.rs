//! What a run would ask and cost: `moa ask --dry-run`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use moa_config::{ResolvedModel, ResolvedPreset};
use moa_core::{
    Agent, Aggregation, Choosing, Conversation, JudgeQuestion, Layer, LayerIndex, LayerRole, Message,
    Mixture, ModelId, Pricing, Prompt, Reference, SynthesisTemplate, Trace, estimated_prompt_tokens,
    judge_questions,
};
use moa_llama::TokenCounter;
use moa_store::{RunFilter, Store};
use moa_terminal::quantities;
use serde::Serialize;

use crate::complaint::Complaint;
use crate::local::LocalModels;
use crate::memory_plan::MemoryPlan;

/// Stored runs that are looked at for speeds.
const RUNS: usize = 20;

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

/// Tokens per second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speed {
    pub(crate) prefill: f64,
    pub(crate) decode: f64,
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

/// The seconds of all layers, each as long as its slowest call, where the speed of every model is known from stored runs.
fn seconds(layers: &[LayerEstimate], measured: &BTreeMap<String, Speed>) -> (Option<f64>, &'static str) {
    let of_call = |call: &CallEstimate| -> Option<f64> {
        let speed = measured.get(&call.model)?;
        let prompt = f64::from(u32::try_from(call.prompt_tokens_at_most).unwrap_or(u32::MAX));
        Some(prompt / speed.prefill + f64::from(call.max_tokens) / speed.decode)
    };
    let of_layer = |layer: &LayerEstimate| -> Option<f64> {
        layer.calls.iter().try_fold(0.0, |longest: f64, call| Some(longest.max(of_call(call)?)))
    };
    match layers.iter().map(of_layer).sum::<Option<f64>>() {
        Some(seconds) => (Some(seconds), "the speeds of stored runs"),
        None => (None, "unknown until each model has answered once"),
    }
}

/// The median speeds of each model in the latest stored runs, neighbours at work included.
pub(crate) fn measured_speeds(store: &Store) -> BTreeMap<String, Speed> {
    let filter = RunFilter { limit: Some(RUNS), ..RunFilter::default() };
    let runs = store.list(&filter).unwrap_or_default();
    let mut samples: BTreeMap<String, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for run in runs {
        let Ok(events) = store.events(run.id) else { continue };
        for call in Trace::of(&events).calls() {
            let Some(outcome) = &call.outcome else { continue };
            let (Some(first_ms), true) = (outcome.first_token_ms, call.endpoint == "local") else { continue };
            let usage = outcome.usage;
            let computed = usage.prompt_tokens.saturating_sub(usage.cached_tokens);
            let (prefill, decode) = samples.entry(call.model.clone()).or_default();
            if computed > 0 && first_ms > 0.0 {
                prefill.push(f64::from(computed) * 1_000.0 / first_ms);
            }
            if usage.completion_tokens > 1 && outcome.wall_ms > first_ms {
                decode.push(f64::from(usage.completion_tokens - 1) * 1_000.0 / (outcome.wall_ms - first_ms));
            }
        }
    }
    samples
        .into_iter()
        .filter_map(|(model, (prefill, decode))| {
            Some((model, Speed { prefill: median(prefill)?, decode: median(decode)? }))
        })
        .collect()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} layers, {} calls; nobody was asked", self.preset, self.layers.len(), self.calls)?;
        for layer in &self.layers {
            let role = match layer.role {
                LayerRole::Proposers => "proposers",
                LayerRole::Aggregator => "aggregator",
            };
            let nobody = if layer.calls.is_empty() { ": nobody is asked, the answer is chosen" } else { "" };
            writeln!(f, "\nLayer {}, {role}{nobody}", layer.index)?;
            for call in &layer.calls {
                writeln!(
                    f,
                    "  {} ({}): temperature {}, prompt of at most {} tokens, answer of at most {}",
                    call.agent, call.endpoint, call.temperature, call.prompt_tokens_at_most, call.max_tokens
                )?;
            }
            write_prompts(f, layer)?;
        }
        let tokens = |count| quantities::counted(count, "token");
        writeln!(f, "\nEstimate, if every answer is as long as it may be")?;
        writeln!(f, "  prompts      {}", tokens(self.prompt_tokens_at_most))?;
        writeln!(f, "  answers      {}", tokens(self.completion_tokens_at_most))?;
        match self.memory_bytes_at_most {
            Some(bytes) => writeln!(f, "  memory       {}", quantities::bytes(bytes))?,
            None => writeln!(f, "  memory       unknown: not all models are local and on disk")?,
        }
        if let Some(plan) = self.memory_plan.as_ref().filter(|plan| plan.has_budget()) {
            writeln!(f, "  memory plan  {plan}")?;
            for line in plan.order() {
                writeln!(f, "               {line}")?;
            }
        }
        match self.seconds_at_most {
            Some(seconds) => writeln!(
                f,
                "  time         {} (from {})",
                quantities::milliseconds(seconds * 1_000.0),
                self.seconds_basis
            )?,
            None => writeln!(f, "  time         {}", self.seconds_basis)?,
        }
        match self.cost_usd_at_most {
            Some(0.0) => writeln!(f, "  cost         nothing: every model is on this machine")?,
            Some(usd) => writeln!(f, "  cost         ${usd:.4}")?,
            None => {
                writeln!(f, "  cost         unknown: no price for {}", self.models_without_price.join(", "))?;
            }
        }
        if !self.missing_models.is_empty() {
            writeln!(f, "  to be got    {}", self.missing_models.join(", "))?;
        }
        Ok(())
    }
}

/// The prompts of a layer; one that several agents share is shown once.
fn write_prompts(f: &mut fmt::Formatter<'_>, layer: &LayerEstimate) -> fmt::Result {
    let mut shown: Vec<&[Message]> = Vec::new();
    for call in &layer.calls {
        // What is asked beside the answers has a prompt of its own.
        if call.messages.is_empty() || shown.contains(&call.messages.as_slice()) {
            continue;
        }
        shown.push(&call.messages);
        let readers: Vec<&str> = layer
            .calls
            .iter()
            .filter(|other| other.messages == call.messages)
            .map(|other| other.agent.as_str())
            .collect();
        writeln!(f, "  prompt of {}:", readers.join(", "))?;
        for message in &call.messages {
            let content = moa_terminal::neutral(&message.content).replace('\n', "\n      ");
            writeln!(f, "    {}: {content}", message.role.as_str())?;
        }
    }
    Ok(())
}
