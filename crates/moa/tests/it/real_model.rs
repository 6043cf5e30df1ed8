//! Whole runs with a real model in process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::project::{Outcome, Project, UNWRITABLE, test_model};

/// A project with mixtures of the 135M model.
pub(crate) fn project() -> Project {
    let project = Project::new();
    let model = test_model().display().to_string();
    project.write(
        "moa.toml",
        format!(
            "default-preset = \"duo\"\n\
             [models.small]\npath = \"{model}\"\n\
             [models.other]\npath = \"{model}\"\n\
             [presets.duo]\nlayers = 2\nproposers = [{{ model = \"small\", samples = 2 }}]\naggregator = \"small\"\n\
             max-tokens = 24\n\
             [presets.long]\nlayers = 1\naggregator = {{ model = \"small\", max-tokens = 4000 }}\n\
             [presets.slow-end]\nextends = \"duo\"\naggregator = {{ model = \"other\", max-tokens = 4000 }}\n\
             [presets.slow-start]\nlayers = 2\nproposers = [\"small\", \"other\"]\naggregator = \"small\"\n\
             max-tokens = 4000\n"
        ),
    );
    project
}

pub(crate) fn document(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, Some(0), "{outcome}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

#[test]
fn a_mixture_answers_and_every_step_of_it_can_be_read_again() {
    let project = project();
    let asked = project.run(&["ask", "--output", "json", "--seed", "5", "Name one colour."]);
    let run = document(&asked);
    assert_eq!(run["preset"], "duo");
    assert_eq!(run["degraded"], false);
    let layers = run["layers"].as_array().unwrap();
    assert_eq!(
        (layers.len(), &layers[0]["role"], &layers[1]["role"]),
        (2, &"proposers".into(), &"aggregator".into())
    );
    let proposals = layers[0]["responses"].as_array().unwrap();
    assert_eq!(proposals.len(), 2);
    for response in proposals.iter().chain(layers[1]["responses"].as_array().unwrap()) {
        assert_eq!(response["status"], "ok", "{response}");
        assert!(response["usage"]["completion_tokens"].as_u64().unwrap() <= 24);
        assert!(!response["text"].as_str().unwrap().is_empty());
    }
    assert_eq!(run["answer"], layers[1]["responses"][0]["text"]);
    // Both samples read one prompt: the second took it from the first.
    let cached: Vec<u64> = proposals.iter().map(|p| p["usage"]["cached_tokens"].as_u64().unwrap()).collect();
    assert!(cached.iter().any(|tokens| *tokens > 0), "{cached:?}");

    let id = run["id"].as_str().unwrap();
    let shown = project.run(&["runs", "show", "last"]);
    assert!(shown.stdout.contains(id) && shown.stdout.contains("Name one colour."), "{shown}");
    let exported = document(&project.run(&["runs", "export", id]));
    assert_eq!(exported, run);
    assert!(project.run(&["runs", "export", id, "--format", "html"]).stdout.starts_with("<!doctype html>"));

    // Again from the store: the same answer, and no model is loaded for it.
    let replayed = document(&project.run(&["runs", "replay", id, "--output", "json"]));
    assert_eq!(replayed["answer"], run["answer"]);
    assert_eq!(replayed["layers"][0]["responses"][0]["endpoint"], "stored");
    // Another aggregator reads the stored proposals.
    let fused = document(&project.run(&["runs", "replay", id, "--aggregator", "other", "--output", "json"]));
    assert_eq!(fused["layers"][0]["responses"][0]["text"], proposals[0]["text"]);
    assert_eq!(fused["layers"][1]["responses"][0]["endpoint"], "local");
    assert_eq!(fused["layers"][1]["responses"][0]["model"], "other");
    assert_eq!(project.run(&["runs", "list", "--json"]).stdout.matches("\"id\"").count(), 3);
}

#[test]
fn greedy_runs_with_a_seed_repeat() {
    let project = project();
    let ask = || {
        document(&project.run(&[
            "ask",
            "--output",
            "json",
            "--temperature",
            "0",
            "--seed",
            "1",
            "--no-store",
            "Count to five.",
        ]))
    };
    let (first, second) = (ask(), ask());
    assert_eq!(first["answer"], second["answer"]);
    assert_eq!(first["layers"][0]["responses"][1]["text"], second["layers"][0]["responses"][1]["text"]);
    assert_eq!(project.run(&["runs", "list"]).stdout, "no runs\n");
}

#[test]
fn a_pipe_gets_the_answer_alone_and_the_layers_go_to_stderr() {
    let project = project();
    let outcome = project.run(&["ask", "--temperature", "0", "Say hello."]);
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let run = document(&project.run(&["runs", "export", "last"]));
    assert_eq!(outcome.stdout, format!("{}\n", run["answer"].as_str().unwrap()));
    assert!(outcome.stderr.contains("small"), "{outcome}");
    assert!(!outcome.stdout.contains('\u{1b}') && !outcome.stderr.contains('\u{1b}'), "{outcome}");
}

#[test]
fn every_event_is_a_line_of_json_as_it_happens() {
    let project = project();
    let outcome = project.run(&["ask", "--output", "jsonl", "Say hello."]);
    let events: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!((types[0], *types.last().unwrap()), ("run_started", "run_finished"));
    assert!(types.iter().filter(|kind| **kind == "call_delta").count() > 20, "{types:?}");
    let numbers: Vec<u64> = events.iter().map(|event| event["sequence"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..events.len() as u64).collect::<Vec<_>>());
}

#[test]
fn a_prompt_larger_than_the_context_names_both_numbers() {
    let project = project();
    let huge = "word ".repeat(200_000);
    let path = project.write("huge.txt", huge);
    let output =
        project.moa(&["ask", "--preset", "long"]).stdin(std::fs::File::open(path).unwrap()).output().unwrap();
    let outcome = project.outcome(&output);
    assert_eq!(outcome.code, Some(1), "{outcome}");
    let numbers: Vec<u64> = outcome
        .stderr
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    assert!(numbers.iter().any(|n| *n >= 200_000), "{outcome}");
    assert!(numbers.iter().any(|n| (1_000..=8_192).contains(n)), "{outcome}");
    assert!(outcome.stderr.contains("hint:"), "{outcome}");
}

/// Starts a long run and waits until it writes.
fn start_writing(project: &Project) -> Child {
    let mut child = project
        .moa(&[
            "ask",
            "--preset",
            "long",
            "--output",
            "jsonl",
            "--temperature",
            "1",
            "Tell a very long story.",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"call_delta\"") {
        line.clear();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the run ended before it wrote");
    }
    // Read on, so that the program is never held up by a full pipe.
    child.stdout = None;
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    child
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_the_model_and_says_what_was_kept() {
    let project = project();
    let mut child = start_writing(&project);
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let status = child.wait().unwrap();
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("stopped") && stderr.contains("moa runs show"), "{stderr}");
    let run = document(&project.run(&["runs", "export", "last"]));
    assert_eq!(run["layers"][0]["responses"][0]["status"], "dropped");
    assert!(!run["layers"][0]["responses"][0]["text"].as_str().unwrap().is_empty());
}

#[test]
fn a_killed_run_is_kept_as_far_as_it_went_and_called_interrupted() {
    let project = project();
    let mut child = start_writing(&project);
    child.kill().unwrap();
    child.wait().unwrap();
    let listed = project.run(&["runs", "list"]);
    assert!(listed.stdout.contains("interrupted"), "{listed}");
    let replayed = project.run(&["runs", "replay", "last"]);
    assert_eq!(replayed.code, Some(1), "{replayed}");
}

#[test]
fn a_reader_that_leaves_stops_the_run() {
    let project = project();
    let mut child = project
        .moa(&["ask", "--preset", "long", "--trace", "none", "Tell a very long story."])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut first = [0_u8; 1];
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = project.run(&["runs", "list"]);
    assert!(listed.stdout.contains("interrupted"), "{listed}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_goes_on_without_a_store() {
    let project = project();
    let output =
        project.moa(&["ask", "--trace", "none", "Say hello."]).env("MOA_HOME", UNWRITABLE).output().unwrap();
    let outcome = project.outcome(&output);
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(outcome.stderr.contains("warning: this run is not stored"), "{outcome}");
}

#[test]
fn chat_remembers_earlier_turns_and_obeys_commands() {
    use std::io::Write as _;
    let project = project();
    let mut child = project
        .moa(&["chat", "--trace", "none"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let script = "My name is Ada.\n/layers\n/save talk.md\nWhat did I say?\n/nonsense\n/quit\n";
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let outcome = project.outcome(&child.wait_with_output().unwrap());
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(outcome.stderr.contains("nonsense"), "{outcome}");
    let saved = std::fs::read_to_string(project.path("talk.md")).unwrap();
    assert!(saved.contains("My name is Ada."), "{saved}");
    let last = project.run(&["runs", "export", "last", "--format", "markdown"]).stdout;
    assert!(last.contains("My name is Ada.") && last.contains("What did I say?"), "{last}");
}
