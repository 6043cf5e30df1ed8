use std::collections::BTreeSet;

use moa_core::Layer;

use super::*;

fn agent(temperature: f32) -> Agent {
    let mut agent = Agent::new("m", 10);
    agent.sampling.temperature = temperature;
    agent
}

fn named(name: &str, agent: &Agent) -> Agent {
    Agent { name: name.to_owned(), ..agent.clone() }
}

fn seeds(layer: &Layer) -> Vec<u64> {
    layer.agents.iter().map(|agent| agent.sampling.seed.unwrap()).collect()
}

#[test]
fn a_model_writes_the_same_samples_alone_in_a_vote_and_in_mixtures() {
    let (warm, greedy) = (agent(0.7), agent(0.0));
    let alone = |number| {
        let single = Mixture::new("m", Vec::new(), warm.clone());
        shared_samples(&single, 9, number).aggregator.sampling.seed.unwrap()
    };
    let votes: Vec<u64> = (0..3).map(alone).collect();
    assert_eq!(votes.iter().collect::<BTreeSet<_>>().len(), 3);
    let first = Layer::new(vec![named("a", &warm), named("likeliest", &greedy), named("b", &warm)]);
    let more = Layer { independent: true, ..Layer::new(vec![named("c", &warm)]) };
    let reading = Layer::new(vec![named("d", &warm)]);
    let mixture = shared_samples(&Mixture::new("x", vec![first, more, reading], greedy.clone()), 9, 0);
    assert_eq!(seeds(&mixture.layers[0]), [votes[0], 9, votes[1]]);
    assert_eq!(seeds(&mixture.layers[1]), [votes[2]]);
    // Who reads answers asks what nobody else asks.
    assert_eq!((mixture.layers[2].agents[0].sampling.seed, mixture.aggregator.sampling.seed), (None, None));
}

#[test]
fn a_seed_of_its_own_is_kept() {
    let mut own = agent(0.7);
    own.sampling.seed = Some(3);
    let mixture = shared_samples(&Mixture::new("m", Vec::new(), own), 9, 0);
    assert_eq!(mixture.aggregator.sampling.seed, Some(3));
}
