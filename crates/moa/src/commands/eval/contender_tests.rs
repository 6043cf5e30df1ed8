use moa_config::{LoadOptions, ResolvedModel};

use super::{Written, parse, resolve};
use crate::commands::eval::arguments::{GenerateArgs, WorkArgs};
use crate::workspace::known_models;

#[test]
fn samples_follow_the_last_colon() {
    let model = "ollama:llama3.2:1b";
    let written = format!("self-consistency:{model}:5");
    assert_eq!(parse(&written).unwrap(), Written::SelfConsistency { model, samples: 5 });
    assert_eq!(parse("self-moa:m:6").unwrap(), Written::SelfMoa { model: "m", samples: 6 });
    assert_eq!(parse("self-moa").unwrap(), Written::PresetOrModel("self-moa"));
    assert_eq!(parse(model).unwrap(), Written::PresetOrModel(model));
}

#[test]
fn samples_must_be_a_number() {
    for written in
        ["self-consistency:m", "self-consistency:m:0", "self-moa::3", "self-moa:m:1b", "self-moa:m:9999"]
    {
        assert!(parse(written).is_err(), "{written}");
    }
}

const SMALL: &str = "smollm2-135m-instruct";

/// The items that are worked on at the same time, and the answers that each local model has room for.
fn at_once(written: &str, concurrency: Option<u32>) -> (u32, Vec<Option<u32>>) {
    let options = LoadOptions {
        environment: [("HOME", "/home/ann")].into_iter().collect(),
        known_models: known_models(),
        ..LoadOptions::default()
    };
    let config = moa_config::load(options).unwrap();
    let arguments = GenerateArgs {
        contenders: vec![written.to_owned()],
        output: "out".into(),
        limit: None,
        seed: 0,
        max_tokens: None,
        temperature: None,
        work: WorkArgs { concurrency, max_cost: None, no_cache: false, yes: false },
    };
    let resolved = resolve(&config, written, &arguments).unwrap_or_else(|error| panic!("{error}"));
    let rooms = resolved.models.into_values().map(|model| match model {
        ResolvedModel::Local(local) => local.sequences,
        other => panic!("{other:?} is not on this machine"),
    });
    (resolved.concurrency, rooms.collect())
}

#[test]
fn a_local_model_always_has_a_batch_of_answers_and_room_for_each_of_them() {
    assert_eq!(at_once(SMALL, None), (16, vec![Some(16)]));
    // In each layer of the mixture every model is asked once for an item.
    assert_eq!(at_once("article-shape", None), (16, vec![Some(16); 3]));
    // Samples of one item are a batch by themselves, and a second item fills the gap while the slowest of them ends.
    assert_eq!(at_once(&format!("self-consistency:{SMALL}:4"), None), (4, vec![Some(16)]));
    assert_eq!(at_once(&format!("self-consistency:{SMALL}:9"), None), (2, vec![Some(18)]));
    assert_eq!(at_once(&format!("self-moa:{SMALL}:6"), None), (3, vec![Some(18)]));
}

#[test]
fn whoever_says_how_many_gets_as_many_as_memory_is_kept_for() {
    assert_eq!(at_once(SMALL, Some(3)), (3, vec![Some(3)]));
    assert_eq!(at_once(SMALL, Some(256)), (256, vec![Some(32)]));
    assert_eq!(at_once(&format!("self-consistency:{SMALL}:100"), None), (2, vec![Some(32)]));
}
