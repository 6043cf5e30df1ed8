//! A preset, resolved to a mixture and the models that it asks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use moa_core::{Agent, Layer, Mixture, ModelId, PartialAnswers};

use crate::agent::{AgentBuilder, AgentDefaults, AgentRole, BuiltAgent};
use crate::chain::Chain;
use crate::check;
use crate::duration::duration;
use crate::kind::ProblemKind;
use crate::layers::{WrittenLayer, written_layers};
use crate::model::{Models, ResolvedModel};
use crate::origin::Sourced;
use crate::overrides::Overrides;
use crate::place::Placed;
use crate::problem::Problem;
use crate::raw::RawPartialAnswers;
use crate::synthesis::synthesis;

/// The most agents that a layer may have.
const MOST_AGENTS: usize = 1024;

/// A mixture that is ready to be run, and what its models are.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedPreset {
    /// The mixture. It passes [`Mixture::check`].
    pub mixture: Mixture,
    /// Every model that the mixture names.
    pub models: BTreeMap<ModelId, ResolvedModel>,
}

/// Everything that a preset is made from.
#[derive(Debug)]
pub(crate) struct PresetBuilder<'a> {
    models: Models<'a>,
    chain: Chain<'a>,
    name: &'a str,
    overrides: &'a Overrides,
    defaults: AgentDefaults<'a>,
    used: BTreeMap<ModelId, ResolvedModel>,
    problems: Vec<Problem>,
}

impl<'a> PresetBuilder<'a> {
    /// Finds what is written about the preset `name`.
    pub(crate) fn new(
        models: Models<'a>,
        name: &Placed<'a, &'a str>,
        environment_max_tokens: Option<&'a Sourced<u32>>,
        overrides: &'a Overrides,
    ) -> Result<Self, Problem> {
        let chain = Chain::find(models.sources, name)?;
        let mut problems = Vec::new();
        let defaults = AgentDefaults::new(&chain, environment_max_tokens, &mut problems);
        Ok(Self { models, chain, name: name.value, overrides, defaults, used: BTreeMap::new(), problems })
    }

    /// The preset, or everything that is wrong with it.
    pub(crate) fn build(mut self) -> Result<ResolvedPreset, Vec<Problem>> {
        let wanted = self.overrides.placed_layers();
        let written = written_layers(&self.chain, self.name, wanted.as_ref());
        let written = self.keep(written).unwrap_or_default();
        let layers: Vec<Layer> =
            written.iter().zip(1..).filter_map(|(layer, number)| self.layer(layer, number)).collect();
        let aggregator = self.aggregator();
        let deadline = self.chain.pick(|raw| raw.deadline.as_ref());
        let deadline = deadline.and_then(|written| self.keep(duration(&written)));
        let synthesis = synthesis(self.models.sources, &self.chain, self.name);
        let synthesis = self.keep(synthesis).unwrap_or_default();
        let Some(aggregator) = aggregator.filter(|_| self.problems.is_empty()) else {
            return Err(self.problems);
        };
        let partial_answers = self.chain.pick(|raw| raw.partial_answers.as_ref());
        let mut mixture = Mixture {
            residual: self.chain.pick(|raw| raw.residual.as_ref()).is_some_and(|written| *written.value),
            partial_answers: match partial_answers.map(|written| *written.value) {
                Some(RawPartialAnswers::Keep) => PartialAnswers::Keep,
                Some(RawPartialAnswers::Drop) => PartialAnswers::Drop,
                None => PartialAnswers::default(),
            },
            synthesis,
            deadline,
            ..Mixture::new(self.name, layers, aggregator)
        };
        self.overrides.apply(&mut mixture).map_err(|problem| vec![problem])?;
        Ok(ResolvedPreset { mixture, models: self.used })
    }

