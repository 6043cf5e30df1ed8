//! A preset, resolved to a mixture and the models that it asks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use moa_core::{
    Agent, Aggregation, AggregatorFailure, Choosing, EarlyStop, Layer, Mixture, ModelId, PartialAnswers,
    ReferenceSettings,
};

use crate::agent::{AgentBuilder, AgentDefaults, AgentRole, BuiltAgent};
use crate::aggregation::{aggregation, check_preferred, early_stop, selection};
use crate::calibration::{Calibration, calibration};
use crate::chain::Chain;
use crate::check;
use crate::cost_cap::cost_cap;
use crate::duration::{duration, wait};
use crate::environment::EnvironmentValues;
use crate::kind::ProblemKind;
use crate::layers::{WrittenLayer, written_layers};
use crate::model::{Models, ResolvedModel};
use crate::overrides::Overrides;
use crate::place::Placed;
use crate::problem::Problem;
use crate::raw::{RawAggregatorFailure, RawPartialAnswers, RawPreset};
use crate::synthesis::synthesis;
use crate::written::Written;

/// The most agents that a layer may have.
const MOST_AGENTS: usize = 1024;

/// A mixture that is ready to be run, and what its models are.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedPreset {
    /// The mixture. It passes [`Mixture::check`].
    pub mixture: Mixture,
    /// Every model that the mixture names.
    pub models: BTreeMap<ModelId, ResolvedModel>,
    /// The most that a run may cost, in US dollars.
    pub max_cost_usd: Option<f64>,
    /// What was measured of the preset, as long as nothing of it is changed.
    pub calibration: Option<Calibration>,
}

/// Everything that a preset is made from.
#[derive(Debug)]
pub(crate) struct PresetBuilder<'a> {
    models: Models<'a>,
    chain: Chain<'a>,
    name: &'a str,
    overrides: &'a Overrides,
    environment: &'a EnvironmentValues,
    defaults: AgentDefaults<'a>,
    used: BTreeMap<ModelId, ResolvedModel>,
    /// Orders of preference, to be compared with who takes part.
    preferred: Vec<Placed<'a, &'a Vec<String>>>,
    problems: Vec<Problem>,
}

impl<'a> PresetBuilder<'a> {
    /// Finds what is written about the preset `name`.
    pub(crate) fn new(
        models: Models<'a>,
        name: &Placed<'a, &'a str>,
        environment: &'a EnvironmentValues,
        overrides: &'a Overrides,
    ) -> Result<Self, Problem> {
        let chain = Chain::find(models.sources, name)?;
        let mut problems = Vec::new();
        let defaults = AgentDefaults::new(&chain, environment.max_tokens.as_ref(), &mut problems);
        Ok(Self {
            models,
            chain,
            name: name.value,
            overrides,
            environment,
            defaults,
            used: BTreeMap::new(),
            preferred: Vec::new(),
            problems,
        })
    }

    /// The preset, or everything that is wrong with it.
    pub(crate) fn build(mut self) -> Result<ResolvedPreset, Vec<Problem>> {
        let wanted = self.overrides.placed_layers();
        let written = written_layers(&self.chain, self.name, wanted.as_ref());
        let written = self.keep(written).unwrap_or_default();
        let layers: Vec<Layer> =
            written.iter().zip(1..).filter_map(|(layer, number)| self.layer(layer, number)).collect();
        let aggregation = self.aggregation();
        let aggregator = self.aggregator(&aggregation, &layers);
        let judge = self.judge();
        let early_stop = self.early_stop();
        let fallback_aggregators = self.fallback_aggregators(aggregator.as_ref());
        let deadline = self.chain.pick(|raw| raw.deadline.as_ref());
        let deadline = deadline.and_then(|written| self.keep(duration(&written)));
        let synthesis = synthesis(self.models.sources, &self.chain, self.name);
        let synthesis = self.keep(synthesis).unwrap_or_default();
        let environment_cap = self.environment.max_cost_usd.as_ref();
        let cap = cost_cap(self.models.sources, Some(&self.chain), environment_cap, self.overrides);
        let max_cost_usd = self.keep(cap).flatten();
        let calibration = self.calibration();
        let Some(aggregator) = aggregator.filter(|_| self.problems.is_empty()) else {
            return Err(self.problems);
        };
        let partial_answers = self.chain.pick(|raw| raw.partial_answers.as_ref());
        let mut mixture = Mixture {
            residual: self.is_on(|raw| raw.residual.as_ref()),
            fallback_aggregators,
            aggregation,
            judge,
            early_stop,
            on_aggregator_failure: self.on_aggregator_failure(),
            references: self.references(),
            partial_answers: match partial_answers.map(|written| *written.value) {
                Some(RawPartialAnswers::Keep) => PartialAnswers::Keep,
                Some(RawPartialAnswers::Drop) => PartialAnswers::Drop,
                None => PartialAnswers::default(),
            },
            synthesis,
            deadline,
            ..Mixture::new(self.name, layers, aggregator)
        };
        // A judge that nobody asks is not fetched.
        let asked = mixture.models();
        self.used.retain(|id, _| asked.contains(id));
        for preferred in &self.preferred {
            check_preferred(&mixture, preferred).map_err(|problem| vec![problem])?;
        }
        self.overrides.apply(&mut mixture).map_err(|problem| vec![problem])?;
        Ok(ResolvedPreset { mixture, models: self.used, max_cost_usd, calibration })
    }

