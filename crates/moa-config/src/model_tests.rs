use std::path::PathBuf;

use crate::fixture::{config_of, options, user};
use crate::{Config, FileKind, KeySource, Overrides, ResolvedModel, Weights};

fn weights(config: &Config, name: &str) -> (String, Weights) {
    match config.model(name).unwrap() {
        (id, ResolvedModel::Local(model)) => (id.to_string(), model.weights),
        (id, model) => panic!("{id} is not local: {model:?}"),
    }
}

#[test]
fn a_model_can_be_named_in_every_way() {
    let config =
        user("[models]\nnick = \"gemma-3-270m\"\nfar = \"nick\"\nfile = { path = \"sub/a.gguf\" }\n")
            .unwrap();
    let catalogue = |id: &str| (id.to_owned(), Weights::Catalogue(id.to_owned()));
    assert_eq!(weights(&config, "gemma-3-270m"), catalogue("gemma-3-270m"));
    assert_eq!(weights(&config, "far"), catalogue("gemma-3-270m"));
    assert_eq!(
        weights(&config, "file"),
        ("file".to_owned(), Weights::File(PathBuf::from("user/sub/a.gguf")))
    );
    let hub = "hf:owner/repository/folder/file.GGUF";
    assert_eq!(weights(&config, hub), (hub.to_owned(), Weights::Hub(hub.to_owned())));
    let pinned = "hf:owner/repository/file.gguf@refs/pr.1";
    assert_eq!(weights(&config, pinned), (pinned.to_owned(), Weights::Hub(pinned.to_owned())));
    let alone = config.single_model(pinned, &Overrides::default()).unwrap();
    assert_eq!(alone.mixture.aggregator.name, "file");
    assert_eq!(weights(&config, "/weights/no-ending").1, Weights::File(PathBuf::from("/weights/no-ending")));
    assert_eq!(weights(&config, "~/m").1, Weights::File(PathBuf::from("/home/ann/m")));
    assert_eq!(weights(&config, "./a.gguf").1, Weights::File(PathBuf::from("./a.gguf")));
    for escaping in [
        "hf:owner/../../file.gguf",
        "hf:owner//file.gguf",
        "hf:o/r/file.gguf?x",
        "hf:o/r/file.bin",
        "hf:o/r/f.gguf@",
        "hf:o/r/.gguf",
    ] {
        assert!(config.model(escaping).is_err(), "{escaping}");
    }
}

#[test]
fn paths_start_at_the_file_that_names_them() {
    let text =
        "[presets.p]\naggregator = \"m.gguf\"\nproposers = [\"~/m.gguf\", \"/abs/m.gguf\"]\nlayers = 2\n";
    let config = config_of(&[(FileKind::Project, text)], options()).unwrap();
    let preset = config.preset("p", &Overrides::default()).unwrap();
    let models: Vec<String> = preset.models.into_keys().map(|id| id.to_string()).collect();
    assert_eq!(models, ["/abs/m.gguf", "/home/ann/m.gguf", "project/m.gguf"]);
    let names: Vec<&str> = preset.mixture.layers[0].agents.iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(names, ["m", "m#2"]);
}

#[test]
fn one_line_replaces_a_model_in_every_preset() {
    let config = user("[models]\n\"qwen1.5-72b-chat\" = \"gemma-3-270m\"\n").unwrap();
    let preset = config.preset("moa-lite", &Overrides::default()).unwrap();
    assert_eq!(preset.mixture.aggregator.model.as_str(), "gemma-3-270m");
    assert_eq!(preset.mixture.aggregator.name, "gemma-3-270m");
    // The replacement is a small local model, which gets a cap of its kind.
    assert_eq!(preset.mixture.aggregator.max_tokens, 512);
    assert_eq!(preset.mixture.layers[0].agents[2].model.as_str(), "gemma-3-270m");
    assert!(preset.models.keys().all(|id| id.as_str() != "qwen1.5-72b-chat"));
}

#[test]
fn a_name_of_the_catalogue_can_be_taken_by_a_table_and_still_reach_the_catalogue() {
    let text = "[models]\n\"gemma-3-270m\" = { catalogue = \"gemma-3-270m\", context-tokens = 1024, sequences = 3 }\n";
    let (id, model) = user(text).unwrap().model("gemma-3-270m").unwrap();
    let ResolvedModel::Local(model) = model else { panic!("{id} is local") };
    assert_eq!((model.context_tokens, model.sequences), (Some(1024), Some(3)));
    assert_eq!(model.weights, Weights::Catalogue("gemma-3-270m".to_owned()));
}

#[test]
fn an_endpoint_is_replaced_whole_so_that_no_key_goes_to_another_address() {
    let config = user("[endpoints.together]\nbase-url = \"http://127.0.0.1:9/v1/\"\n").unwrap();
    let (_, model) = config.model("deepseek-v3").unwrap();
    let ResolvedModel::Remote(model) = model else { panic!("deepseek-v3 is remote") };
    assert_eq!(model.endpoint.base_urls, ["http://127.0.0.1:9/v1"]);
    assert_eq!(model.endpoint.key, None);
    let text = "[endpoints.together]\nbase-url = \"https://a/v1\"\napi-key-file = \"~/.keys/together\"\n";
    let (_, model) = user(text).unwrap().model("deepseek-v3").unwrap();
    let ResolvedModel::Remote(model) = model else { panic!("deepseek-v3 is remote") };
    assert_eq!(model.endpoint.key, Some(KeySource::File(PathBuf::from("/home/ann/.keys/together"))));
}

#[test]
fn any_model_can_be_asked_alone() {
    let config = user("").unwrap();
    let overrides = Overrides { temperature: Some(0.0), layers: Some(1), ..Overrides::default() };
    let preset = config.single_model("gemma-3-270m", &overrides).unwrap();
    preset.mixture.check().unwrap();
    assert_eq!(preset.mixture.layer_count(), 1);
    assert!(preset.mixture.aggregator.sampling.temperature.abs() < f32::EPSILON);
    assert!(preset.models.contains_key(&preset.mixture.aggregator.model));
    assert_eq!(
        config.single_model("gpt-4o", &Overrides::default()).unwrap().mixture.aggregator.max_tokens,
        2048
    );
}
