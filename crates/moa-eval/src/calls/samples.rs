//! Seeds by which contenders share their samples.

use moa_core::{Agent, CallId, LayerIndex, Mixture, RunSeed};

/// The agent with the seed of its sample of this number, counted from 0. One that takes the likeliest token has the same one always.
#[must_use]
pub fn sample(agent: &Agent, seed: u64, number: u32) -> Agent {
    let alone = CallId { layer: LayerIndex(1), agent: 1 };
    let own = if agent.sampling.temperature > 0.0 {
        RunSeed::Given(seed.wrapping_add(u64::from(number))).of_call(alone)
    } else {
        seed
    };
    let mut agent = agent.clone();
    agent.sampling.seed = Some(own);
    agent
}

/// The mixture with seeds for the agents that read no answers: the first of some that are alike takes sample `first` of its model, the next
/// one the sample after that. So a model's samples are the same in every mixture, in a vote and alone: they are asked once, and contenders are compared on the
/// same luck. Agents that have a seed keep it.
#[must_use]
pub fn shared_samples(mixture: &Mixture, seed: u64, first: u32) -> Mixture {
    let mut mixture = mixture.clone();
    if mixture.layers.is_empty() {
        give(&mut mixture.aggregator, seed, first);
        return mixture;
    }
    let mut earlier: Vec<Agent> = Vec::new();
    for (place, layer) in mixture.layers.iter_mut().enumerate() {
        if place > 0 && !layer.independent {
            continue;
        }
        for agent in &mut layer.agents {
            let is_alike = |other: &&Agent| {
                (&other.model, &other.system, &other.sampling, other.max_tokens)
                    == (&agent.model, &agent.system, &agent.sampling, agent.max_tokens)
            };
            let before = u32::try_from(earlier.iter().filter(is_alike).count()).unwrap_or(u32::MAX);
            earlier.push(agent.clone());
            give(agent, seed, first.saturating_add(before));
        }
    }
    mixture
}

fn give(agent: &mut Agent, seed: u64, number: u32) {
    if agent.sampling.seed.is_none() {
        *agent = sample(agent, seed, number);
    }
}

#[cfg(test)]
#[path = "samples_tests.rs"]
mod tests;
