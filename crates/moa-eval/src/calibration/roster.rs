//! Who takes part, and the agents that candidates are made of.

use moa_core::extraction::AnswerForm;
use moa_core::{Agent, Layer, Mixture};

use crate::calls;

/// Who takes part.
#[derive(Debug, Clone)]
pub struct Roster {
    /// An agent for each model, in the order in which they are preferred where a kind sees no difference.
    pub agents: Vec<Agent>,
    /// The temperatures at which models are sampled.
    pub temperatures: Vec<f32>,
    /// So many samples of each model at each temperature.
    pub samples: u32,
    /// Where answers are looked for when they vote.
    pub forms: Vec<AnswerForm>,
    /// Makes the samples repeatable.
    pub seed: u64,
    /// Whether the models say how sure they are, so that this can be compared.
    pub tells_certainty: bool,
    /// How many of the agents, from the first on, are sampled: the rest is right too seldom for that.
    pub worth_sampling: usize,
    /// Whether some items ask for programs, so that candidates can be tried on the examples that the items give.
    pub writes_programs: bool,
}

impl Roster {
    /// The same with the agents in another order, by the places that they have now.
    #[must_use]
    pub fn in_order(&self, places: &[usize]) -> Self {
        Self {
            agents: places.iter().filter_map(|place| self.agents.get(*place).cloned()).collect(),
            ..self.clone()
        }
    }

    /// The agents that are sampled.
    #[must_use]
    pub fn sampled_agents(&self) -> &[Agent] {
        self.agents.get(..self.worth_sampling).unwrap_or(&self.agents)
    }

    /// Whether all of these are sampled.
    pub(super) fn is_sampled(&self, agents: &[Agent]) -> bool {
        let sampled = self.sampled_agents();
        agents.iter().all(|agent| sampled.iter().any(|other| other.model == agent.model))
    }

    /// The agent that always takes the likeliest token.
    #[must_use]
    pub fn greedy(&self, agent: &Agent) -> Agent {
        self.sample(agent, 0.0, 0)
    }

    /// One sample of the agent: the one that contenders of `moa eval` take under the same seed, so that each knows the other's.
    #[must_use]
    pub fn sample(&self, agent: &Agent, temperature: f32, number: u32) -> Agent {
        let mut agent = agent.clone();
        agent.sampling.temperature = temperature;
        calls::sample(&agent, self.seed, number)
    }

    /// Whether it is one of those that every candidate may ask: a likeliest answer, or one of the samples.
    pub(super) fn is_shared(&self, agent: &Agent) -> bool {
        let samples = self.temperatures.iter().flat_map(|of| self.several(agent, *of, self.samples));
        std::iter::once(self.greedy(agent)).chain(samples).any(|shared| shared.sampling == agent.sampling)
    }

    /// So many samples.
    pub(super) fn several(&self, agent: &Agent, temperature: f32, count: u32) -> Vec<Agent> {
        (0..count).map(|number| self.sample(agent, temperature, number)).collect()
    }

    /// The numbers of samples that are tried: all of them, and 3 where there are more.
    pub(super) fn counts(&self) -> Vec<u32> {
        let mut counts: Vec<u32> =
            [3, 5, self.samples].into_iter().filter(|count| (2..=self.samples).contains(count)).collect();
        counts.sort_unstable();
        counts.dedup();
        counts
    }
}

/// A mixture of one agent alone.
pub(super) fn alone(agent: &Agent) -> Mixture {
    Mixture::new(agent.name.clone(), Vec::new(), agent.clone())
}

/// A layer of agents, each under a name of its own as the configuration gives them: `m`, `m#2`, `m#3`.
pub(super) fn layer(agents: impl IntoIterator<Item = Agent>) -> Layer {
    let mut named: Vec<Agent> = Vec::new();
    for agent in agents {
        let numbered = (2_u32..).map(|number| format!("{}#{number}", agent.name));
        let is_free = |name: &String| !named.iter().any(|other| other.name == *name);
        let name = std::iter::once(agent.name.clone()).chain(numbered).find(is_free);
        named.push(Agent { name: name.unwrap_or_else(|| agent.name.clone()), ..agent });
    }
    Layer::new(named)
}
