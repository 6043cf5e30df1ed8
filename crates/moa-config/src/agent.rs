//! One agent of a preset, checked.

use std::time::Duration;

use moa_core::{Agent, Sampling};

use crate::chain::Chain;
use crate::check::{self, Bounds};
use crate::duration::duration;
use crate::kind::ProblemKind;
use crate::model::{Models, NamedModel};
use crate::origin::Sourced;
use crate::place::Placed;
use crate::problem::Problem;
use crate::raw::{RawAgent, RawAgentTable};
use crate::source::SourceFile;
use crate::written::Written;

/// The most times that one agent is sampled in a layer.
const MOST_SAMPLES: u32 = 256;

/// What an agent is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AgentRole {
    Proposer,
    Aggregator,
    /// Compares answers: the same judgment every time, where nothing else is said.
    Judge,
}

/// What the preset says for every agent that says nothing itself.
#[derive(Debug, Clone)]
pub(crate) struct AgentDefaults<'a> {
    temperature: Option<f32>,
    max_tokens: Option<Placed<'a, &'a u32>>,
    proposer_max_tokens: Option<Placed<'a, &'a u32>>,
    system: Option<String>,
    deadline: Option<Duration>,
    environment_max_tokens: Option<&'a Sourced<u32>>,
}

impl<'a> AgentDefaults<'a> {
    /// What the definitions in `chain` say.
    pub(crate) fn new(
        chain: &Chain<'a>,
        environment_max_tokens: Option<&'a Sourced<u32>>,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut keep = |problem| problems.push(problem);
        let temperature = chain.pick(|raw| raw.temperature.as_ref());
        let deadline = chain.pick(|raw| raw.call_deadline.as_ref());
        let max_tokens = chain.pick(|raw| raw.max_tokens.as_ref());
        let proposer_max_tokens = chain.pick(|raw| raw.proposer_max_tokens.as_ref());
        let caps = [("max-tokens", &max_tokens), ("proposer-max-tokens", &proposer_max_tokens)];
        for (key, cap) in caps {
            if let Some(Err(problem)) = cap.as_ref().map(|cap| check::positive(key, cap)) {
                keep(problem);
            }
        }
        Self {
            temperature: temperature.and_then(|written| {
                check::within("temperature", &written, &check::TEMPERATURE).map_err(&mut keep).ok()
            }),
            deadline: deadline.and_then(|written| duration(&written).map_err(&mut keep).ok()),
            system: chain.pick(|raw| raw.system.as_ref()).map(|written| written.value.clone()),
            max_tokens,
            proposer_max_tokens,
            environment_max_tokens,
        }
    }

    /// The token cap of an agent: its own, its role's, the preset's, the model's; the environment wins over the weaker files.
    pub(crate) fn max_tokens(
        &self,
        own: Option<Placed<'_, &u32>>,
        role: AgentRole,
        model: &NamedModel,
    ) -> u32 {
        let of_role = match role {
            AgentRole::Proposer => self.proposer_max_tokens.clone(),
            AgentRole::Aggregator | AgentRole::Judge => None,
        };
        let written = own.or(of_role).or(self.max_tokens.clone());
        match (written, self.environment_max_tokens) {
            (Some(written), Some(environment)) if written.place.yields_to_environment() => environment.value,
            (Some(written), _) => *written.value,
            (None, Some(environment)) => environment.value,
            (None, None) => model.model.default_max_tokens(),
        }
    }
}

/// An agent and how many answers a layer takes of it.
#[derive(Debug, Clone)]
pub(crate) struct BuiltAgent {
    pub(crate) agent: Agent,
    pub(crate) samples: u32,
    pub(crate) model: NamedModel,
}

/// Everything that an agent is made from.
#[derive(Debug)]
pub(crate) struct AgentBuilder<'a, 'b> {
    pub(crate) models: Models<'a>,
    pub(crate) defaults: &'b AgentDefaults<'a>,
    pub(crate) problems: &'b mut Vec<Problem>,
}

