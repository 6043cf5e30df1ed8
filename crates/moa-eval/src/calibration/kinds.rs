//! The candidates that are tried: every kind of combination over the pools of a roster.
//!
//! A new kind of choosing belongs into [`choosing_kinds`], one that asks a model into [`written_kinds`]; nothing else has to know of it.

use moa_core::{Agent, Aggregation, CertaintyMeasure, Choosing, ChoosingKind, Layer, Mixture, RankMethod};

use super::candidate::Candidate;
use super::early_stops::{cascades, sampled_on};
use super::pools::{LIKELIEST, Pool, first_pool, pools};
use super::roster::{Roster, alone, layer};

/// Answers that are compared two by two.
const MOST_IN_PAIRS: usize = 3;

/// Answers that Self-MoA-Seq reads at a time: the fewest with which it reads two new ones.
const WINDOW: u32 = 3;

/// So many times the samples that there are, where only those programs are sampled further that fail.
const FURTHER: u32 = 2;

/// Answers that go on where the most different ones do.
const MOST_DIFFERENT: u32 = 2;

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

/// What is decided by proposals that all candidates share, so that it costs nothing to try.
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
    candidates.extend(sampled_on(roster, roster.samples));
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
    let further = sampled_on(roster, roster.samples.saturating_mul(FURTHER));
    let mut kinds = vec![further, synthesised(roster, &read, best), cascades(roster, &pools)];
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

#[cfg(test)]
#[path = "kinds_tests.rs"]
mod tests;
