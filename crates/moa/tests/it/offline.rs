//! What the command does without any model: usage, configuration, rubbish.

use std::io::Write as _;
use std::process::Stdio;

use crate::project::{Project, UNWRITABLE};

/// Runs `moa` with the given bytes on standard input.
fn with_input(project: &Project, arguments: &[&str], input: &[u8]) -> crate::project::Outcome {
    let mut child = project
        .moa(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that has seen enough closes its end; that is its right.
    let _ = child.stdin.take().unwrap().write_all(input);
    project.outcome(&child.wait_with_output().unwrap())
}

#[test]
fn a_question_that_is_none_is_refused_with_an_example() {
    let project = Project::new();
    insta::assert_snapshot!(project.run(&["ask", "  "]));
    insta::assert_snapshot!(with_input(&project, &["ask", "-"], b""));
}

#[test]
fn input_that_is_no_text_names_the_byte() {
    insta::assert_snapshot!(with_input(&Project::new(), &["ask"], b"caf\xe9 au lait"));
}

#[test]
fn an_unknown_preset_names_the_nearest() {
    insta::assert_snapshot!(Project::new().run(&["ask", "--preset", "locla", "Why?"]));
}

#[test]
fn an_unknown_model_names_the_nearest() {
    insta::assert_snapshot!(Project::new().run(&["ask", "--model", "qwen2.5-codr-0.5b-instruct", "Why?"]));
}

#[test]
fn numbers_out_of_range_are_refused() {
    let project = Project::new();
    for arguments in [
        &["ask", "--temperature", "9", "Why?"][..],
        &["ask", "--temperature", "nan", "Why?"],
        &["ask", "--max-tokens", "0", "Why?"],
        &["ask", "--layers", "0", "Why?"],
        &["ask", "--layers", "x", "Why?"],
        &["ask", "--cores", "0", "Why?"],
    ] {
        let outcome = project.run(arguments);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {outcome}");
        assert!(outcome.stdout.is_empty() && outcome.stderr.contains("error"), "{arguments:?}: {outcome}");
    }
}

#[test]
fn a_mistake_in_the_configuration_is_shown_where_it_stands() {
    let project = Project::new();
    project.write("moa.toml", "[presets.mine]\nproposers = [\"smollm2-135m-instrct\"]\naggregater = \"x\"\n");
    insta::assert_snapshot!(project.run(&["config", "check"]));
}

#[test]
fn every_configuration_command_works_on_a_fresh_start() {
    let project = Project::new();
    assert_eq!(project.run(&["config", "init"]).code, Some(0));
    assert_eq!(project.run(&["config", "check"]).code, Some(0));
    let again = project.run(&["config", "init"]);
    assert_eq!(again.code, Some(1), "{again}");
    assert!(again.stderr.contains("--force"), "{again}");
    let shown = project.run(&["config", "show"]);
    assert!(shown.stdout.contains("default-preset"), "{shown}");
}

#[test]
fn a_model_that_is_not_there_is_named_with_the_way_to_get_it() {
    insta::assert_snapshot!(Project::new().run(&["ask", "--model", "smollm2-135m-instruct", "Why?"]));
}

#[test]
fn files_that_are_no_models_are_told_apart() {
    let project = Project::new();
    project.write("text.gguf", "this is no model");
    project.write("empty.gguf", "");
    project.write(
        "cut.gguf",
        b"GGUF\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00abc",
    );
    std::fs::create_dir(project.path("folder.gguf")).unwrap();
    for file in ["./missing.gguf", "./text.gguf", "./empty.gguf", "./cut.gguf", "./folder.gguf"] {
        let outcome = project.run(&["ask", "--trace", "none", "--model", file, "Why?"]);
        assert_eq!(outcome.code, Some(1), "{file}: {outcome}");
        let inspected = project.run(&["models", "info", file]);
        assert_eq!(inspected.code, Some(1), "{file}: {inspected}");
        insta::assert_snapshot!(file.trim_start_matches("./"), format!("{outcome}\n{inspected}"));
    }
}

#[test]
fn the_papers_presets_show_and_say_what_they_would_ask() {
    let project = Project::new();
    for (preset, layers) in [("moa-lite", 2), ("moa", 3), ("moa-gpt-4o", 3)] {
        let outcome = project.run(&["ask", "--preset", preset, "--dry-run", "--output", "json", "Why?"]);
        assert_eq!(outcome.code, Some(0), "{outcome}");
        let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(document["layers"].as_array().unwrap().len(), layers);
        assert_eq!(document["calls"], (layers - 1) * 6 + 1);
        let mut keyless = project.moa(&["ask", "--preset", preset, "Why?"]);
        let output = keyless.env_remove("TOGETHER_API_KEY").env_remove("OPENAI_API_KEY").output().unwrap();
        let asked = project.outcome(&output);
        assert_eq!(asked.code, Some(2), "{asked}");
        assert!(asked.stderr.contains("_API_KEY"), "{asked}");
    }
}

#[test]
fn a_dry_run_shows_calls_prompts_and_estimate() {
    insta::assert_snapshot!(Project::new().run(&["ask", "--preset", "tiny", "--dry-run", "Why?"]));
}

#[cfg(target_os = "linux")]
#[test]
fn a_home_that_cannot_be_written_is_said_and_reading_goes_on() {
    let project = Project::new();
    let output = project.moa(&["runs", "list"]).env("MOA_HOME", UNWRITABLE).output().unwrap();
    let outcome = project.outcome(&output);
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("hint:"), "{outcome}");
    let output = project.moa(&["presets", "list"]).env("MOA_HOME", UNWRITABLE).output().unwrap();
    assert!(output.status.success());
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let project = Project::new();
    assert_eq!(project.run(&["runs", "list"]).code, Some(0));
    let store = project.home().join("moa/runs.sqlite3");
    rusqlite::Connection::open(&store).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let before = std::fs::read(&store).unwrap();
    insta::assert_snapshot!(project.run(&["runs", "list"]));
    assert_eq!(std::fs::read(&store).unwrap(), before);
}

#[test]
fn a_reader_that_leaves_ends_the_program_quietly() {
    let project = Project::new();
    let mut child =
        project.moa(&["config", "schema"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}
