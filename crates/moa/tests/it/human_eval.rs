//! `moa eval humaneval` over a mock, with problems of our own.

use moa_testkit::{Mock, Rule};
use serde_json::{Value, json};

use crate::evaluation::{project, run};

/// Whether programs can be run here. Where not, the command has to say so, and nothing is proven.
#[expect(clippy::print_stderr, reason = "whoever runs the tests should know what was left out")]
fn is_refused(outcome: &crate::project::Outcome) -> bool {
    let refused = outcome.code == Some(1) && outcome.stderr.contains("the sandbox cannot be made here");
    if refused {
        assert!(outcome.stderr.contains("hint: it needs Linux namespaces"), "{outcome}");
        eprintln!("skipped: {}", outcome.stderr);
    }
    refused
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_found_run_and_marked() {
    let problem = |name: &str| {
        json!({
            "task_id": format!("Own/{name}"),
            "prompt": format!("from typing import List\n\ndef {name}(values: List[int]) -> int:\n    \"\"\"Add up.\"\"\"\n"),
            "entry_point": name,
            "canonical_solution": "    return sum(values)\n",
            "test": "def check(candidate):\n    assert candidate([1, 2]) == 3\n    assert candidate([]) == 0\n",
        })
    };
    let whole = "Of course!\n\n```python\ndef whole(values: List[int]) -> int:\n    return sum(values)\n```\n\nIt works so:\n\n```python\nprint(whole([1]))\n```\n";
    let names = ["whole", "body", "wrong", "prose", "looping", "killer", "truncated"];
    let mock = Mock::builder()
        .rule(Rule::any().when_prompt_contains("def whole").answer(whole))
        .rule(Rule::any().when_prompt_contains("def body").answer("    total = 0\n    for value in values:\n        total += value\n    return total"))
        .rule(Rule::any().when_prompt_contains("def wrong").answer("```\ndef wrong(values):\n    return len(values)\n```"))
        .rule(Rule::any().when_prompt_contains("def prose").answer("I would rather not."))
        .rule(Rule::any().when_prompt_contains("def looping").answer("```\ndef looping(values):\n    import time\n    while True:\n        time.sleep(1)\n```"))
        .rule(Rule::any().when_prompt_contains("def killer").answer("```\nimport os, shutil, signal\nshutil.rmtree('/usr/bin', ignore_errors=True)\ntry: os.kill(os.getppid(), signal.SIGKILL)\nexcept OSError: pass\ntry: os.kill(-1, signal.SIGKILL)\nexcept OSError: pass\ndef killer(values):\n    return sum(values)\n```"))
        .rule(Rule::any().when_prompt_contains("def truncated").answer("```python\ndef truncated(values):\n    return sum(values)\n\ndef main():\n    print(truncated(["))
        .start()
        .await
        .unwrap();
    let project = project(&mock);
    let lines: Vec<String> = names.iter().map(|name| problem(name).to_string()).collect();
    project.write("problems.jsonl", lines.join("\n"));
    let outcome = run(
        &project,
        &["humaneval", "run", "--data", "problems.jsonl", "-c", "m", "-o", "out", "--format", "json"],
    )
    .await;
    if is_refused(&outcome) {
        return;
    }
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let scores: Value =
        serde_json::from_slice(&std::fs::read(project.path("out/humaneval.m.scores.json")).unwrap()).unwrap();
    let verdict = |name: &str| {
        let items = scores["items"].as_array().unwrap();
        let item = items.iter().find(|item| item["item"] == format!("Own/{name}")).unwrap();
        (item["verdict"].as_str().unwrap().to_owned(), item["detail"].as_str().unwrap_or_default().to_owned())
    };
    // What the killer does harms nobody, and its function is right.
    for name in ["whole", "truncated", "killer"] {
        assert_eq!(verdict(name), ("correct".to_owned(), String::new()), "{name}");
    }
    // The engine strips answers, so that a body has lost the indentation of its first line; it is found all the same.
    assert_eq!(verdict("body").0, "correct");
    assert_eq!(verdict("wrong"), ("incorrect".to_owned(), "AssertionError: ".to_owned()));
    assert_eq!(verdict("prose"), ("invalid".to_owned(), "no code was found".to_owned()));
    assert_eq!(verdict("looping"), ("incorrect".to_owned(), "not done in time".to_owned()));
    let summary: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&summary[0]["right"], &summary[0]["n"]), (&json!(4), &json!(7)));
}

