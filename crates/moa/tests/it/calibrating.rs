//! `moa calibrate` over a mock: what is recommended, what is written, and that the preset knows what was measured.

use std::collections::BTreeMap;
use std::process::Command;

use moa_testkit::{Mock, Rule};
use serde_json::Value;

use crate::evaluation::{project, tasks};
use crate::project::{Outcome, Project};

/// So many questions that both halves have some.
pub(crate) const QUESTIONS: usize = 24;

/// A mock whose model `m` is right about three of four questions, `n` about every other one, and `z` always says the same.
async fn mock() -> Mock {
    let mut builder = Mock::builder();
    for number in 0..QUESTIONS {
        let question = format!("Say q{number}!");
        let answer =
            |is_right: bool| if is_right { format!("It is {number}.") } else { "It is 77.".to_owned() };
        builder = builder
            .rule(Rule::model("m").when_prompt_contains(&question).answer(answer(number % 4 != 0)))
            .rule(Rule::model("n").when_prompt_contains(&question).answer(answer(number % 2 == 0)));
    }
    builder.rule(Rule::any().answer("It is 99.")).start().await.unwrap()
}

pub(crate) fn command(project: &Project, more: &[&str]) -> Command {
    let mut command =
        project.moa(&["calibrate", "--tasks", "tasks.jsonl", "-o", "out", "--config", "mock.toml"]);
    command.args(["--samples", "2", "--max-tokens", "20", "--most-asking", "6"]).args(more);
    command
}

/// Runs the program without holding up the mock, which lives on this test's own runtime.
async fn run(project: &Project, mut command: Command) -> Outcome {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    project.outcome(&output)
}

