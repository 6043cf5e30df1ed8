//! Candidates that are done early where what is there suffices: cascades to a dearer model, and samples only of programs that fail.

use moa_core::{
    Agent, Aggregation, AgreedAnswer, AgreementMeasure, Choosing, ChoosingKind, EarlyStop, Layer, Mixture,
};

use super::candidate::Candidate;
use super::pools::{LIKELIEST, Pool, likeliest};
use super::roster::{Roster, layer};

/// The agreement from which a cascade does not ask further: all the same, and more than a half.
const AGREEMENTS: [f64; 2] = [1.0, 0.6];

/// Cheap answers first; the dear model only where they disagree. It reads them, and has the last word.
pub(super) fn cascades(roster: &Roster, pools: &[Pool]) -> Vec<Candidate> {
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

/// A program's likeliest answer, and so many samples only where it fails the examples of its prompt: everything else costs one call.
pub(super) fn sampled_on(roster: &Roster, count: u32) -> Vec<Candidate> {
    let models = roster.sampled_agents();
    let mut candidates = Vec::new();
    for (agent, temperature) in
        models.iter().take(2).flat_map(|agent| roster.temperatures.iter().map(move |of| (agent, *of)))
    {
        let others: Vec<&Agent> = models.iter().filter(|other| other.model != agent.model).take(1).collect();
        let with_others = std::iter::once(others.as_slice()).filter(|others| !others.is_empty());
        for helpers in std::iter::once(&[][..]).chain(with_others) {
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
    candidates.retain(|_| roster.writes_programs);
    candidates
}