    fn aggregator(&mut self) -> Option<Agent> {
        let Some(holder) = self.chain.holder(|raw| raw.aggregator.is_some()) else {
            let kind = ProblemKind::NoAggregator { preset: self.name.to_owned() };
            let places = self.chain.definitions().iter().map(crate::chain::Definition::place);
            self.problems.extend(places.take(1).map(|place| Problem::at(&place, kind.clone())));
            return None;
        };
        let written = holder.raw().aggregator.as_ref()?;
        let replacement = self.overrides.placed_aggregator();
        let built = self.builder().build(holder.file, written, AgentRole::Aggregator, replacement)?;
        self.used.insert(built.model.id, built.model.model);
        Some(built.agent)
    }

    fn layer(&mut self, written: &WrittenLayer<'a>, number: usize) -> Option<Layer> {
        let before = self.problems.len();
        let mut agents: Vec<Agent> = Vec::new();
        let mut names = BTreeSet::new();
        for agent in written.agents {
            let Some(built) = self.builder().build(written.file, agent, AgentRole::Proposer, None) else {
                continue;
            };
            if agents.len() + built.samples as usize > MOST_AGENTS {
                let kind = ProblemKind::TooManyAgents {
                    preset: self.name.to_owned(),
                    layer: number,
                    most: MOST_AGENTS,
                };
                self.problems.push(Problem::at(&written.place, kind));
                break;
            }
            agents.extend(samples(&built, &mut names));
            self.used.insert(built.model.id, built.model.model);
        }
        let deadline = self.layer_deadline(written);
        if self.problems.len() > before {
            return None;
        }
        if agents.is_empty() {
            let kind = ProblemKind::EmptyLayer { preset: self.name.to_owned(), layer: number };
            self.problems.push(Problem::at(&written.place, kind));
            return None;
        }
        let min_proposals = self.min_proposals(written, number, agents.len())?;
        Some(Layer { agents, min_proposals, deadline, wait: None })
    }

    fn layer_deadline(&mut self, written: &WrittenLayer<'a>) -> Option<Duration> {
        let of_preset = || self.chain.pick(|raw| raw.layer_deadline.as_ref());
        let deadline = written.deadline.clone().or_else(of_preset)?;
        self.keep(duration(&deadline))
    }

    fn min_proposals(&mut self, written: &WrittenLayer<'a>, number: usize, agents: usize) -> Option<u32> {
        let of_preset = || self.chain.pick(|raw| raw.min_proposals.as_ref());
        let Some(wanted) = written.min_proposals.clone().or_else(of_preset) else { return Some(1) };
        let min_proposals = self.keep(check::positive("min-proposals", &wanted))?;
        if min_proposals as usize > agents {
            let preset = self.name.to_owned();
            let kind = ProblemKind::TooManyProposals { preset, layer: number, min_proposals, agents };
            self.problems.push(Problem::at(&wanted.place, kind));
            return None;
        }
        Some(min_proposals)
    }

    fn builder(&mut self) -> AgentBuilder<'a, '_> {
        AgentBuilder { models: self.models, defaults: &self.defaults, problems: &mut self.problems }
    }

    fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }
}

/// The agent as often as it is sampled, each time under a name of its own and, where it has a seed, with a seed of its own.
fn samples(built: &BuiltAgent, names: &mut BTreeSet<String>) -> Vec<Agent> {
    let mut agents = Vec::with_capacity(built.samples as usize);
    for sample in 0..u64::from(built.samples) {
        let mut agent = built.agent.clone();
        agent.sampling.seed = agent.sampling.seed.map(|seed| seed.wrapping_add(sample));
        agent.name = unique_name(&built.agent.name, names);
        agents.push(agent);
    }
    agents
}

/// `name`, or the first of `name#2`, `name#3`, ... that the layer does not have yet.
fn unique_name(name: &str, names: &mut BTreeSet<String>) -> String {
    let numbered = (2_u64..).map(|number| format!("{name}#{number}"));
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !names.contains(name));
    let free = free.unwrap_or_else(|| name.to_owned());
    names.insert(free.clone());
    free
}

#[cfg(test)]
#[path = "preset_tests.rs"]
mod tests;
