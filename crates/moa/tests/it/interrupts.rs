//! Ctrl-C in every phase of a run: every model stops, the exit code says so, what was finished is kept.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::project::Project;
use crate::real_model::{document, project};

/// Sends a signal to a process.
pub(crate) fn signal(name: &str, process: u32) {
    let status = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap();
    assert!(status.success());
}

/// Asks for a long answer, sends the signal when `is_time` has seen its event, and gives the run as it was stored.
fn stopped(
    project: &Project,
    preset: &str,
    question: &str,
    signal_name: &str,
    is_time: impl Fn(&Value) -> bool,
) -> Value {
    let path = project.write("question.txt", question);
    let mut child = project
        .moa(&["ask", "--preset", preset, "--output", "jsonl", "--temperature", "1"])
        .stdin(std::fs::File::open(path).unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut event = || lines.next().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    while !is_time(&event().expect("the run ended before its time")) {}
    signal(signal_name, child.id());
    let rest: Vec<Value> = std::iter::from_fn(event).collect();
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{stderr}");
    assert!(stderr.starts_with("stopped; ") && stderr.contains("kept: moa runs show"), "{stderr}");
    // The last thing that is heard of the run is that it was cancelled, and the store has heard it too.
    assert_eq!(rest.last().unwrap()["type"], "run_cancelled", "{rest:?}");
    let listed = project.run(&["runs", "list", "--json"]);
    let runs: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(runs[0]["status"], "cancelled", "{listed}");
    document(&project.run(&["runs", "export", "last"]))
}

fn has_progress(event: &Value, name: &str) -> bool {
    event["type"] == "call_progress" && event["phase"] == name
}

#[test]
fn while_a_model_is_loaded() {
    let project = project();
    let run =
        stopped(&project, "long", "Tell a very long story.", "INT", |event| has_progress(event, "loading"));
    assert_eq!(run["layers"][0]["responses"][0]["status"], "dropped");
}

#[test]
fn while_a_prompt_is_read() {
    let project = project();
    let question = "Tell a very long story about a word. ".repeat(350);
    let run = stopped(&project, "long", &question, "INT", |event| {
        let tokens = |name: &str| event[name].as_u64();
        has_progress(event, "prefill") && tokens("done_tokens") < tokens("total_tokens")
    });
    let response = &run["layers"][0]["responses"][0];
    assert_eq!((&response["status"], &response["text"]), (&"dropped".into(), &"".into()));
}

#[test]
fn between_two_layers() {
    let project = project();
    let run = stopped(&project, "slow-end", "Tell a very long story.", "INT", |event| {
        event["type"] == "layer_finished"
    });
    // The proposals are kept whole.
    let proposals = run["layers"][0]["responses"].as_array().unwrap();
    assert!(proposals.len() == 2 && proposals.iter().all(|proposal| proposal["status"] == "ok"), "{run}");
}

#[test]
fn while_proposals_are_written_by_several_models() {
    let project = project();
    let run = stopped(&project, "slow-start", "Tell a very long story.", "TERM", |event| {
        event["type"] == "call_delta"
    });
    let proposals = run["layers"][0]["responses"].as_array().unwrap();
    assert!(
        proposals.len() == 2 && proposals.iter().all(|proposal| proposal["status"] == "dropped"),
        "{run}"
    );
}
