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
