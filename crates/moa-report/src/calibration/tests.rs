use moa_core::{Agent, Mixture, RequestKind};
use moa_eval::calibration::{
    Bin, Calibration, Candidate, CandidateRow, CertaintyFigure, Confirmed, Correlation, Currency, Expense,
    Finding, Measurement, ModelRow, Reliability, SampledRow, Share, TaskRow,
};
use moa_eval::statistics::{Estimate, Interval};

use super::calibration;

fn share(right: usize, n: usize) -> Share {
    Share::of(right, n).unwrap()
}

fn estimate(mean: f64) -> Estimate {
    Estimate {
        mean,
        interval: Interval { low: mean - 0.1, high: mean + 0.1 },
        standard_error: 0.05,
        items: 40,
        values: 40,
    }
}

fn model(name: &str) -> ModelRow {
    ModelRow {
        model: name.to_owned(),
        identity: name.to_owned(),
        proposer: share(20, 40),
        proposer_confirmation: Some(share(19, 40)),
        expense: Expense::default(),
        sampled: vec![SampledRow { temperature: 0.7, accuracy: Some(estimate(0.4)), agreement: Some(0.6) }],
        aggregator: Some(share(22, 40)),
        gain: Some(estimate(0.05)),
    }
}

fn candidate(name: &str, kind: &str, right: usize, fate: &str) -> CandidateRow {
    let expense = Expense { machine_ms: 1_000.0 + crate::measured::as_f64(right), ..Expense::default() };
    CandidateRow {
        name: name.to_owned(),
        kind: kind.to_owned(),
        members: vec!["a".to_owned()],
        search: Some(Measurement { accuracy: share(right, 40), expense, cut_off: 1, stopped_early: 2 }),
        confirmation: None,
        fate: fate.to_owned(),
    }
}

fn found(names: [&str; 2], candidates: Vec<CandidateRow>) -> Calibration {
    let bins = vec![
        Bin { low: 0.1, high: 0.4, mean: 0.2, share: share(3, 10) },
        Bin { low: 0.5, high: 0.9, mean: 0.7, share: share(8, 10) },
    ];
    Calibration {
        tasks: vec![TaskRow { task: "gsm8k".to_owned(), search: 40, confirmation: 40 }],
        kinds: vec![RequestKind::Number],
        currency: Currency::MachineSeconds,
        temperatures: vec![0.7],
        samples: 5,
        models: names.map(model).to_vec(),
        correlations: vec![Correlation {
            one: names[0].to_owned(),
            other: names[1].to_owned(),
            phi: Some(0.4),
            n: 40,
            both_wrong: 12,
        }],
        effective_answers: Some(1.4),
        any_right: Some(share(28, 40)),
        candidates,
        equal_tokens: Vec::new(),
        reliability: vec![Reliability {
            figure: CertaintyFigure::Agreement,
            model: names[0].to_owned(),
            bins,
        }],
        best_single: names[0].to_owned(),
        best_single_accuracy: share(19, 40),
        finalists: vec![Confirmed {
            candidate: "the winner".to_owned(),
            accuracy: share(26, 40),
            accuracy_of_best: share(19, 40),
            difference: estimate(0.175),
            confidence: 0.95,
            by_task: Vec::new(),
            cost_ratio: Some(5.0),
            time_ratio: Some(4.5),
            finding: Finding::Better,
        }],
        recommended: "the winner".to_owned(),
        reason: "it is right more often".to_owned(),
        unconfirmed: Vec::new(),
        cheaper: None,
        remarks: Vec::new(),
        recommended_candidate: Candidate {
            name: "the winner".to_owned(),
            kind: "vote".to_owned(),
            mixture: Mixture::new("the winner", Vec::new(), Agent::new("a", 10)),
        },
    }
}

#[test]
fn every_candidate_stands_on_the_page_losers_included() {
    let candidates = vec![
        candidate("the winner", "vote", 27, "recommended"),
        candidate("a", "alone", 20, "best single model"),
        candidate("the loser", "synthesise", 3, "left out after round 1"),
    ];
    let report =
        calibration(&found(["a", "b"], candidates), "2026-11-27 10:00 UTC", "moa calibrate --tasks gsm8k");
    for text in [
        "the winner",
        "the loser",
        "left out after round 1",
        "+0.40",
        "n 40",
        "moa calibrate --tasks gsm8k",
        "1.40",
    ] {
        assert!(report.html.contains(text), "{text}");
    }
    let names: Vec<&str> = report.figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(names, ["finalists", "candidates", "roles", "mistakes", "certainty-agreement"]);
    let csv = report.figures[1].csv();
    assert!(csv.lines().count() == 4 && csv.contains("the loser"), "{csv}");
}

#[test]
fn nobody_s_name_becomes_markup() {
    let evil = "</text><script>alert(1)</script>\u{0}";
    let mut found = found([evil, "b"], vec![candidate(evil, "alone", 20, evil)]);
    found.reason = evil.to_owned();
    let report = calibration(&found, evil, evil);
    assert!(!report.html.contains("<script") && report.html.contains("&lt;script"));
}

#[test]
fn a_page_of_nothing_says_so() {
    let nothing = Calibration {
        models: Vec::new(),
        correlations: Vec::new(),
        reliability: Vec::new(),
        finalists: Vec::new(),
        any_right: None,
        effective_answers: None,
        ..found(["a", "b"], Vec::new())
    };
    let html = calibration(&nothing, "", "").html;
    for text in ["No candidate was worth confirming", "nothing to compare", "Nothing can be shown"] {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn what_was_not_confirmed_is_not_told_as_not_worth_it() {
    let names = ["first".to_owned(), "second".to_owned()];
    let none =
        Calibration { finalists: Vec::new(), unconfirmed: names.to_vec(), ..found(["a", "b"], Vec::new()) };
    let html = calibration(&none, "", "").html;
    assert!(html.contains("Worth confirming, and not confirmed: first; second."), "{html}");
    assert!(!html.contains("No candidate was worth confirming"));
}