/// How often each proposal was asked for. Of calls that read proposals two of one run can be equal, and are made together.
pub(crate) fn asked(mock: &Mock) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let is_proposal = |body: &Value| body["messages"].as_array().is_some_and(|messages| messages.len() == 1);
    for request in mock.log().requests().iter().filter(|request| is_proposal(&request.body)) {
        *counts.entry(request.body.to_string()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recommended_is_a_preset_that_can_be_asked_and_knows_itself() {
    let mock = mock().await;
    let project = project(&mock);
    tasks(&project, QUESTIONS);
    let first = run(&project, command(&project, &["--models", "m,n,z", "--format", "json"])).await;
    assert_eq!(first.code, Some(0), "{first}");
    let document: Value = serde_json::from_str(&first.stdout).unwrap();
    assert_eq!(document["best_single"], "m");
    // All samples of a model are alike here, so that nothing is gained by asking more than one of them.
    assert_eq!(document["recommended"], "m", "{first}");
    assert!(document["reason"].as_str().unwrap().starts_with("no mixture"));
    assert_eq!(document["models"].as_array().unwrap().len(), 3);
    let candidates = document["candidates"].as_array().unwrap();
    let has_member = |name: &str| {
        candidates.iter().any(|row| row["members"].as_array().unwrap().iter().any(|of| of == name))
    };
    assert!(has_member("z") && candidates.len() > 20, "losers are shown too");
    assert!(asked(&mock).values().all(|count| *count == 1), "nothing is asked twice");

    let calls = mock.log().requests().len();
    let again = run(&project, command(&project, &["--models", "m,n,z"])).await;
    assert_eq!(again.code, Some(0), "{again}");
    assert_eq!(mock.log().requests().len(), calls, "everything was known");
    assert!(again.stdout.contains("Recommended: m\n"), "{again}");
    for name in ["calls.jsonl", "calibration.json", "calibration.html", "candidates.csv", "calibrated.toml"] {
        assert!(project.path("out").join(name).is_file(), "{name}");
    }
    assert!(
        project.path("out/candidates.png").is_file() || again.stderr.contains("no pictures are written"),
        "{again}"
    );

    let written = std::fs::read_to_string(project.path("out/calibrated.toml")).unwrap();
    let endpoint = std::fs::read_to_string(project.path("mock.toml")).unwrap();
    project.write("both.toml", format!("{endpoint}\n{written}"));
    let shown = run(&project, project.moa(&["presets", "show", "calibrated", "--config", "both.toml"])).await;
    assert!(shown.stdout.contains("Measured on ") && shown.stdout.contains("tasks"), "{shown}");
    let arguments = ["ask", "--config", "both.toml", "--preset", "calibrated"];
    let explained =
        run(&project, project.moa(&[&arguments[..], &["--explain", "Write a Python function."]].concat()))
            .await;
    assert_eq!(explained.code, Some(0), "{explained}");
    assert!(
        explained.stdout.contains("no mixture") && explained.stdout.contains("wants code"),
        "{explained}"
    );
    assert_eq!(mock.log().requests().len(), calls, "explaining asks nobody");

    let inside = run(&project, project.moa(&[&arguments[..], &["Say q1!"]].concat())).await;
    assert!(inside.stdout.contains("It is 1.") && !inside.stderr.contains("note:"), "{inside}");
    let outside = run(&project, project.moa(&[&arguments[..], &["Write a Python function."]].concat())).await;
    assert_eq!(outside.code, Some(0), "{outside}");
    let notes: Vec<&str> =
        outside.stderr.lines().filter(|line| line.contains("note: this preset was measured")).collect();
    assert_eq!(notes.len(), 1, "{outside}");
    let json =
        run(&project, project.moa(&[&arguments[..], &["-o", "json", "Write a Python function."]].concat()))
            .await;
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    assert!(document["notes"][0].as_str().unwrap().contains("wants code"), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_in_money_is_never_passed_and_one_that_is_too_small_says_so() {
    let mock = Mock::builder().rule(Rule::any().answer("1").usage_tokens(10, 10)).start().await.unwrap();
    let project = project(&mock);
    tasks(&project, QUESTIONS);
    // A call costs 20 millionths: what is enough for a few calls is not enough for each model alone.
    let short = run(&project, command(&project, &["--models", "m", "--budget", "$0.0004"])).await;
    assert_eq!(short.code, Some(2), "{short}");
    assert!(short.stderr.contains("does not suffice to measure each model alone"), "{short}");
    assert!(short.stderr.contains("hint: --budget '$0.00"), "{short}");
    let enough = run(&project, command(&project, &["--models", "m", "--budget", "$0.01"])).await;
    assert_eq!(enough.code, Some(0), "{enough}");
    assert!(mock.log().requests().len() * 20 <= 10_000, "no more than the budget was spent");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moa_eval_has_asked_is_not_asked_again() {
    let mock = mock().await;
    let project = project(&mock);
    tasks(&project, QUESTIONS);
    for contender in ["m", "self-consistency:m:2"] {
        let eval =
            ["eval", "tasks", "tasks.jsonl", "run", "-c", contender, "-o", "out", "--max-tokens", "20"];
        let outcome = run(&project, project.moa(&[&eval[..], &["--config", "mock.toml"]].concat())).await;
        assert_eq!(outcome.code, Some(0), "{outcome}");
    }
    let before = asked(&mock);
    assert_eq!(before.values().sum::<usize>(), QUESTIONS * 3);
    let outcome = run(&project, command(&project, &["--models", "m"])).await;
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert_eq!(asked(&mock), before, "the likeliest answers and both samples were known");
}

#[tokio::test(flavor = "multi_thread")]
async fn contenders_share_their_samples_and_each_has_the_figures_of_all_of_its_own() {
    let mock = mock().await;
    let project = project(&mock);
    tasks(&project, QUESTIONS);
    let eval = async |contender: &str, folder: &str, others: &[&str]| {
        let arguments =
            ["eval", "tasks", "tasks.jsonl", "run", "-c", contender, "-o", folder, "--config", "mock.toml"];
        let outcome = run(&project, project.moa(&[&arguments[..], others].concat())).await;
        assert_eq!(outcome.code, Some(0), "{outcome}");
        mock.log().requests().len()
    };
    assert_eq!(eval("self-consistency:m:2", "out", &[]).await, QUESTIONS * 2);
    assert_eq!(eval("self-moa:m:2", "out", &[]).await, QUESTIONS * 3, "only the aggregator is asked");
    assert_eq!(eval("self-consistency:m:3", "out", &[]).await, QUESTIONS * 4, "only the third sample is");
    assert_eq!(eval("self-moa:m:2", "anew", &["--no-cache"]).await, QUESTIONS * 7);
    let tokens = |folder: &str| -> Vec<u64> {
        let path = project.path(&format!("{folder}/tasks.self-moa-m-2.answers.jsonl"));
        let journal = std::fs::read_to_string(path).unwrap();
        let records = journal.lines().skip(1).map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut tokens: Vec<u64> =
            records.map(|record| record["usage"]["completion_tokens"].as_u64().unwrap()).collect();
        tokens.sort_unstable();
        tokens
    };
    assert_eq!(tokens("out"), tokens("anew"), "what was known counts as what it took");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_estimate_asks_nobody() {
    let mock = mock().await;
    let project = project(&mock);
    tasks(&project, QUESTIONS);
    let outcome = run(&project, command(&project, &["--models", "m,n", "--estimate"])).await;
    assert_eq!(outcome.code, Some(0), "{outcome}");
    // The likeliest answer to each question, and two samples for each of those in the half to search on, of two models.
    assert!(outcome.stdout.starts_with("still to do: each model alone "), "{outcome}");
    assert!(mock.log().requests().is_empty());
}

#[test]
fn an_estimate_fetches_nothing() {
    let project = Project::new();
    tasks(&project, QUESTIONS);
    let models = ["--tasks", "tasks.jsonl", "--models", "qwen2.5-coder-0.5b-instruct", "--estimate"];
    let outcome = project.run(&[&["calibrate", "--offline", "--yes"], &models[..]].concat());
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(outcome.stdout.starts_with("still to do: each model alone "), "{outcome}");
    assert_eq!(
        outcome.stderr, "not on disk, and fetching is not counted: qwen2.5-coder-0.5b-instruct\n",
        "{outcome}"
    );
}

#[test]
fn mistakes_are_told_before_anything_is_asked() {
    let project = Project::new();
    tasks(&project, 1);
    project.write("unknown.jsonl", r#"{"id": 1, "prompt": "?", "answer": 1, "colour": "red"}"#);
    project.write("empty.jsonl", "");
    for (arguments, code, said) in [
        (&["--tasks", "absent.jsonl"][..], 2, "gsm8k and humaneval are known by name"),
        (&["--tasks", "unknown.jsonl"], 1, "colour"),
        (&["--tasks", "empty.jsonl"], 2, "no question to measure on"),
        (&["--tasks", "tasks.jsonl,tasks.jsonl"], 2, "there are two questions tasks/q0"),
        (&["--tasks", "gsm8k"], 2, "moa eval gsm8k fetch"),
        (&["--tasks", "tasks.jsonl", "--models", "locla"], 2, "locla"),
        (&["--tasks", "tasks.jsonl", "--budget", "soon"], 2, "write 45m"),
        (&["--tasks", "tasks.jsonl", "--name", "a b"], 2, "cannot be the name of a preset"),
        (&["--tasks", "tasks.jsonl", "--temperature", "0"], 2, "above 0"),
        (&[], 2, "--tasks"),
    ] {
        let outcome = project.run(&[&["calibrate"], arguments].concat());
        assert_eq!(outcome.code, Some(code), "{arguments:?}: {outcome}");
        assert!(outcome.stderr.contains(said) && outcome.stdout.is_empty(), "{arguments:?}: {outcome}");
    }
    assert!(!project.path("calibration").exists());
}

#[test]
fn a_preset_that_was_never_measured_says_how_to_measure() {
    let project = Project::new();
    let outcome = project.run(&["ask", "--preset", "tiny", "--explain"]);
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(
        outcome.stdout.starts_with("tiny: nothing was measured")
            && outcome.stdout.contains("moa calibrate --tasks")
    );
}
