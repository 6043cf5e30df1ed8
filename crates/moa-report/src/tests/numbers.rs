//! What the report says is what the files say.

use super::fixture::{alpaca_file, empty, mixture, mt_bench, scores};
use crate::board::PartKind;
use crate::{AlpacaInput, Input, report};

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} {expected}");
}

#[test]
fn a_mixture_that_wins_where_its_member_fails_is_better_and_the_report_says_so() {
    let report = report(&mixture(
        &"+".repeat(20),
        &format!("{}{}", "+".repeat(8), "-".repeat(12)),
        &[&[("a", ""), ("b", "")]],
    ));
    let row = &report.findings.boards[0].rows[0];
    assert_eq!((row.contender.as_str(), row.is_mixture()), ("mix", true));
    let against = row.against_base.as_ref().unwrap();
    assert_eq!((against.wins, against.ties, against.losses), (12, 8, 0));
    near(against.difference.value, 60.0);
    assert_eq!(against.verdict(), "better than");
    assert!(
        report.html.contains("GSM8K: mix is better than a, its best member. Difference +60.0"),
        "{}",
        report.html
    );
}

#[test]
fn a_mixture_that_loses_is_said_to_be_worse_and_one_that_may_be_either_is_not_told_apart() {
    let worse = report(&mixture(&"-".repeat(20), &"+".repeat(20), &[&[("a", "")]]));
    assert!(worse.html.contains("mix is worse than a"));
    let alike = report(&mixture("+-+-+-", "-+-+-+", &[&[("a", "")]]));
    assert!(alike.html.contains("mix is not to be told apart from a"));
}

#[test]
fn the_gain_of_each_layer_is_counted_from_the_marks_of_its_proposals() {
    let layers: &[&[(&str, &str)]] = &[&[("a", "+---"), ("b", "-+--")], &[("a", "++--"), ("b", "++?-")]];
    let report = report(&mixture("+++-", "+---", layers));
    let gain = &report.findings.layers[0];
    near(gain.layers[0].mean.value, 25.0);
    near(gain.layers[0].any.value, 50.0);
    near(gain.layers[1].mean.value, 50.0);
    near(gain.layers[1].agents[1].1.value, 50.0);
    near(gain.answer.value, 75.0);
    assert_eq!(gain.layers[0].mean.n, Some(8), "proposals");
    assert!(report.html.contains("layer 2"));
}

#[test]
fn likeness_is_told_by_agent_and_by_the_quality_of_the_proposal() {
    // Right answers are like right proposals and like nothing else.
    let report = report(&mixture("++++++", "++++++", &[&[("a", "+++---"), ("b", "++++++")]]));
    let likeness = &report.findings.likeness[0];
    near(likeness.agents[0].likeness.value, 0.5);
    near(likeness.agents[1].likeness.value, 1.0);
    let of = likeness.of_proposals.as_ref().unwrap();
    near(of.to_right.unwrap().value, 1.0);
    near(of.to_wrong.unwrap().value, 0.0);
    near(of.correlation.unwrap().value, 1.0);
    // All answers have the same score: there is nothing to correlate with.
    assert!(likeness.agents[0].with_answer.is_none());
}

#[test]
fn the_worst_and_the_best_items_are_those_that_set_the_mixture_apart() {
    let report = report(&mixture("+-++++++", "-+++++++", &[&[("a", "++++++++")]]));
    let examples = &report.findings.examples[0];
    assert_eq!((examples.best[0].item.as_str(), examples.worst[0].item.as_str()), ("q0", "q1"));
    assert_eq!(examples.best.len() + examples.worst.len(), 6);
    assert_eq!(examples.best[0].turns[0].layers, [[("a".to_owned(), "7".to_owned())]]);
    assert_eq!(examples.worst[0].question, ["Question 1?"]);
    assert_eq!(examples.worst[0].expected.as_deref(), Some("7"));
}

#[test]
fn turns_and_categories_of_mt_bench_are_means_of_their_grades() {
    let report = report(&Input { mt_bench: mt_bench([9.0, 7.0, 4.0, -1.0], None), ..empty() });
    let row = &report.findings.boards[0].rows[0];
    near(row.score.value, 20.0 / 3.0);
    near(row.part(PartKind::Turn, "turn 1").unwrap().value, 6.5);
    near(row.part(PartKind::Turn, "turn 2").unwrap().value, 7.0);
    near(row.part(PartKind::Category, "writing").unwrap().value, 8.0);
    assert_eq!(row.n_invalid, 1);
    // One question only: nothing is known of the spread.
    assert_eq!(row.part(PartKind::Category, "math").unwrap().low, None);
}

