use std::collections::HashSet;

use moa_core::Agent;
use moa_core::extraction::AnswerForm;

use super::*;

fn roster(models: usize) -> Roster {
    Roster {
        worth_sampling: models,
        agents: (0..models).map(|place| Agent::new(format!("m{place}"), 10)).collect(),
        temperatures: vec![0.7],
        samples: 5,
        forms: vec![AnswerForm::Number],
        seed: 0,
        tells_certainty: true,
        writes_programs: true,
    }
}

#[test]
fn every_candidate_can_be_run_and_has_a_name_of_its_own() {
    for models in 1..=6 {
        let roster = roster(models);
        let all: Vec<Candidate> = [singles(&roster), chosen(&roster), roles(&roster), asking(&roster)]
            .into_iter()
            .flatten()
            .collect();
        let mut names = HashSet::new();
        for candidate in &all {
            candidate.mixture.check().unwrap_or_else(|error| panic!("{}: {error}", candidate.name));
        }
        // A role is also a candidate that asks.
        let of_roles: HashSet<String> = roles(&roster).into_iter().map(|candidate| candidate.name).collect();
        assert!(all.iter().all(|of| names.insert(of.name.clone()) || of_roles.contains(&of.name)));
        assert_eq!(singles(&roster).len(), models);
    }
}

#[test]
fn what_chooses_asks_nobody_and_what_asks_does() {
    let roster = roster(3);
    assert!(
        chosen(&roster).iter().all(|candidate| !candidate.asks(&roster)),
        "choosing costs nothing beside the proposals"
    );
    assert!(asking(&roster).iter().chain(&roles(&roster)).all(|candidate| candidate.asks(&roster)));
    let kinds: HashSet<String> =
        chosen(&roster).into_iter().chain(asking(&roster)).map(|of| of.kind).collect();
    for kind in [
        "vote",
        "mux",
        "certainty",
        "run-candidates",
        "rank",
        "universal-self-consistency",
        "synthesise",
        "analyse-then-write",
        "escalate",
        "self-moa",
        "self-moa-seq",
    ] {
        assert!(kinds.contains(kind), "{kind} is not tried");
    }
}

#[test]
fn one_model_has_votes_of_its_own_samples_and_no_pool() {
    let roster = roster(1);
    assert!(roles(&roster).is_empty());
    let chosen = chosen(&roster);
    assert!(!chosen.is_empty() && chosen.iter().all(|of| of.members().len() == 1));
}

#[test]
fn nobody_means_nothing_is_tried() {
    let roster = roster(0);
    assert!([singles(&roster), chosen(&roster), roles(&roster), asking(&roster)].iter().all(Vec::is_empty));
}

#[test]
fn proposals_are_the_same_calls_in_every_pool() {
    let roster = roster(2);
    let mut samples = HashSet::new();
    for candidate in chosen(&roster) {
        for agent in candidate.mixture.layers.iter().flat_map(|layer| &layer.agents) {
            samples
                .insert(format!("{} {:?} {}", agent.model, agent.sampling.seed, agent.sampling.temperature));
        }
    }
    assert_eq!(samples.len(), 2 * (1 + 5), "the likeliest answer and five samples of each model serve all");
}

#[test]
fn models_that_do_not_say_how_sure_they_are_are_not_compared_by_it() {
    let roster = Roster { tells_certainty: false, ..roster(2) };
    assert!(chosen(&roster).iter().all(|candidate| candidate.kind != "certainty"));
}

#[test]
fn programs_are_only_run_where_some_are_asked_for() {
    let roster = Roster { writes_programs: false, ..roster(2) };
    assert!(chosen(&roster).iter().all(|candidate| candidate.kind != "run-candidates"));
}

#[test]
fn what_asks_a_model_in_any_case_is_told_from_what_escalates_to_it() {
    let roster = roster(2);
    let (strong, weak) = (&roster.agents[0].model, &roster.agents[1].model);
    let escalates = |candidate: &Candidate| candidate.kind == "escalate" && !candidate.always_asks(strong);
    let all = asking(&roster);
    let cascade = all.iter().find(|of| escalates(of)).unwrap();
    assert!(cascade.always_asks(weak) && cascade.members().contains(strong));
    let chosen = chosen(&roster);
    let mut at_once = chosen.iter().filter(|of| of.mixture.early_stop.is_none());
    assert!(at_once.all(|of| of.members().iter().all(|member| of.always_asks(member))));
}

#[test]
fn a_list_that_is_cut_short_has_some_of_every_kind() {
    let all = asking(&roster(3));
    let kinds = |candidates: &[Candidate]| -> HashSet<String> {
        candidates.iter().map(|candidate| candidate.kind.clone()).collect()
    };
    assert_eq!(kinds(&all[..16]), kinds(&all));
    let is = |what: &str| all[..16].iter().any(|candidate| candidate.name.contains(what));
    for what in ["ranked in pairs", "2 layers", "most different", "if it fails the examples"] {
        assert!(is(what), "{what}");
    }
}

#[test]
fn who_is_right_too_seldom_is_not_sampled_and_still_takes_part() {
    let roster = Roster { worth_sampling: 2, ..roster(3) };
    let hopeless = &roster.agents[2].model;
    let all: Vec<Candidate> =
        [singles(&roster), chosen(&roster), asking(&roster)].into_iter().flatten().collect();
    let of_hopeless = |candidate: &&Candidate| candidate.members().contains(hopeless);
    assert!(all.iter().filter(of_hopeless).count() > 3);
    let mut agents =
        all.iter().flat_map(|candidate| &candidate.mixture.layers).flat_map(|layer| &layer.agents);
    assert!(agents.all(|agent| agent.model != *hopeless || agent.sampling.temperature <= 0.0));
}

#[test]
fn further_samples_of_a_program_are_asked_only_where_the_likeliest_fails() {
    let roster = roster(2);
    let all: Vec<Candidate> = [chosen(&roster), asking(&roster)].into_iter().flatten().collect();
    let retried: Vec<&Candidate> = all.iter().filter(|of| of.name.contains("if it fails")).collect();
    let extra: HashSet<usize> = retried.iter().map(|of| of.extra_calls(&roster).len()).collect();
    assert_eq!(extra, HashSet::from([0, 5, 10]), "samples that every candidate may ask are not counted");
    for candidate in retried {
        let [first, more] = candidate.mixture.layers.as_slice() else { panic!("{}", candidate.name) };
        assert_eq!((first.agents.len(), first.independent, more.independent), (1, false, true));
        let by = |aggregation: &Aggregation| match aggregation {
            Aggregation::Choose(choosing) => Some((choosing.by, choosing.prefer.clone())),
            _ => None,
        };
        let prefers = vec![first.agents[0].name.clone()];
        assert_eq!(by(&candidate.mixture.aggregation), Some((ChoosingKind::RunCandidates, prefers)));
    }
    let texts = Roster { writes_programs: false, ..roster };
    let all = chosen(&texts).into_iter().chain(asking(&texts));
    assert!(all.into_iter().all(|of| !of.name.contains("if it fails")));
}
