//! A mixture that a request brings along.

use std::collections::{BTreeMap, BTreeSet};

use moa_config::{InlineLimits, ResolvedPreset};
use moa_core::{Agent, Layer, Mixture, Sampling};
use schemars::JsonSchema;
use serde::Deserialize;

use super::combining::{InlineAggregation, InlineEarlyStop, InlineSelection};
use crate::error::ApiError;
use crate::names::Names;

/// Tokens of an agent's answer where nothing is said.
const MAX_TOKENS: u32 = 2048;

/// The longest name of an agent.
const LONGEST_NAME: usize = 128;

/// A mixture that a request brings along: layers of agents, and the aggregator.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InlineMixture {
    /// The layers of proposers, first to last. Without any, the aggregator is asked alone.
    #[serde(default)]
    pub(crate) layers: Vec<InlineLayer>,
    /// Who writes the answer, and compares answers where a kind asks for that and there is no judge.
    pub(crate) aggregator: InlineAgent,
    /// How the answer comes from the last proposals; `synthesise` where nothing is said.
    #[serde(default)]
    pub(crate) aggregation: Option<InlineAggregation>,
    /// Who compares answers.
    #[serde(default)]
    pub(crate) judge: Option<InlineAgent>,
    /// When the layers that are left are not asked.
    #[serde(default)]
    pub(crate) early_stop: Option<InlineEarlyStop>,
    /// Whether answers that differ too much from the others of their layer are set aside.
    #[serde(default)]
    pub(crate) set_aside_outliers: Option<bool>,
    /// Whether later layers also read the answers of all earlier ones.
    #[serde(default)]
    pub(crate) residual: Option<bool>,
    /// How many answers each layer needs at least.
    #[serde(default)]
    pub(crate) min_proposals: Option<u32>,
}

/// A layer of proposers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InlineLayer {
    /// Who proposes.
    pub(crate) agents: Vec<InlineAgent>,
    /// Which of its answers go on.
    #[serde(default)]
    pub(crate) select: Option<InlineSelection>,
    /// Whether its agents read no answers; theirs join those of the layer before.
    #[serde(default)]
    pub(crate) independent: Option<bool>,
}

/// A model in its role.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InlineAgent {
    /// A model that `GET /v1/models` lists.
    pub(crate) model: String,
    /// What it is called; the model's name where nothing is said.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// From 0 to 2; 0.7 where nothing is said.
    #[serde(default)]
    pub(crate) temperature: Option<f64>,
    /// The most tokens of its answer.
    #[serde(default)]
    pub(crate) max_tokens: Option<u32>,
    /// Instructions of its own.
    #[serde(default)]
    pub(crate) system: Option<String>,
}

