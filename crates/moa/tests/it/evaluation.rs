//! `moa eval` over a mock: answers, marks, tables.

use std::fmt::Write as _;
use std::process::Command;

use moa_testkit::{Mock, Rule};
use serde_json::{Value, json};

use crate::project::{Outcome, Project, test_model};

/// A project that knows the models `m`, `n` and `z` at the mock, at a dollar a million tokens, and a mixture of them.
pub(crate) fn project(mock: &Mock) -> Project {
    let project = Project::new();
    let mut config = format!(
        "[endpoints.mock]\nbase-url = \"{}\"\nretries = 0\n\
         [presets.pair]\nlayers = 2\nproposers = [\"m\", \"n\"]\naggregator = \"z\"\nmax-tokens = 20\n",
        mock.base_url()
    );
    for name in ["m", "n", "z"] {
        let _ = write!(
            config,
            "[models.{name}]\nendpoint = \"mock\"\nid = \"{name}\"\nprice = {{ input-usd = 1.0, output-usd = 1.0 }}\n"
        );
    }
    project.write("mock.toml", config);
    project
}

/// So many questions whose answers are their numbers.
pub(crate) fn tasks(project: &Project, count: usize) {
    let lines = (0..count).map(|number| {
        json!({ "id": format!("q{number}"), "prompt": format!("Say q{number}!"), "answer": number })
            .to_string()
    });
    project.write("tasks.jsonl", lines.collect::<Vec<_>>().join("\n"));
}

pub(crate) fn command(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.moa(&["eval"]);
    command.args(arguments).args(["--config", "mock.toml"]);
    command
}

