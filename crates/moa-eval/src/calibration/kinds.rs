//! The candidates that are tried: every kind of combination over the pools of a roster.
//!
//! A new kind of choosing belongs into [`choosing_kinds`], one that asks a model into [`written_kinds`]; nothing else has to know of it.

use moa_core::{
    Agent, Aggregation, AgreedAnswer, AgreementMeasure, CertaintyMeasure, Choosing, ChoosingKind, EarlyStop,
    Layer, Mixture, RankMethod,
};

use super::candidate::Candidate;
use super::roster::{Roster, alone, layer};

/// Pools are made of so many models, those that were best by themselves; of more, there are too many pools.
pub(super) const MOST_IN_POOLS: usize = 4;

/// What the likeliest answer of a model is called among its samples.
const LIKELIEST: &str = "likeliest";

/// Answers that are compared two by two.
const MOST_IN_PAIRS: usize = 3;

/// Answers that Self-MoA-Seq reads at a time: the fewest with which it reads two new ones.
const WINDOW: u32 = 3;

/// Answers that go on where the most different ones do.
const MOST_DIFFERENT: u32 = 2;

/// The agreement from which a cascade does not ask further: all the same, and more than a half.
const AGREEMENTS: [f64; 2] = [1.0, 0.6];

/// Everything that a calibration of this roster may try, the models in this order.
#[must_use]
pub fn candidates(roster: &Roster) -> Vec<Candidate> {
    [singles(roster), chosen(roster), asking(roster)].into_iter().flatten().collect()
}

/// Each model alone.
pub(super) fn singles(roster: &Roster) -> Vec<Candidate> {
    let single = |agent: &Agent| Candidate::new(agent.name.clone(), "alone", alone(&roster.greedy(agent)));
    roster.agents.iter().map(single).collect()
}

/// Every model as the aggregator of one answer of each.
pub(super) fn roles(roster: &Roster) -> Vec<Candidate> {
    if roster.agents.len() < 2 {
        return Vec::new();
    }
    let pool = first_pool(roster);
    roster.agents.iter().map(|agent| written(roster, &pool, agent, &Aggregation::Synthesise, 1)).collect()
}

/// What is decided by the proposals alone, so that it costs nothing to try.
pub(super) fn chosen(roster: &Roster) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for pool in pools(roster) {
        if pool.agents.len() < 2 {
            continue;
        }
        for (by, label) in choosing_kinds(roster, &pool) {
            let prefer = preferred(&pool);
            let aggregation = Aggregation::Choose(Choosing { by, keep: 1, prefer });
            let Some(first) = pool.agents.first().cloned() else { continue };
            let mixture =
                Mixture { aggregation, ..Mixture::new("", vec![layer(pool.agents.clone())], first) };
            candidates.push(Candidate::new(format!("{}: {label}", pool.name), by.name(), mixture));
        }
    }
    candidates
}

/// What asks a model beside the proposals: every kind in turn, of each the most promising first, so that a list that is cut short has some of
/// all.
pub(super) fn asking(roster: &Roster) -> Vec<Candidate> {
    let mut pools = pools(roster);
    let Some(best) = roster.agents.first() else { return Vec::new() };
    // What does not ask the best model can hardly be better than it.
    pools.sort_by_key(|pool| !pool.models.iter().any(|agent| agent.model == best.model));
    let read: Vec<&Pool> = pools
        .iter()
        .filter(|pool| pool.agents.len() > 1 && !(pool.is_sampled && pool.models.len() > 1))
        .collect();
    let mut kinds = vec![sampled_on(roster), synthesised(roster, &read, best), cascades(roster, &pools)];
    kinds.extend(written_kinds(roster, &read));
    // Depth: the paper's shape, proposers that read each other first.
    let full = read.iter().filter(|pool| !pool.is_sampled);
    kinds.push(full.map(|pool| written(roster, pool, best, &Aggregation::Synthesise, 2)).collect());
    kinds.push(read.iter().filter_map(|pool| most_different(roster, pool, best)).collect());
    let mut names = std::collections::HashSet::new();
    let mut candidates = in_turn(kinds);
    candidates.retain(|candidate| names.insert(candidate.name.clone()));
    candidates
}

/// The first of each list, then the second of each, and so on.
fn in_turn(lists: Vec<Vec<Candidate>>) -> Vec<Candidate> {
    let mut lists: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    let mut candidates = Vec::new();
    loop {
        let before = candidates.len();
        candidates.extend(lists.iter_mut().filter_map(Iterator::next));
        if candidates.len() == before {
            return candidates;
        }
    }
}

/// Proposers, and what they are called together.
#[derive(Debug, Clone)]
struct Pool {
    name: String,
    agents: Vec<Agent>,
    /// The models among them, the best first.
    models: Vec<Agent>,
    /// Whether models are sampled, instead of each giving its likeliest answer.
    is_sampled: bool,
}