    fn aggregation(&mut self) -> Aggregation {
        let holder = self.chain.holder(|raw| raw.aggregation.is_some());
        let written =
            holder.and_then(|holder| Some((holder.file, holder.raw().aggregation.as_ref()?.value())));
        let Some((file, raw)) = written else { return Aggregation::default() };
        // Whoever replaces the layers of a preset leaves preferences behind that were for the ones before.
        let place = |holds: &dyn Fn(&RawPreset) -> bool| {
            self.chain.definitions().iter().position(|definition| holds(definition.raw()))
        };
        let layers = place(&|raw| raw.layer.is_some() || raw.proposers.is_some());
        let aggregation_place = place(&|raw| raw.aggregation.is_some());
        if layers.is_none() || aggregation_place <= layers {
            self.preferred.extend(raw.prefer.as_ref().map(|written| file.placed(written)));
        }
        let checked = aggregation(file, raw);
        self.keep(checked).unwrap_or_default()
    }

    /// What was measured of the preset. It holds for what is written in the same place: whatever changes that was not measured.
    fn calibration(&mut self) -> Option<Calibration> {
        let first = self.chain.definitions().first()?;
        let checked = calibration(first.file, first.raw().calibration.as_ref()?.value());
        let measured = self.keep(checked);
        measured.filter(|_| !self.overrides.change_answers() && self.environment.max_tokens.is_none())
    }

    fn selection(&mut self, layer: &WrittenLayer<'a>) -> Option<Choosing> {
        let of_layer = layer.select.map(|written| (layer.file, written));
        let of_preset = || {
            let holder = self.chain.holder(|raw| raw.select.is_some())?;
            Some((holder.file, holder.raw().select.as_ref()?))
        };
        let (file, written) = of_layer.or_else(of_preset)?;
        let raw = written.value();
        self.preferred.extend(raw.prefer.as_ref().map(|written| file.placed(written)));
        let checked = selection(file, raw);
        self.keep(checked)
    }

    fn aggregator(&mut self, aggregation: &Aggregation, layers: &[Layer]) -> Option<Agent> {
        let Some(holder) = self.chain.holder(|raw| raw.aggregator.is_some()) else {
            // Where the answer is chosen, nobody has to write one but in exceptions.
            if matches!(aggregation, Aggregation::Choose(_))
                && self.overrides.aggregator.is_none()
                && let Some(first) = layers.last().and_then(|layer| layer.agents.first())
            {
                return Some(first.clone());
            }
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

    fn early_stop(&mut self) -> Option<EarlyStop> {
        let holder = self.chain.holder(|raw| raw.early_stop.is_some())?;
        let checked = early_stop(holder.file, holder.raw().early_stop.as_ref()?.value());
        self.keep(checked)
    }

    /// Who compares answers, where the preset names somebody.
    fn judge(&mut self) -> Option<Agent> {
        let holder = self.chain.holder(|raw| raw.judge.is_some())?;
        let written = holder.raw().judge.as_ref()?;
        let built = self.builder().build(holder.file, written, AgentRole::Judge, None)?;
        self.used.insert(built.model.id, built.model.model);
        Some(built.agent)
    }

    /// Who stands in for the aggregator, each under a name of its own.
    fn fallback_aggregators(&mut self, aggregator: Option<&Agent>) -> Vec<Agent> {
        let Some(holder) = self.chain.holder(|raw| raw.fallback_aggregators.is_some()) else {
            return Vec::new();
        };
        let list = holder.raw().fallback_aggregators.as_ref().map(Written::value);
        let mut names: BTreeSet<String> = aggregator.map(|agent| agent.name.clone()).into_iter().collect();
        let mut agents = Vec::new();
        for written in list.into_iter().flatten() {
            let built = self.builder().build(holder.file, written, AgentRole::Aggregator, None);
            let Some(mut built) = built else { continue };
            built.agent.name = unique_name(&built.agent.name, &mut names);
            self.used.insert(built.model.id, built.model.model);
            agents.push(built.agent);
        }
        agents
    }

    fn on_aggregator_failure(&self) -> AggregatorFailure {
        match self.chain.pick(|raw| raw.on_aggregator_failure.as_ref()).map(|written| *written.value) {
            Some(RawAggregatorFailure::Proposal) => AggregatorFailure::Proposal,
            Some(RawAggregatorFailure::Fail) => AggregatorFailure::Fail,
            None => AggregatorFailure::default(),
        }
    }

    fn references(&self) -> ReferenceSettings {
        ReferenceSettings {
            shuffled: self.is_on(|raw| raw.shuffle_references.as_ref()),
            anonymous: self.is_on(|raw| raw.anonymous_references.as_ref()),
            without_outliers: self.is_on(|raw| raw.set_aside_outliers.as_ref()),
        }
    }

    fn is_on(&self, key: impl Fn(&'a RawPreset) -> Option<&'a Written<bool>>) -> bool {
        self.chain.pick(key).is_some_and(|written| *written.value)
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
        let wait = self.layer_wait(written);
        let select = self.selection(written);
        if self.problems.len() > before {
            return None;
        }
        if agents.is_empty() {
            let kind = ProblemKind::EmptyLayer { preset: self.name.to_owned(), layer: number };
            self.problems.push(Problem::at(&written.place, kind));
            return None;
        }
        let min_proposals = self.min_proposals(written, number, agents.len())?;
        Some(Layer { agents, min_proposals, deadline, wait, select, independent: written.independent })
    }

    fn layer_deadline(&mut self, written: &WrittenLayer<'a>) -> Option<Duration> {
        let of_preset = || self.chain.pick(|raw| raw.layer_deadline.as_ref());
        let deadline = written.deadline.clone().or_else(of_preset)?;
        self.keep(duration(&deadline))
    }

    fn layer_wait(&mut self, written: &WrittenLayer<'a>) -> Option<Duration> {
        let of_preset = || self.chain.pick(|raw| raw.wait.as_ref());
        let written = written.wait.clone().or_else(of_preset)?;
        self.keep(wait(&written))
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
