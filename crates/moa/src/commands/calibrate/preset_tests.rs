use std::collections::BTreeMap;

use moa_config::{Config, LoadOptions, Overrides};
use moa_core::extraction::AnswerForm;
use moa_core::{Agent, Mixture, RequestKind};
use moa_eval::calibration::{
    Alternative, Calibration, Candidate, Confirmed, Currency, Finding, Roster, Share, TaskRow, candidates,
};
use moa_eval::statistics::{Estimate, Interval};

use super::{Source, check_name, quoted, text};
use crate::workspace::known_models;

const MODELS: [&str; 3] =
    ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct"];

fn roster() -> Roster {
    Roster {
        worth_sampling: MODELS.len(),
        agents: MODELS.map(|model| Agent::new(model, 400)).to_vec(),
        temperatures: vec![0.3, 0.7],
        samples: 5,
        forms: vec![AnswerForm::Number, AnswerForm::Whole],
        seed: 3,
        tells_certainty: true,
        writes_programs: true,
    }
}

fn calibration(candidate: &Candidate) -> Calibration {
    let share = Share::of(30, 48).unwrap();
    // A mean that lies beside the percentiles of its draws.
    let interval = Interval { low: 0.11, high: 0.2 };
    let difference = Estimate { mean: 0.1, interval, standard_error: 0.02, items: 48, values: 48 };
    let confirmed = Confirmed {
        candidate: candidate.name.clone(),
        accuracy: share,
        accuracy_of_best: share,
        difference,
        confidence: 1.0 - 0.05 / 3.0,
        by_task: Vec::new(),
        cost_ratio: Some(2.5),
        time_ratio: Some(1.0),
        finding: Finding::Better,
    };
    Calibration {
        tasks: vec![TaskRow { task: "gsm8k".to_owned(), search: 50, confirmation: 48 }],
        kinds: vec![RequestKind::Number, RequestKind::Code],
        currency: Currency::MachineSeconds,
        temperatures: vec![0.7],
        samples: 5,
        models: Vec::new(),
        correlations: Vec::new(),
        effective_answers: None,
        any_right: None,
        candidates: Vec::new(),
        equal_tokens: Vec::new(),
        reliability: Vec::new(),
        best_single: MODELS[2].to_owned(),
        best_single_accuracy: share,
        finalists: vec![confirmed],
        recommended: candidate.name.clone(),
        reason: "a \"reason\" with \\ and\na line".to_owned(),
        unconfirmed: Vec::new(),
        cheaper: None,
        remarks: Vec::new(),
        recommended_candidate: candidate.clone(),
    }
}

/// The preset as the configuration reads it.
fn read(calibration: &Calibration) -> (String, Config) {
    let written = MODELS.map(|model| (model.into(), model.to_owned())).into_iter().collect();
    let identities: BTreeMap<String, String> =
        MODELS.map(|model| (model.to_owned(), "a file".to_owned())).into();
    let source = Source {
        name: "best.one",
        day: "2026-11-27",
        command: "moa calibrate --tasks gsm8k",
        calibration,
        written: &written,
        identities: &identities,
    };
    let text = text(&source).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("best.toml");
    std::fs::write(&file, &text).unwrap();
    let options = LoadOptions {
        environment: [("HOME", "/home/ann")].into_iter().collect(),
        explicit_file: Some(file),
        known_models: known_models(),
        ..LoadOptions::default()
    };
    let config = moa_config::load(options).unwrap_or_else(|error| panic!("{error}\n{text}"));
    (text, config)
}

/// Without what a preset does not say: seeds, and who would write an answer that is chosen.
fn plain(mut mixture: Mixture) -> Mixture {
    let is_asked = mixture.asks_aggregator() || mixture.asks_judge();
    if !is_asked {
        mixture.aggregator = Agent::new("nobody", 1);
    }
    mixture.aggregator.sampling.seed = None;
    for agent in mixture.layers.iter_mut().flat_map(|layer| &mut layer.agents) {
        agent.sampling.seed = None;
    }
    mixture.name = String::new();
    mixture
}

#[test]
fn every_candidate_is_read_back_as_it_was_measured() {
    let all = candidates(&roster());
    assert!(all.len() > 100, "{}", all.len());
    for candidate in &all {
        let (text, config) = read(&calibration(candidate));
        let preset = config.preset("best.one", &Overrides::default()).unwrap();
        assert_eq!(plain(preset.mixture), plain(candidate.mixture.clone()), "{}\n{text}", candidate.name);
        let measured = preset.calibration.unwrap();
        assert_eq!((measured.items, measured.kinds.len()), (48, 2));
        assert_eq!(measured.reason.as_deref(), Some("a \"reason\" with \\ and\na line"));
        assert!(measured.models.values().all(|identity| identity == "a file") && !measured.models.is_empty());
    }
}

#[test]
fn what_is_better_for_less_is_a_preset_beside_the_recommended_one() {
    let all = candidates(&roster());
    let (dear, cheap) = (&all[all.len() - 1], &all[5]);
    let mut found = calibration(dear);
    let mut confirmed = found.finalists[0].clone();
    confirmed.candidate.clone_from(&cheap.name);
    confirmed.cost_ratio = Some(1.25);
    found.finalists.push(confirmed);
    let reason = "it is right more often".to_owned();
    found.cheaper = Some(Alternative { name: cheap.name.clone(), reason, candidate: cheap.clone() });
    let (text, config) = read(&found);
    let ratio = |name: &str, candidate: &Candidate| {
        let preset = config.preset(name, &Overrides::default()).unwrap();
        assert_eq!(plain(preset.mixture), plain(candidate.mixture.clone()), "{text}");
        preset.calibration.unwrap().cost_ratio
    };
    assert_eq!((ratio("best.one", dear), ratio("best.one-cheaper", cheap)), (Some(2.5), Some(1.25)));
}

#[test]
fn a_single_model_has_no_difference_from_itself() {
    let candidate = candidates(&roster()).remove(0);
    let found = Calibration { finalists: Vec::new(), ..calibration(&candidate) };
    let (_, config) = read(&found);
    let preset = config.preset("best.one", &Overrides::default()).unwrap();
    assert!(preset.mixture.layers.is_empty() && preset.calibration.unwrap().difference.is_none());
}

#[test]
fn names_that_would_break_the_file_are_refused() {
    for name in ["", "a b", "a]\n[x", "a\"", "ä"] {
        assert!(check_name(name).is_err(), "{name}");
    }
    assert!(check_name("best-of_2.1").is_ok());
    assert_eq!(quoted("a\"\\\n\u{7f}b"), r#""a\"\\\U0000000A\U0000007Fb""#);
}