/// Two problems of our own.
fn problems() -> String {
    let problem = |name: &str| {
        json!({
            "task_id": format!("Own/{name}"),
            "prompt": format!("def {name}(values):\n"),
            "entry_point": name,
            "test": "def check(candidate):\n    assert candidate([1, 2]) == 3, 'three is wanted'\n",
        })
        .to_string()
    };
    [problem("one"), problem("two")].join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_samples_is_scored_and_its_results_have_the_official_form() {
    let mock = Mock::builder().start().await.unwrap();
    let project = project(&mock);
    project.write("problems.jsonl", problems());
    let sample = |name: &str, completion: &str| {
        json!({"task_id": format!("Own/{name}"), "completion": completion, "mine": 5}).to_string()
    };
    let samples = [
        sample("one", "    return sum(values)\n"),
        sample("two", "    return len(values)\n"),
        sample("one", "    return summe(values)\n"),
        sample("two", "    while True: pass\n"),
        sample("two", "    return sum(values)\n"),
    ];
    project.write("samples.jsonl", samples.join("\n"));
    let score =
        ["humaneval", "score", "--data", "problems.jsonl", "--samples", "samples.jsonl", "--format", "json"];
    let outcome = run(&project, &score).await;
    if is_refused(&outcome) {
        return;
    }
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let found: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!([&found["samples"], &found["passed"], &found["problems"]], [&json!(5), &json!(2), &json!(2)]);
    // One of two and one of three; nobody has ten samples.
    let pass = found["pass@1"]["value"].as_f64().unwrap();
    assert!((pass - 5.0 / 12.0).abs() < 1e-12 && found["pass@10"].is_null(), "{found}");
    let text = std::fs::read_to_string(project.path("samples.jsonl_results.jsonl")).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of =
        |place: usize| (rows[place]["result"].as_str().unwrap(), rows[place]["passed"].as_bool().unwrap());
    assert_eq!(of(0), ("passed", true));
    assert_eq!(of(1), ("failed: three is wanted", false));
    assert_eq!(of(2), ("failed: name 'summe' is not defined", false));
    assert_eq!(of(3), ("timed out", false));
    assert_eq!(of(4), ("passed", true));
    assert!(
        rows.iter()
            .all(|row| row["mine"] == 5 && row["task_id"].is_string() && row["completion"].is_string())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_of_some_problems_only_are_refused_unless_somebody_wants_that() {
    let mock = Mock::builder().start().await.unwrap();
    let project = project(&mock);
    project.write("problems.jsonl", problems());
    project.write(
        "samples.jsonl",
        json!({"task_id": "Own/one", "completion": "    return sum(values)\n"}).to_string(),
    );
    let score = ["humaneval", "score", "--data", "problems.jsonl", "--samples", "samples.jsonl"];
    let refused = run(&project, &score).await;
    assert!(
        refused.code == Some(1) && refused.stderr.contains("1 of 2 problems have no sample"),
        "{refused}"
    );
    assert!(refused.stderr.contains("hint: --ignore-incomplete"), "{refused}");
    let scored = run(&project, &[&score[..], &["--ignore-incomplete"]].concat()).await;
    if is_refused(&scored) {
        return;
    }
    assert!(scored.code == Some(0) && scored.stdout.contains("pass@1"), "{scored}");
    project.write("samples.jsonl", json!({"task_id": "Other/1", "completion": ""}).to_string());
    let unknown = run(&project, &score).await;
    assert!(
        unknown.code == Some(1) && unknown.stderr.contains("there is no problem \"Other/1\""),
        "{unknown}"
    );
    assert_eq!(run(&project, &["humaneval", "score", "--data", "problems.jsonl"]).await.code, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mixture_may_run_the_examples_of_a_problem_and_never_its_test() {
    // The example is right, and the test wants something else: who chooses by the test would choose the other answer.
    let problem = json!({
        "task_id": "Own/twice",
        "prompt": "def twice(value):\n    \"\"\" Two of it.\n    >>> twice(3)\n    6\n    \"\"\"\n",
        "entry_point": "twice",
        "canonical_solution": "    return 2 * value\n",
        "test": "def check(candidate):\n    assert candidate(3) == 9\n",
    });
    let answer = |body: &str| format!("```python\ndef twice(value):\n    return {body}\n```");
    let mock = Mock::builder()
        .rule(Rule::model("m").answer(answer("value * value")))
        .rule(Rule::model("n").answer(answer("value + value")))
        .start()
        .await
        .unwrap();
    let project = project(&mock);
    project.write("problems.jsonl", problem.to_string());
    let config = std::fs::read_to_string(project.path("mock.toml")).unwrap();
    let preset = "[presets.coding]\nextends = \"pair\"\nmax-tokens = 60\naggregation = { kind = \"run-candidates\" }\n";
    project.write("mock.toml", format!("{config}{preset}"));
    let outcome =
        run(&project, &["humaneval", "run", "--data", "problems.jsonl", "-c", "coding", "-o", "out"]).await;
    if is_refused(&outcome) {
        return;
    }
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let scores: Value =
        serde_json::from_slice(&std::fs::read(project.path("out/humaneval.coding.scores.json")).unwrap())
            .unwrap();
    let item = &scores["items"][0];
    assert_eq!(item["verdict"], "incorrect", "{item}");
    let of_proposals: Vec<&Value> =
        item["layers"][0].as_array().unwrap().iter().map(|proposal| &proposal["verdict"]).collect();
    assert_eq!(of_proposals, ["correct", "incorrect"]);
}