impl InlineMixture {
    /// The mixture, checked as the configuration is and against the operator's limits.
    pub(crate) fn resolve(
        &self,
        name: &str,
        names: &Names,
        limits: &InlineLimits,
    ) -> Result<ResolvedPreset, ApiError> {
        if !limits.allowed {
            return Err(ApiError::unsupported("moa", "this server takes no mixtures with requests"));
        }
        let layers = self.layers.len() + 1;
        if layers > limits.max_layers as usize {
            let message =
                format!("{layers} layers, the aggregator's included, are more than {}", limits.max_layers);
            return Err(ApiError::invalid_value("moa.layers", message));
        }
        let mut resolver = Resolver { names, limits, models: BTreeMap::new() };
        let mut made = Vec::new();
        for (number, layer) in self.layers.iter().enumerate() {
            let param = format!("moa.layers[{number}]");
            if layer.agents.len() > limits.max_agents as usize {
                let message = format!("{} agents are more than {}", layer.agents.len(), limits.max_agents);
                return Err(ApiError::invalid_value(&format!("{param}.agents"), message));
            }
            let mut names = BTreeSet::new();
            let mut agents = Vec::new();
            for (place, agent) in layer.agents.iter().enumerate() {
                agents.push(resolver.agent(agent, &format!("{param}.agents[{place}]"), &mut names)?);
            }
            let min_proposals = self.min_proposals.unwrap_or(1);
            let select = layer.select.as_ref().map(|select| select.resolve(&format!("{param}.select")));
            made.push(Layer {
                min_proposals,
                select: select.transpose()?,
                independent: layer.independent.unwrap_or(false),
                ..Layer::new(agents)
            });
        }
        let aggregator = resolver.agent(&self.aggregator, "moa.aggregator", &mut BTreeSet::new())?;
        let mut mixture = Mixture::new(name, made, aggregator);
        mixture.residual = self.residual.unwrap_or(false);
        mixture.references.without_outliers = self.set_aside_outliers.unwrap_or(false);
        mixture.early_stop = self.early_stop.as_ref().map(InlineEarlyStop::resolve).transpose()?;
        if let Some(aggregation) = &self.aggregation {
            mixture.aggregation = aggregation.resolve()?;
        }
        if let Some(judge) = &self.judge {
            let judge = resolver.agent(judge, "moa.judge", &mut BTreeSet::new())?;
            mixture.judge = Some(judge);
        }
        check_preferred(&mixture)?;
        mixture.check().map_err(|error| ApiError::invalid_value("moa", error.to_string()))?;
        // Who is never asked is not loaded.
        let asked = mixture.models();
        resolver.models.retain(|id, _| asked.contains(id));
        Ok(ResolvedPreset { mixture, models: resolver.models, max_cost_usd: None, calibration: None })
    }
}

/// Refuses a preference for somebody who does not take part.
fn check_preferred(mixture: &Mixture) -> Result<(), ApiError> {
    let mut preferred = mixture.choosings().flat_map(|choosing| &choosing.prefer);
    match preferred.find(|name| !mixture.takes_part(name)) {
        Some(name) => {
            let message = format!("'{name}' is preferred and is no agent and no model of a layer");
            Err(ApiError::invalid_value("moa", message))
        }
        None => Ok(()),
    }
}

struct Resolver<'a> {
    names: &'a Names,
    limits: &'a InlineLimits,
    models: BTreeMap<moa_core::ModelId, moa_config::ResolvedModel>,
}

impl Resolver<'_> {
    fn agent(
        &mut self,
        written: &InlineAgent,
        param: &str,
        taken: &mut BTreeSet<String>,
    ) -> Result<Agent, ApiError> {
        let (id, model) =
            self.names.model(&written.model).map_err(|error| error.at(&format!("{param}.model")))?;
        let is_allowed = self.limits.models.as_ref().is_none_or(|models| models.contains(&written.model));
        if !is_allowed {
            let message = format!("the model '{id}' may not be used in a mixture of a request");
            return Err(ApiError::invalid_value(&format!("{param}.model"), message));
        }
        self.models.insert(id.clone(), model.clone());
        let temperature = written.temperature.unwrap_or(0.7);
        if !(0.0..=2.0).contains(&temperature) {
            let param = format!("{param}.temperature");
            return Err(ApiError::invalid_value(&param, "the temperature must be from 0 to 2"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "sampling has no use for more digits")]
        let sampling = Sampling { temperature: temperature as f32, ..Sampling::default() };
        let name = written.name.as_deref().unwrap_or(&written.model);
        let name: String = name.chars().take(LONGEST_NAME).collect();
        Ok(Agent {
            name: unique(&name, taken),
            model: id.clone(),
            system: written.system.clone().filter(|system| !system.trim().is_empty()),
            sampling,
            max_tokens: written.max_tokens.unwrap_or(MAX_TOKENS),
            deadline: None,
        })
    }
}

/// `name`, or the first of `name#2`, `name#3`, ... that the layer does not have yet.
fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2_u64..).map(|number| format!("{name}#{number}"));
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.unwrap_or_else(|| name.to_owned());
    taken.insert(free.clone());
    free
}