/// One likeliest answer of each model.
fn first_pool(roster: &Roster) -> Pool {
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
fn pools(roster: &Roster) -> Vec<Pool> {
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

/// Who wins where a kind sees no difference: whoever was better by itself, and a likeliest answer before samples.
fn preferred(pool: &Pool) -> Vec<String> {
    if pool.agents.iter().any(|agent| agent.name == LIKELIEST) {
        return vec![LIKELIEST.to_owned()];
    }
    let is_one = pool.models.len() < 2;
    pool.models.iter().filter(|_| !is_one).map(|agent| agent.model.to_string()).collect()
}

/// The kinds that decide by the proposals alone.
fn choosing_kinds(roster: &Roster, pool: &Pool) -> Vec<(ChoosingKind, String)> {
    let mut kinds = Vec::new();
    for form in &roster.forms {
        let answer = if roster.forms.len() > 1 { format!(" by {}", form.name()) } else { String::new() };
        kinds.push((ChoosingKind::Vote { answer: *form }, format!("vote{answer}")));
        if pool.is_sampled && pool.models.len() > 1 {
            kinds.push((ChoosingKind::Mux { answer: *form }, format!("mux{answer}")));
        }
    }
    if roster.writes_programs {
        kinds.push((ChoosingKind::RunCandidates, "run candidates".to_owned()));
    }
    if roster.tells_certainty {
        let measures =
            [(CertaintyMeasure::LogProbability, "log-probability"), (CertaintyMeasure::Entropy, "entropy")];
        for (measure, name) in measures {
            kinds.push((ChoosingKind::Certainty { measure }, format!("certainty by {name}")));
        }
    }
    kinds
}

/// The aggregators of a pool: its two best, and the best of all.
fn synthesised(roster: &Roster, pools: &[&Pool], best: &Agent) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for pool in pools {
        let mut aggregators: Vec<&Agent> = pool.models.iter().take(2).collect();
        if !aggregators.iter().any(|agent| agent.model == best.model) && !pool.is_sampled {
            aggregators.push(best);
        }
        candidates.extend(
            aggregators.iter().map(|agent| written(roster, pool, agent, &Aggregation::Synthesise, 1)),
        );
    }
    candidates
}

/// The kinds that ask a model, beside synthesis: a list for each.
fn written_kinds(roster: &Roster, pools: &[&Pool]) -> Vec<Vec<Candidate>> {
    let by = |pool: &Pool, by| Aggregation::Choose(Choosing { by, keep: 1, prefer: preferred(pool) });
    let ranked = |pool: &Pool, method| by(pool, ChoosingKind::Rank { method });
    let of = |kind: &dyn Fn(&Pool) -> Option<Aggregation>| -> Vec<Candidate> {
        let candidate = |pool: &&Pool| Some(written(roster, pool, pool.models.first()?, &kind(pool)?, 1));
        pools.iter().filter_map(candidate).collect()
    };
    vec![
        of(&|pool| Some(by(pool, ChoosingKind::UniversalSelfConsistency))),
        of(&|_| Some(Aggregation::AnalyseThenWrite)),
        of(&|pool| Some(ranked(pool, RankMethod::Listwise))),
        // The number of pairs grows with the square.
        of(&|pool| (pool.agents.len() <= MOST_IN_PAIRS).then(|| ranked(pool, RankMethod::Pairwise))),
        // Of no more answers than a window holds it is synthesis.
        of(&|pool| {
            (pool.agents.len() > WINDOW as usize).then_some(Aggregation::SelfMoaSeq { window: WINDOW })
        }),
    ]
}

/// Two answers of a pool that differ most, synthesised.
fn most_different(roster: &Roster, pool: &Pool, best: &Agent) -> Option<Candidate> {
    if pool.agents.len() <= MOST_DIFFERENT as usize {
        return None;
    }
    let select = Some(Choosing { by: ChoosingKind::Diverse, keep: MOST_DIFFERENT, prefer: Vec::new() });
    let layers = vec![Layer { select, ..layer(pool.agents.clone()) }];
    let name = format!("{}: the {MOST_DIFFERENT} most different, synthesised by {}", pool.name, best.name);
    Some(Candidate::new(name, "synthesise", Mixture::new("", layers, roster.greedy(best))))
}

/// A program's likeliest answer, and samples only where it fails the examples of its prompt: everything else costs one call.
fn sampled_on(roster: &Roster) -> Vec<Candidate> {
    let models = roster.sampled_agents();
    let mut candidates = Vec::new();
    for (agent, temperature) in
        models.iter().take(2).flat_map(|agent| roster.temperatures.iter().map(move |of| (agent, *of)))
    {
        let others: Vec<&Agent> = models.iter().filter(|other| other.model != agent.model).take(1).collect();
        for count in [roster.samples, roster.samples.saturating_mul(2)] {
            for helpers in [&[][..], others.as_slice()] {
                let samples = std::iter::once(&agent).chain(helpers);
                let more = samples.flat_map(|of| roster.several(of, temperature, count));
                let more = Layer { independent: true, ..layer(more) };
                let by = ChoosingKind::RunCandidates;
                let choosing = Choosing { by, keep: 1, prefer: vec![LIKELIEST.to_owned()] };
                let measure = AgreementMeasure::Examples;
                let mixture = Mixture {
                    aggregation: Aggregation::Choose(choosing),
                    early_stop: Some(EarlyStop { agreement: 1.0, measure, then: AgreedAnswer::Answer }),
                    ..Mixture::new("", vec![layer([likeliest(roster, agent)]), more], roster.greedy(agent))
                };
                let suffix =
                    if roster.temperatures.len() > 1 { format!(" at {temperature}") } else { String::new() };
                let whose: Vec<&str> =
                    std::iter::once(&agent).chain(helpers).map(|of| of.name.as_str()).collect();
                let name = format!(
                    "{}: if it fails the examples, {count} samples{suffix} of {}: run candidates",
                    agent.name,
                    whose.join(" and ")
                );
                candidates.push(Candidate::new(name, by.name(), mixture));
            }
        }
    }
    candidates.retain(|_| roster.writes_programs);
    candidates
}

/// The likeliest answer of a model, under a name by which it can be preferred to samples.
fn likeliest(roster: &Roster, agent: &Agent) -> Agent {
    Agent { name: LIKELIEST.to_owned(), ..roster.greedy(agent) }
}

fn written(
    roster: &Roster,
    pool: &Pool,
    aggregator: &Agent,
    aggregation: &Aggregation,
    layers: usize,
) -> Candidate {
    let layers_of: Vec<Layer> = (0..layers).map(|_| layer(pool.agents.clone())).collect();
    let mixture = Mixture {
        aggregation: aggregation.clone(),
        ..Mixture::new("", layers_of, roster.greedy(aggregator))
    };
    let is_self = pool.is_sampled && pool.models.len() == 1 && aggregation.is_synthesis();
    let (kind, what) = match aggregation {
        Aggregation::Synthesise if is_self => ("self-moa", "Self-MoA, synthesised by"),
        Aggregation::Synthesise => ("synthesise", "synthesised by"),
        Aggregation::AnalyseThenWrite => ("analyse-then-write", "analysed and written by"),
        Aggregation::SelfMoaSeq { .. } => ("self-moa-seq", "folded by"),
        Aggregation::Choose(choosing) => match choosing.by {
            ChoosingKind::Rank { method: RankMethod::Listwise } => ("rank", "ranked by"),
            ChoosingKind::Rank { method: RankMethod::Pairwise } => ("rank", "ranked in pairs by"),
            _ => (choosing.by.name(), "the most consistent for"),
        },
    };
    let depth = if layers > 1 { format!(" {layers} layers,") } else { String::new() };
    Candidate::new(format!("{}:{depth} {what} {}", pool.name, aggregator.name), kind, mixture)
}

/// Cheap answers first; the dear model only where they disagree. It reads them, and has the last word.
fn cascades(roster: &Roster, pools: &[Pool]) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for pool in pools.iter().filter(|pool| pool.agents.len() > 1 && pool.agents.len() <= 3) {
        for (place, strong) in roster.agents.iter().enumerate().take(2) {
            for form in &roster.forms {
                for agreement in AGREEMENTS {
                    // Of two answers more than a half is all of them.
                    if pool.agents.len() < 3 && agreement < 1.0 || place > 0 && pool.is_sampled {
                        continue;
                    }
                    let measure = AgreementMeasure::Answer { form: *form };
                    let early_stop = Some(EarlyStop { agreement, measure, then: AgreedAnswer::Answer });
                    let layers = vec![layer(pool.agents.clone())];
                    // An early stop looks for layers that are left: the aggregator's is one.
                    let mixture = Mixture { early_stop, ..Mixture::new("", layers, roster.greedy(strong)) };
                    let answer =
                        if roster.forms.len() > 1 { format!(" by {}", form.name()) } else { String::new() };
                    let share = format!("{:.0} %", agreement * 100.0);
                    let name = format!("{}: if less than {share} agree{answer}, {}", pool.name, strong.name);
                    candidates.push(Candidate::new(name, "escalate", mixture));
                }
            }
        }
    }
    candidates
}

#[cfg(test)]
#[path = "kinds_tests.rs"]
mod tests;
