//! The proposers that candidates are made of: every set of the best models, with the likeliest answer of each or with samples.

use moa_core::Agent;

use super::roster::Roster;

/// Pools are made of so many models, those that were best by themselves; of more, there are too many pools.
pub(super) const MOST_IN_POOLS: usize = 4;

/// What the likeliest answer of a model is called among its samples.
pub(super) const LIKELIEST: &str = "likeliest";

/// Proposers, and what they are called together.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) name: String,
    pub(super) agents: Vec<Agent>,
    /// The models among them, the best first.
    pub(super) models: Vec<Agent>,
    /// Whether models are sampled, instead of each giving its likeliest answer.
    pub(super) is_sampled: bool,
}

/// One likeliest answer of each model.
pub(super) fn first_pool(roster: &Roster) -> Pool {
    pool_of(roster, &roster.agents)
}

fn pool_of(roster: &Roster, models: &[Agent]) -> Pool {
    let agents = models.iter().map(|agent| roster.greedy(agent)).collect();
    Pool { name: names(models), agents, models: models.to_vec(), is_sampled: false }
}

fn names(models: &[Agent]) -> String {
    models.iter().map(|agent| agent.name.as_str()).collect::<Vec<_>>().join(" + ")
}

/// All pools: each model sampled by itself, and every set of models with one answer or with samples of each, as far as they are sampled.
pub(super) fn pools(roster: &Roster) -> Vec<Pool> {
    let models = roster.agents.get(..MOST_IN_POOLS.min(roster.agents.len())).unwrap_or_default();
    let mut pools = Vec::new();
    for subset in subsets(models) {
        if subset.len() > 1 {
            pools.push(pool_of(roster, &subset));
        }
        for temperature in roster.temperatures.iter().filter(|_| roster.is_sampled(&subset)) {
            for count in roster.counts() {
                let suffix =
                    if roster.temperatures.len() > 1 { format!(" at {temperature}") } else { String::new() };
                let agents: Vec<Agent> =
                    subset.iter().flat_map(|agent| roster.several(agent, *temperature, count)).collect();
                let name = format!("{} x{count}{suffix}", bracketed(&subset));
                pools.push(Pool { name, agents, models: subset.clone(), is_sampled: true });
                // The likeliest answer, with samples to hold it against.
                if let [agent] = subset.as_slice() {
                    let samples = roster.several(agent, *temperature, count - 1);
                    let agents = std::iter::once(likeliest(roster, agent)).chain(samples).collect();
                    let name = format!("{} and {}{suffix}", agent.name, more(count - 1));
                    pools.push(Pool { name, agents, models: subset.clone(), is_sampled: true });
                }
            }
        }
    }
    pools
}

/// `1 sample`, `4 samples`
fn more(samples: u32) -> String {
    if samples == 1 { "1 sample".to_owned() } else { format!("{samples} samples") }
}

fn bracketed(models: &[Agent]) -> String {
    if models.len() > 1 { format!("({})", names(models)) } else { names(models) }
}

/// Every set of models that is not empty, small ones first, each in the order of the roster.
fn subsets(models: &[Agent]) -> Vec<Vec<Agent>> {
    let mut subsets: Vec<Vec<Agent>> = Vec::new();
    for bits in 1_u32..1 << models.len().min(MOST_IN_POOLS) {
        let is_in = |place: usize| bits >> place & 1 == 1;
        subsets.push(
            models
                .iter()
                .enumerate()
                .filter(|(place, _)| is_in(*place))
                .map(|(_, agent)| agent.clone())
                .collect(),
        );
    }
    subsets.sort_by_key(Vec::len);
    subsets
}

/// The likeliest answer of a model, under a name by which it can be preferred to samples.
pub(super) fn likeliest(roster: &Roster, agent: &Agent) -> Agent {
    Agent { name: LIKELIEST.to_owned(), ..roster.greedy(agent) }
}