#[test]
fn each_judge_has_a_board_of_its_own() {
    let files = vec![
        alpaca_file("mix", &[1.9, 1.8, 1.7], None),
        alpaca_file("mix", &[1.1, 1.2, 1.0], Some("a local judge")),
    ];
    let report = report(&Input { alpaca: AlpacaInput { files, ..AlpacaInput::default() }, ..empty() });
    let rates: Vec<f64> = report.findings.boards.iter().map(|board| board.rows[0].score.value).collect();
    assert_eq!(report.findings.boards.len(), 2);
    near(rates[0], 80.0);
    near(rates[1], 10.0);
    assert!(report.html.contains("judge: the judge (a local judge)"));
    assert!(
        report.html.contains("not the official judge&#39;s")
            || report.html.contains("not the official judge's")
    );
}

#[test]
fn a_single_contender_has_scores_and_nobody_beside_it() {
    let report = report(&Input { exact: vec![scores("a", "+-", &[])], ..empty() });
    let board = &report.findings.boards[0];
    assert_eq!((board.base.as_ref(), board.rows[0].against_base.as_ref()), (None, None));
    assert!(report.html.contains("There is only one contender"));
}

#[test]
fn files_hold_the_numbers_at_full_precision_and_no_formulas() {
    let mut input = mixture("++-", "+--", &[&[("a", "+++")]]);
    input.exact[1].contender = "=cmd|' /C calc'!A0".to_owned();
    let report = report(&input);
    let figure = report.figures.iter().find(|figure| figure.name == "tasks-gsm8k").unwrap();
    let csv = figure.csv();
    assert!(csv.contains("66.66666666666"), "{csv}");
    assert!(csv.contains("'=cmd") && !csv.contains("\n=cmd"), "{csv}");
    assert!(csv.lines().next().unwrap().starts_with("contender,\"right, %\",\"right, %, low\""), "{csv}");
}

#[test]
fn a_mixture_is_laid_beside_its_best_member_also_where_somebody_else_is_better() {
    let mut input = mixture("++++----", "+++-----", &[&[("a", "++++----"), ("b", "--------")]]);
    input.exact.push(scores("stranger", "++++++++", &[]));
    let report = report(&input);
    let row = report.findings.boards[0].rows.iter().find(|row| row.contender == "mix").unwrap();
    let of_member = row.against_member.as_ref().unwrap();
    assert_eq!((of_member.member.as_str(), of_member.against.wins, of_member.against.losses), ("a", 1, 0));
    assert_eq!(row.against_base.as_ref().unwrap().losses, 4);
    assert!(report.html.contains("apart from a, its best member."), "{}", report.html);
    assert!(report.html.contains("mix is worse than stranger, the best contender that is no mixture."));
}

#[test]
fn a_judge_that_graded_nothing_is_named_with_what_it_did_not_do() {
    let report = report(&Input { mt_bench: mt_bench([-1.0; 4], Some("a local judge")), ..empty() });
    assert!(report.findings.boards.is_empty());
    let text = "MT-Bench was judged, but none of the 4 judgments holds a score that can be read (judge: gpt-4 (a local judge)).";
    assert!(report.html.contains(text) && !report.html.contains("MT-Bench was not run"), "{}", report.html);
}

#[test]
fn figures_of_contenders_whose_names_look_alike_in_files_have_files_of_their_own() {
    let mut input = mixture("++", "+-", &[&[("a", "++")]]);
    let mut twin = input.exact[0].clone();
    twin.contender = "mix!".to_owned();
    input.exact[0].contender = "mix?".to_owned();
    input.exact.push(twin);
    let names: Vec<String> = report(&input).figures.into_iter().map(|figure| figure.name).collect();
    assert!(
        names.contains(&"layers-gsm8k-mix-".to_owned()) && names.contains(&"layers-gsm8k-mix--2".to_owned()),
        "{names:?}"
    );
}
