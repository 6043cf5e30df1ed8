//! `moa bench`: what each source of speed brings.

use crate::project::Project;
use crate::real_model::{document, project};

#[test]
fn every_step_is_measured_and_has_what_the_ones_before_it_have() {
    let project = project();
    let measured = document(&project.run(&["bench", "--preset", "long", "--max-tokens", "3", "--json"]));
    assert_eq!((&measured["preset"], &measured["max_tokens"]), (&"long".into(), &3.into()));
    let steps = measured["steps"].as_array().unwrap();
    let names: Vec<&str> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    let sources = [
        "none",
        "+ kernels",
        "+ models side by side",
        "+ lookup",
        "+ lookup in the answers of others",
        "+ prefix reuse",
        "+ reading ahead",
    ];
    assert_eq!(names, sources);
    for (step, place) in steps.iter().zip(0..) {
        assert_eq!(step["completion_tokens"], 9, "three questions of three tokens: {step}");
        assert!(step["seconds"].as_f64().unwrap() > 0.0 && step["load_ms"].as_f64().unwrap() > 0.0, "{step}");
        // What the warm-up has read of the chat format serves the questions, where prefixes are used again.
        assert_eq!(step["cached_tokens"].as_u64().unwrap() > 0, place >= 5, "{step}");
    }
    assert_eq!(project.run(&["runs", "list", "--json"]).stdout.trim(), "[]", "nothing is stored");
}

#[test]
fn a_preset_that_asks_an_endpoint_cannot_be_measured() {
    let project = Project::new();
    let refused = project.run(&["bench", "--preset", "moa-lite"]);
    insta::assert_snapshot!(refused);
}
