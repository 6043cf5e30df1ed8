//! `moa eval ... score` on files that somebody else has written, well or badly. All texts are our own.

use crate::project::{Outcome, Project};

const ROW: &str = r#"{"instruction": "i", "output_1": "a", "output_2": "bc", "preference": 1.25}"#;
const GRADE: &str = r#"{"question_id": 81, "model": "m", "score": 7, "turn": 1, "judgment": "[[7]]"}"#;
const GAME: &str = r#"{"question_id": 81, "model_1": "m", "model_2": "n", "g1_judgment": "[[8,6]]", "g2_judgment": "[[5, 9]]"}"#;
const REVIEW: &str = r#"{"idx": 1, "skill": ["Factuality"], "domain": ["Math"], "review": "{'Factuality': 4}", "score": {"factuality": 4}}"#;

fn scored(benchmark: &str, option: &str, content: &[u8], more: &[&str]) -> Outcome {
    let project = Project::new();
    project.write("file", content);
    project.run(&[&["eval", benchmark, "score", option, "file"][..], more].concat())
}

fn alpaca(content: &[u8], more: &[&str]) -> Outcome {
    scored("alpaca-eval", "--annotations", content, more)
}

fn mt_bench(content: &[u8], more: &[&str]) -> Outcome {
    scored("mt-bench", "--judgments", content, more)
}

fn flask(content: &[u8]) -> Outcome {
    scored("flask", "--reviews", content, &[])
}

/// A failure that names the file, says this, and has a hint.
fn assert_refused(outcome: &Outcome, says: &str) {
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.stdout.is_empty(), "{outcome}");
    for part in ["error: file: ", says, "\nhint: "] {
        assert!(outcome.stderr.contains(part), "no {part:?} in {outcome}");
    }
}

#[test]
fn files_that_are_not_what_they_should_be_are_refused_with_file_line_and_hint() {
    assert_refused(&alpaca(b"", &[]), "it is empty");
    assert_refused(&alpaca(b" \n\r\n", &[]), "it is empty");
    assert_refused(&alpaca(format!("[{ROW},\n{ROW},\n{{\"instruct").as_bytes(), &[]), "(line 3)");
    assert_refused(&alpaca(b"[{\"instruction\": \"i\"}]", &[]), "missing field `output_1`");
    assert_refused(&alpaca(ROW.as_bytes(), &[]), "expected a sequence");
    assert_refused(&alpaca(b"\xff\xfe[\0]\0", &[]), "UTF-16");
    assert_refused(&alpaca(b"\x1f\x8b\x08", &[]), "compressed");
    assert_refused(&mt_bench(b"", &[]), "it is empty");
    assert_refused(&mt_bench(format!("{GRADE}\n\n{}", &GRADE[..30]).as_bytes(), &[]), "(line 3)");
    assert_refused(&mt_bench(format!("[{GRADE}]").as_bytes(), &[]), "one object a line");
    assert_refused(&mt_bench(b"model,score\nm,7\n", &[]), "(line 1)");
    assert_refused(&flask(b""), "it is empty");
    assert_refused(&flask(b"{\"idx\": 1}\n{\"idx\": \"two\"}\n"), "(line 2)");
    assert_refused(&flask(b"{\"idx\": 1, \"turns\": [\"a question\"]}\n"), "nothing that can be scored");
}

#[test]
fn the_other_kind_of_judgments_is_recognized() {
    let games = mt_bench(GAME.as_bytes(), &[]);
    assert!(games.code == Some(1) && games.stderr.contains("--mode pairwise-all"), "{games}");
    let grades = mt_bench(GRADE.as_bytes(), &["--mode", "pairwise-all"]);
    assert!(grades.code == Some(1) && grades.stderr.contains("single grades"), "{grades}");
    let nobody = mt_bench(GAME.as_bytes(), &["--mode", "pairwise-baseline"]);
    assert!(nobody.code == Some(1) && nobody.stderr.contains("gpt-3.5-turbo"), "{nobody}");
}

#[test]
fn tables_without_their_columns_are_refused_by_name() {
    let project = Project::new();
    project.write("rows.json", format!("[{ROW}]"));
    project.write("table.csv", "a,b\n1,2\n");
    for (option, column) in [("--gamed", "\"preference\""), ("--difficulty", "\"index\"")] {
        let outcome =
            project.run(&["eval", "alpaca-eval", "score", "--annotations", "rows.json", option, "table.csv"]);
        assert_eq!(outcome.code, Some(1), "{outcome}");
        assert!(outcome.stderr.contains("table.csv") && outcome.stderr.contains("no column"), "{outcome}");
        assert!(outcome.stderr.contains(column), "{outcome}");
    }
    project.write("table.csv", "index,instruction_difficulty\n0,0.5\n1,much\n");
    let outcome = project.run(&[
        "eval",
        "alpaca-eval",
        "score",
        "--annotations",
        "rows.json",
        "--difficulty",
        "table.csv",
    ]);
    assert!(outcome.code == Some(1) && outcome.stderr.contains("(line 3)"), "{outcome}");
}

