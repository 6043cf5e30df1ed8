//! Mixtures whose models do not fit into memory at once.

use crate::project::{Project, test_model};
use crate::real_model::document;

/// Two models of one file that are loaded apart, because their contexts differ.
fn project() -> Project {
    let project = Project::new();
    let model = test_model().display().to_string();
    project.write(
        "moa.toml",
        format!(
            "default-preset = \"duo\"\n\
             [models.one]\npath = \"{model}\"\ncontext-tokens = 1024\n\
             [models.two]\npath = \"{model}\"\ncontext-tokens = 1023\nkv-cache = \"q8_0\"\n\
             [presets.duo]\nlayers = 3\nproposers = [\"one\", \"two\"]\naggregator = \"one\"\nmax-tokens = 12\n"
        ),
    );
    project
}

#[test]
fn a_mixture_answers_in_memory_for_one_of_its_models() {
    let project = project();
    let asked = project.run(&["--memory", "140MB", "ask", "--seed", "5", "Name one colour."]);
    assert_eq!(asked.code, Some(0), "{asked}");
    assert!(!asked.stdout.trim().is_empty(), "{asked}");
    // The table of the layers ends with what the run took.
    #[cfg(target_os = "linux")]
    assert!(asked.stderr.trim_end().lines().last().unwrap().starts_with("memory: "), "{asked}");
}

#[test]
fn a_dry_run_and_the_doctor_show_the_plan() {
    let project = project();
    let tight = document(&project.run(&["--memory", "140MB", "ask", "--dry-run", "--output", "json", "?"]));
    let plan = &tight["memory_plan"];
    assert_eq!((&plan["budget_bytes"], &plan["loads"]), (&140_000_000.into(), &3.into()));
    let bytes: Vec<u64> =
        plan["models"].as_array().unwrap().iter().map(|model| model["bytes"].as_u64().unwrap()).collect();
    assert!(bytes[1] < bytes[0], "an 8-bit cache takes less: {bytes:?}");
    // The last model of a layer is the first of the next.
    let layers = plan["layers"].as_array().unwrap();
    assert_eq!(layers[0][1]["model"], layers[1][0]["model"]);
    assert_eq!(layers[1][1]["model"], layers[2][0]["model"]);
    let roomy = document(&project.run(&["--memory", "1GB", "ask", "--dry-run", "--output", "json", "?"]));
    assert_eq!(roomy["memory_plan"]["loads"], 2);
    let told = project.run(&["--memory", "140MB", "doctor"]);
    assert!(told.stdout.contains("3 loads in a run") && told.stdout.contains("still there"), "{told}");
}

#[test]
fn too_little_memory_for_any_model_is_said_with_what_is_needed() {
    let project = project();
    let asked = project.run(&["--memory", "50MB", "ask", "Name one colour."]);
    assert_eq!(asked.code, Some(1), "{asked}");
    assert!(asked.stderr.contains("50 MB") && asked.stderr.contains("raise --memory"), "{asked}");
    let wrong = project.run(&["--memory", "much", "ask", "?"]);
    assert_eq!(wrong.code, Some(2), "{wrong}");
    assert!(wrong.stderr.contains("4GB"), "{wrong}");
}
