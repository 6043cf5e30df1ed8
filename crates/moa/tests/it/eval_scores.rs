//! `moa eval ... score` on the benchmarks' published files, against the published numbers and those of the official tools.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::project::Project;

/// The folder in `MOA_EVAL_DATA`, or the one beside the repository; a line is printed where there is none.
#[expect(clippy::print_stdout, reason = "whoever runs the tests should know what was left out")]
fn data() -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/eval"));
    let folder = std::env::var_os("MOA_EVAL_DATA").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!(
        "skipped: there is no {}; MOA_EVAL_DATA names the folder of the benchmarks' files",
        folder.display()
    );
    None
}

/// A file of that folder, as an argument.
fn file(path: &str) -> Option<String> {
    Some(data()?.join(path).to_str().unwrap().to_owned())
}

fn document(arguments: &[&str]) -> Value {
    let outcome = Project::new().run(&[&["eval"][..], arguments, &["--format", "json"]].concat());
    assert_eq!(outcome.code, Some(0), "{outcome}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

/// A table by column.
fn table(path: &str) -> Option<Vec<HashMap<String, String>>> {
    let mut reader = csv::Reader::from_path(file(path)?).unwrap();
    Some(reader.deserialize().map(|row| row.unwrap()).collect())
}

fn assert_near(ours: &Value, published: &str, tolerance: f64, what: &str) {
    let Ok(published) = published.parse::<f64>() else { return };
    let ours = ours.as_f64().unwrap_or_else(|| panic!("{what}: {ours}"));
    assert!((ours - published).abs() <= tolerance, "{what}: {ours} instead of {published}");
}

/// The models whose annotations are at hand, and their rows of the reference.
fn annotated() -> Option<Vec<(String, HashMap<String, String>)>> {
    let rows = table("alpaca_eval/reference_alpaca.csv")?;
    let with_file = rows.into_iter().filter_map(|row| {
        let path = file(&format!("alpaca_eval/annotations/{}.json", row["model"]))?;
        std::path::Path::new(&path).is_file().then_some((path, row))
    });
    Some(with_file.collect())
}

#[test]
fn win_rates_are_the_leaderboards() {
    let Some(models) = annotated() else { return };
    assert_eq!(models.len(), 8);
    for (path, row) in models {
        let score = document(&["alpaca-eval", "score", "--annotations", &path]);
        let model = &row["model"];
        for rate in ["win_rate", "standard_error", "discrete_win_rate"] {
            assert_near(&score[rate], &row[rate], 1e-6, model);
        }
        for count in ["n_wins", "n_wins_base", "n_draws", "n_total"] {
            assert_eq!(score[count].to_string(), row[count], "{model}, {count}");
        }
        assert_near(&score["avg_length"], &row["avg_length"], 2.0, model);
        // Without the gamed rows nothing can be refitted; that is no failure. The baseline itself is 50 by definition.
        let expected = if model == "gpt4_1106_preview" { Value::from(50.0) } else { Value::Null };
        assert_eq!(score["length_controlled_winrate"], expected, "{model}");
    }
}

#[test]
fn length_controlled_rates_are_those_of_the_exact_optimum() {
    let Some(models) = annotated() else { return };
    let gamed = file("alpaca_eval/df_gamed_surrogate.csv").unwrap();
    let difficulty = file("alpaca_eval/instruction_difficulty_recovered.csv").unwrap();
    for (path, row) in models {
        let model = &row["model"];
        let arguments = [
            "alpaca-eval",
            "score",
            "--annotations",
            &path,
            "--gamed",
            &gamed,
            "--difficulty",
            &difficulty,
            "--model",
            model,
        ];
        let chosen = document(&arguments);
        assert_near(&chosen["length_controlled_winrate"], &row["exact_lc_auto_mod5"], 1e-4, model);
        assert_near(&chosen["length_controlled_winrate"], &row["length_controlled_winrate"], 0.15, model);
        let Ok(c) = row["C_official"].parse::<f64>() else { continue };
        assert_near(&chosen["c"], &row["exact_C_auto_mod5"], 1e-6, model);
        let c = c.to_string();
        let fixed = document(&[arguments.as_slice(), &["--c", &c]].concat());
        assert_near(&fixed["length_controlled_winrate"], &row["exact_lc_fixedC"], 1e-4, model);
        assert_near(&fixed["lc_standard_error"], &row["exact_lc_se_fixedC"], 1e-4, model);
        assert_near(&fixed["length_controlled_winrate"], &row["pkg_lc_fixedC"], 0.021, model);
        for coefficient in ["length", "difficulty", "constant"] {
            assert!(fixed["coefficients"][coefficient].is_number(), "{model}: {fixed}");
        }
    }
}

#[test]
fn stored_weights_give_the_leaderboards_rates_and_those_of_any_pair() {
    let Some(weights) = file("alpaca_eval/glm_weights_baseline_gpt4_1106_preview.csv") else { return };
    let difficulty = file("alpaca_eval/instruction_difficulty_recovered.csv").unwrap();
    let stored = ["alpaca-eval", "score", "--weights", &weights, "--difficulty", &difficulty];
    for (model, rate) in [
        ("Together-MoA", "65.3799697685"),
        ("Together-MoA-Lite", "59.1415240989"),
        ("gpt-4o-2024-05-13", "57.4568288334"),
    ] {
        let found = document(&[stored.as_slice(), &["--model", model]].concat());
        assert_near(&found["length_controlled_winrate"], rate, 1e-6, model);
    }
    let pair = |model, against| {
        let found = document(&[stored.as_slice(), &["--model", model, "--against", against]].concat());
        found["length_controlled_winrate"].as_f64().unwrap()
    };
    let forth = pair("Together-MoA", "gpt-4o-2024-05-13");
    assert!(forth > 50.0 && (forth + pair("gpt-4o-2024-05-13", "Together-MoA") - 100.0).abs() < 1e-9);
    let leaderboard = file("alpaca_eval/leaderboard_weighted_alpaca_eval_gpt4_turbo.csv").unwrap();
    let all = document(&[stored.as_slice(), &["--leaderboard", &leaderboard]].concat());
    let all = all.as_array().unwrap();
    let listed = all.iter().filter(|row| !row["leaderboard_winrate"].is_null());
    let same = listed.clone().filter(|row| {
        let rate = |name: &str| row[name].as_f64().unwrap();
        (rate("length_controlled_winrate") - rate("leaderboard_winrate")).abs() < 1e-6
    });
    // Eight models were published over fewer rows, two with weights of another run.
    assert!(listed.count() - same.count() <= 10);
}

#[test]
fn rows_that_a_file_lacks_shift_the_difficulties_unless_they_go_by_instruction() {
    let Some(annotations) = file("alpaca_eval/annotations/text_davinci_001.json") else { return };
    let gamed = file("alpaca_eval/df_gamed_surrogate.csv").unwrap();
    let baseline = file("alpaca_eval/outputs/gpt4_1106_preview.json").unwrap();
    let arguments = ["alpaca-eval", "score", "--annotations", &annotations, "--gamed", &gamed];
    let by_row = document(&arguments);
    let by_instruction = document(
        &[arguments.as_slice(), &["--difficulty-by", "instruction", "--baseline", &baseline]].concat(),
    );
    let rate = |score: &Value| score["length_controlled_winrate"].as_f64().unwrap();
    assert!((rate(&by_row) - rate(&by_instruction)).abs() > 0.01);
}

#[test]
fn mt_bench_scores_are_the_official_scripts() {
    let Some(judgments) = file("mt_bench/example_judgments_single.jsonl") else { return };
    let questions = file("mt_bench/question.jsonl").unwrap();
    let scores = document(&["mt-bench", "score", "--judgments", &judgments, "--questions", &questions]);
    let expected = table("mt_bench/example_expected_single.csv").unwrap();
    assert_eq!(scores.as_object().unwrap().len(), expected.len());
    for row in expected {
        let score = &scores[&row["model"]];
        for (ours, theirs) in [("turn_1", "turn1"), ("turn_2", "turn2"), ("average", "average")] {
            assert_eq!(score[ours].as_f64(), row[theirs].parse().ok(), "{score}");
        }
        let categories = score["categories"].as_object().unwrap();
        assert_eq!(categories.len(), 8);
        for (category, mean) in categories {
            assert_eq!(mean.as_f64(), row[&format!("cat_{category}")].parse().ok(), "{category}");
        }
        assert_eq!(score["n_invalid"].to_string(), row["n_invalid"]);
        let (low, high) = (score["interval"]["low"].as_f64(), score["interval"]["high"].as_f64());
        assert!(low < score["average"].as_f64() && score["average"].as_f64() < high, "{score}");
    }
}

#[test]
fn flask_tables_are_the_official_scripts() {
    let Some(reviews) = file("flask/example_reviews.jsonl") else { return };
    let set = file("flask/flask_evaluation.jsonl").unwrap();
    let arguments = ["flask", "score", "--reviews", &reviews, "--evaluation-set", &set];
    for (name, expected) in [("skill", "skill"), ("domain", "domain"), ("difficulty", "difficulty_skill")] {
        let csv = [&["eval"][..], arguments.as_slice(), &["--format", "csv", "--table", name]].concat();
        let expected = file(&format!("flask/example_expected/expected_{expected}.csv")).unwrap();
        assert_eq!(Project::new().run(&csv).stdout, std::fs::read_to_string(expected).unwrap(), "{name}");
    }
    let score = document(&arguments);
    for row in table("flask/example_expected/expected_skill.csv").unwrap() {
        let skill = &score["skills"][&row["skill"]];
        assert_eq!(skill["average"].as_f64(), row["avg"].parse().ok(), "{skill}");
        assert_eq!(skill["count"].to_string(), row["count"]);
        assert_eq!(skill["sum"].as_f64(), row["score"].parse().ok());
    }
    let level = &score["difficulty"]["robustness"][1];
    assert_eq!(level["level"], "advanced lifestyle knowledge");
    assert_eq!((level["sum"].as_f64(), level["count"].as_u64()), (Some(9.0), Some(2)));
    assert!(level["cumulative"].is_number());
}