#[test]
fn byte_order_marks_line_ends_and_blank_lines_do_no_harm() {
    for outcome in [
        alpaca(format!("\u{feff}[\r\n{ROW}\r\n]\r\n").as_bytes(), &[]),
        mt_bench(format!("\u{feff}{GRADE}\r\n\r\n{GRADE}\r\n").as_bytes(), &[]),
        mt_bench(format!("{GAME}\r\n").as_bytes(), &["--mode", "pairwise-all"]),
        flask(format!("\u{feff}{REVIEW}\r\n").as_bytes()),
    ] {
        assert_eq!(outcome.code, Some(0), "{outcome}");
    }
}

#[test]
fn missing_preferences_and_grades_are_counted_and_told() {
    let null = ROW.replace("1.25", "null");
    let some = alpaca(format!("[{ROW}, {null}, {ROW}]").as_bytes(), &["--format", "json"]);
    let score: serde_json::Value = serde_json::from_str(&some.stdout).unwrap();
    assert_eq!((&score["n_total"], &score["win_rate"]), (&2.into(), &25.0.into()), "{some}");
    assert!(some.stderr.contains("1 of 3 rows have no preference"), "{some}");
    assert_refused(&alpaca(format!("[{null}]").as_bytes(), &[]), "nothing that can be scored");
    let ungraded = GRADE.replace("\"score\": 7", "\"score\": -1");
    let some = mt_bench(format!("{GRADE}\n{ungraded}\n").as_bytes(), &["--format", "json"]);
    assert!(some.code == Some(0) && some.stderr.contains("1 of 2 judgments have no grade"), "{some}");
    let none = mt_bench(ungraded.as_bytes(), &[]);
    assert!(none.code == Some(1) && none.stderr.contains("hint: "), "{none}");
}

#[test]
fn what_cannot_be_computed_is_null_with_a_warning() {
    let rows = format!("[{ROW}, {ROW}]");
    let outcome = alpaca(rows.as_bytes(), &["--format", "json"]);
    let score: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    for key in ["length_controlled_winrate", "lc_standard_error", "c", "coefficients"] {
        assert!(score.as_object().unwrap().contains_key(key) && score[key].is_null(), "{key}: {outcome}");
    }
    assert!(outcome.stderr.contains("warning: ") && outcome.stderr.contains("df_gamed.csv"), "{outcome}");
    // Two rows are too few for five folds.
    let outcome = alpaca(rows.as_bytes(), &["--variant", "minimal"]);
    assert!(outcome.code == Some(0) && outcome.stderr.contains("at least 5 rows"), "{outcome}");
}

#[test]
fn two_scores_a_game_decide_it() {
    let outcome = mt_bench(GAME.as_bytes(), &["--mode", "pairwise-all", "--format", "json"]);
    let scores: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&scores["m"]["win"], &scores["n"]["loss"]), (&1.into(), &1.into()), "{outcome}");
    assert_eq!(scores["m"]["win_rate_adjusted"], 1.0);
}

#[test]
fn wrong_usage_has_a_code_of_its_own() {
    let project = Project::new();
    project.write("rows.json", format!("[{ROW}]"));
    for arguments in [
        &["alpaca-eval", "score"][..],
        &["alpaca-eval", "score", "--annotations", "rows.json", "--c", "0"],
        &["alpaca-eval", "score", "--annotations", "rows.json", "--c", "-3"],
        &["alpaca-eval", "score", "--annotations", "rows.json", "--variant", "v9"],
        &["alpaca-eval", "score", "--annotations", "rows.json", "--difficulty-by", "instruction"],
        &["alpaca-eval", "score", "--weights", "w.csv"],
        &["mt-bench", "score", "--judgments", "x", "--mode", "double"],
        &["flask", "score", "--reviews"],
    ] {
        let outcome = project.run(&[&["eval"][..], arguments].concat());
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {outcome}");
    }
    for arguments in [
        &["alpaca-eval", "score", "--annotations", "missing.json"][..],
        &["mt-bench", "score", "--judgments", "."],
        &["flask", "score", "--reviews", "missing.jsonl"],
    ] {
        let outcome = project.run(&[&["eval"][..], arguments].concat());
        assert!(
            outcome.code == Some(1) && outcome.stderr.contains("cannot read "),
            "{arguments:?}: {outcome}"
        );
    }
}

#[test]
fn a_judgment_of_many_megabytes_is_one_judgment() {
    let long = "word [[ ".repeat(4_000_000);
    let line = format!(
        "{}\n",
        serde_json::json!({"question_id": 81, "model": "m", "score": 3, "turn": 1, "judgment": long})
    );
    let outcome = mt_bench(format!("{line}{GRADE}\n").as_bytes(), &["--format", "json"]);
    let scores: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(scores["m"]["average"], 5.0, "{outcome}");
}