/// Runs the program without holding up the mock, which lives on this test's own runtime.
pub(crate) async fn run(project: &Project, arguments: &[&str]) -> Outcome {
    let mut command = command(project, arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    project.outcome(&output)
}

fn document(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, Some(0), "{outcome}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

/// A mock whose model `m` gets the first two of four questions right, the third wrong, and says nothing to mark to the fourth.
async fn mock() -> Mock {
    Mock::builder()
        .rule(Rule::model("m").when_prompt_contains("q0").answer("It is 0."))
        .rule(Rule::model("m").when_prompt_contains("q1").answer("2 - 1 = 1"))
        .rule(Rule::model("m").when_prompt_contains("q2").answer("It is 5."))
        .rule(Rule::model("m").answer("I do not know."))
        .rule(Rule::model("n").answer("0"))
        .rule(Rule::model("z").answer("2"))
        .start()
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_kept_marked_and_never_asked_for_twice() {
    let mock = mock().await;
    let project = project(&mock);
    tasks(&project, 4);
    let arguments = ["tasks", "tasks.jsonl", "run", "-c", "m", "-o", "out", "--format", "json"];
    let first = run(&project, &arguments).await;
    let scores = &document(&first)[0];
    assert_eq!(
        (&scores["right"], &scores["wrong"], &scores["invalid"], &scores["n"]),
        (&json!(2), &json!(1), &json!(1), &json!(4)),
        "{first}"
    );
    assert!(scores["cost_usd_per_item"].as_f64().unwrap() > 0.0);
    assert_eq!(mock.log().requests().len(), 4);
    // In a pipe the progress is plain lines, and the last one says what it came to.
    let last = first.stderr.lines().last().unwrap();
    assert!(last.starts_with("tasks, m: 4 of 4, ") && !first.stderr.contains('\u{1b}'), "{first}");

    let again = run(&project, &arguments).await;
    assert_eq!(document(&again)[0], *scores);
    let elsewhere =
        run(&project, &["tasks", "tasks.jsonl", "run", "-c", "m", "-o", "other", "--format", "json"]).await;
    assert_eq!(document(&elsewhere)[0], *scores, "out of the cache, with what it took when it was asked");
    assert_eq!(mock.log().requests().len(), 4, "nothing was asked again");
    let anew = ["tasks", "tasks.jsonl", "generate", "-c", "m", "-o", "third", "--no-cache", "--limit", "1"];
    assert_eq!(run(&project, &anew).await.code, Some(0));
    assert_eq!(mock.log().requests().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_settings_do_not_mix_with_what_is_there() {
    let mock = mock().await;
    let project = project(&mock);
    tasks(&project, 1);
    let generate = ["tasks", "tasks.jsonl", "generate", "-c", "m", "-o", "out"];
    assert_eq!(run(&project, &generate).await.code, Some(0));
    for more in [["--seed", "5"], ["--max-tokens", "7"], ["--temperature", "1"]] {
        let outcome = run(&project, &[&generate[..], &more].concat()).await;
        assert_eq!(outcome.code, Some(1), "{outcome}");
        assert!(
            outcome.stderr.contains("other settings")
                && outcome.stderr.contains("hint: choose another --output"),
            "{outcome}"
        );
    }
    assert_eq!(mock.log().requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn contenders_are_laid_beside_each_other() {
    let mock = mock().await;
    let project = project(&mock);
    tasks(&project, 4);
    let contenders = ["m", "pair", "self-moa:m:2", "self-consistency:m:3"];
    let named = contenders.iter().flat_map(|contender| ["-c", contender]);
    let arguments: Vec<&str> =
        ["tasks", "tasks.jsonl", "run", "-o", "out"].into_iter().chain(named).collect();
    let outcome = run(&project, &arguments).await;
    assert_eq!(outcome.code, Some(0), "{outcome}");
    // 4 of one model, 12 of a mixture of three calls, 12 of two samples and an aggregator, and of 12 samples those 4 that are new.
    assert_eq!(mock.log().requests().len(), 32);

    let compare = |more: &[&'static str]| {
        let arguments: Vec<&str> =
            ["compare", "-o", "out", "--base", "m"].iter().chain(more).copied().collect();
        let outcome = project.outcome(&command(&project, &arguments).output().unwrap());
        assert_eq!(outcome.code, Some(0), "{outcome}");
        outcome.stdout
    };
    let table: Value = serde_json::from_str(&compare(&["--format", "json"])).unwrap();
    let row = |contender: &str| {
        let rows = table["rows"].as_array().unwrap();
        rows.iter().find(|row| row["contender"] == contender).unwrap().clone()
    };
    assert_eq!(table["items"], 4);
    // The mixture always says 2: right where `m` is wrong, wrong where it is right; the fourth has no answer of `m` to compare with.
    let pair = row("pair")["against_base"].clone();
    assert_eq!(
        (&pair["wins"], &pair["losses"], &pair["ties"], &pair["invalid"]),
        (&json!(1), &json!(2), &json!(0), &json!(1))
    );
    assert!((pair["difference"]["mean"].as_f64().unwrap() + 0.25).abs() < 1e-12);
    assert_eq!(row("self-consistency:m:3")["right"], 2, "three equal samples are one answer");
    let written = |row: &Value| row["completion_tokens_per_item"].as_f64().unwrap();
    assert!((written(&row("self-consistency:m:3")) - 3.0 * written(&row("m"))).abs() < 1e-9);
    let equal: Value =
        serde_json::from_str(&compare(&["--format", "json", "--equal-tokens", "self-consistency:m:3"]))
            .unwrap();
    assert_eq!(equal["rows"][0]["contender"], "self-consistency:m:3");
    assert!(
        (written(&equal["rows"][0]) - written(&row("m"))).abs() < 1e-9,
        "one sample is what the base wrote"
    );

    let text = compare(&[]);
    assert!(text.starts_with("tasks: 4 items that all have answered; differences from m;"), "{text}");
    assert_eq!(text.lines().count(), 2 + 1 + contenders.len(), "{text}");
    let csv = compare(&["--format", "csv"]);
    let columns: Vec<usize> = csv.lines().map(|line| line.split(',').count()).collect();
    assert_eq!(columns, [22; 5], "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cap_is_one_for_all_questions() {
    let mock = Mock::builder().rule(Rule::any().answer("1").usage_tokens(10, 10)).start().await.unwrap();
    let project = project(&mock);
    tasks(&project, 30);
    // An answer costs 20 millionths; the most that one can cost is more.
    let generate = ["tasks", "tasks.jsonl", "generate", "-c", "m", "-o", "out", "--max-tokens", "20"];
    let outcome =
        run(&project, &[&generate[..], &["--max-cost", "0.0002", "--concurrency", "3"]].concat()).await;
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(
        outcome.stderr.contains("of the cap of $0.0002") && outcome.stderr.contains("kept in out"),
        "{outcome}"
    );
    let asked = mock.log().requests().len();
    assert!((1..=10).contains(&asked), "{asked} were asked");
    assert_eq!(run(&project, &generate).await.code, Some(0), "without the cap the rest is asked");
    assert_eq!(mock.log().requests().len(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_told_and_asked_again_by_the_next_run() {
    let mock = Mock::builder()
        .rule(Rule::any().when_prompt_contains("q1").times(1).status(500))
        .rule(Rule::any().answer("1"))
        .start()
        .await
        .unwrap();
    let project = project(&mock);
    tasks(&project, 3);
    let generate = ["tasks", "tasks.jsonl", "generate", "-c", "m", "-o", "out"];
    let outcome = run(&project, &generate).await;
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("1 of 3 items failed, the first of them q1"), "{outcome}");
    assert_eq!(run(&project, &generate).await.code, Some(0));
    assert_eq!(mock.log().requests().len(), 4);
}

#[test]
fn mistakes_are_told_before_anything_is_done() {
    let project = Project::new();
    project.write("tasks.jsonl", r#"{"id": 1, "prompt": "?", "answer": 1}"#);
    project.write("rubbish.jsonl", "no json");
    project.write("empty.jsonl", "");
    for (arguments, code, said) in [
        (&["tasks", "tasks.jsonl", "generate", "-c", "self-moa:m", "-o", "out"][..], 2, "is no contender"),
        (&["tasks", "tasks.jsonl", "generate", "-c", "locla", "-o", "out"], 2, "locla"),
        (&["tasks", "absent.jsonl", "generate", "-c", "local", "-o", "out"], 2, "cannot read absent.jsonl"),
        (&["tasks", "rubbish.jsonl", "generate", "-c", "local", "-o", "out"], 1, "line 1"),
        (&["tasks", "empty.jsonl", "generate", "-c", "local", "-o", "out"], 2, "no question"),
        (&["gsm8k", "generate", "-c", "local", "-o", "out"], 2, "moa eval gsm8k fetch"),
        (&["gsm8k", "fetch"], 1, "fetching is switched off"),
        (&["humaneval", "score", "-o", "out"], 2, "moa eval humaneval fetch"),
        (&["tasks", "tasks.jsonl", "score", "-o", "absent"], 2, "cannot read the folder absent"),
        (&["compare", "-o", "."], 2, "there are no scores"),
        (&["compare"], 2, "--output"),
    ] {
        let outcome = project.run(&[&["eval"], arguments].concat());
        assert_eq!(outcome.code, Some(code), "{arguments:?}: {outcome}");
        assert!(outcome.stderr.contains(said) && outcome.stdout.is_empty(), "{arguments:?}: {outcome}");
    }
    assert!(!project.path("out").exists());
}

#[test]
fn a_local_model_answers_several_questions_at_once() {
    let project = Project::new();
    project.write("mock.toml", format!("[models.small]\npath = \"{}\"\n", test_model().display()));
    tasks(&project, 5);
    let arguments =
        ["tasks", "tasks.jsonl", "run", "-c", "small", "-o", "out", "--max-tokens", "6", "--format", "json"];
    let outcome = project.outcome(&command(&project, &arguments).output().unwrap());
    let scores = &document(&outcome)[0];
    assert_eq!(scores["n"], 5);
    assert!(scores["completion_tokens_per_item"].as_f64().unwrap() >= 1.0);
}