impl<'a> AgentBuilder<'a, '_> {
    /// The agent as written, under `replacement` instead of its own model where one is given. `None` where there was a problem.
    pub(crate) fn build(
        &mut self,
        file: &'a SourceFile,
        written: &'a Written<RawAgent>,
        role: AgentRole,
        replacement: Option<Placed<'a, &'a str>>,
    ) -> Option<BuiltAgent> {
        let before = self.problems.len();
        let (own_model, table) = match written.value() {
            RawAgent::Model(name) => (Placed { value: name.as_str(), place: file.place(written) }, None),
            RawAgent::Table(table) => (file.placed(&table.model).map(String::as_str), Some(table.as_ref())),
        };
        let name = match (&replacement, table.and_then(|table| table.name.as_ref())) {
            (None, Some(name)) if name.value().is_empty() => {
                self.problems.push(Problem::at(&file.place(name), ProblemKind::Empty { key: "name" }));
                None
            }
            (None, Some(name)) => Some(name.value().clone()),
            _ => None,
        };
        let model = self.models.resolve(&replacement.unwrap_or(own_model));
        let settings = table.map(|table| self.settings(file, table, role)).unwrap_or_default();
        let model = self.keep(model)?;
        if self.problems.len() > before {
            return None;
        }
        let own_cap = table.and_then(|table| table.max_tokens.as_ref()).map(|written| file.placed(written));
        let of_role = match role {
            AgentRole::Proposer | AgentRole::Aggregator => self.defaults.temperature,
            AgentRole::Judge => Some(0.0),
        };
        let temperature = settings.temperature.or(of_role);
        // How to answer is no instruction for whoever compares answers.
        let of_preset = self.defaults.system.clone().filter(|_| role != AgentRole::Judge);
        let system = settings.system.or(of_preset);
        let agent = Agent {
            name: name.unwrap_or_else(|| model.agent_name.clone()),
            model: model.id.clone(),
            system: system.filter(|system| !system.is_empty()),
            sampling: Sampling {
                temperature: temperature.unwrap_or(settings.sampling.temperature),
                ..settings.sampling
            },
            max_tokens: self.defaults.max_tokens(own_cap, role, &model),
            deadline: settings.deadline.or(self.defaults.deadline),
        };
        Some(BuiltAgent { agent, samples: settings.samples.unwrap_or(1), model })
    }

    /// What the agent's own table says.
    fn settings(&mut self, file: &'a SourceFile, table: &'a RawAgentTable, role: AgentRole) -> Settings {
        if let Some(written) = &table.max_tokens {
            let checked = check::positive("max-tokens", &file.placed(written));
            self.keep(checked);
        }
        let samples = table.samples.as_ref().and_then(|written| {
            let placed = file.placed(written);
            let checked = check::up_to("samples", &placed, MOST_SAMPLES, "from 1 to 256");
            if role != AgentRole::Proposer && *placed.value != 1 {
                self.problems.push(Problem::at(&placed.place, ProblemKind::AggregatorSamples));
                return None;
            }
            self.keep(checked)
        });
        let deadline = table.deadline.as_ref().and_then(|written| self.keep(duration(&file.placed(written))));
        let stop = table.stop.as_ref().map(|written| file.placed(written));
        if let Some(stop) = stop.as_ref().filter(|stop| stop.value.iter().any(String::is_empty)) {
            self.problems.push(Problem::at(&stop.place, ProblemKind::Empty { key: "stop" }));
        }
        let mut number = |key, written: &'a Option<Written<f64>>, bounds: &Bounds| {
            let written = written.as_ref()?;
            self.keep(check::within(key, &file.placed(written), bounds))
        };
        Settings {
            temperature: number("temperature", &table.temperature, &check::TEMPERATURE),
            sampling: Sampling {
                top_p: number("top-p", &table.top_p, &check::TOP_P),
                top_k: table.top_k.as_ref().map(|written| *written.value()),
                min_p: number("min-p", &table.min_p, &check::MIN_P),
                repeat_penalty: number("repeat-penalty", &table.repeat_penalty, &check::REPEAT_PENALTY),
                frequency_penalty: number("frequency-penalty", &table.frequency_penalty, &check::PENALTY),
                presence_penalty: number("presence-penalty", &table.presence_penalty, &check::PENALTY),
                seed: table.seed.as_ref().map(|written| *written.value()),
                stop: stop.map(|stop| stop.value.clone()).unwrap_or_default(),
                ..Sampling::default()
            },
            system: table.system.as_ref().map(|written| written.value().clone()),
            deadline,
            samples,
        }
    }

    fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }
}

/// What an agent's own table says.
#[derive(Debug, Default)]
struct Settings {
    temperature: Option<f32>,
    sampling: Sampling,
    /// Empty where the agent takes back the preset's instructions.
    system: Option<String>,
    deadline: Option<Duration>,
    samples: Option<u32>,
}
