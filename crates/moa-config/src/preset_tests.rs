use std::time::Duration;

use moa_core::{Agent, PartialAnswers};

use super::*;
use crate::fixture::{config_of, options, user};
use crate::{FileKind, LoadOptions, Overrides};

fn preset(text: &str, name: &str) -> Mixture {
    preset_with(text, name, &Overrides::default())
}

fn preset_with(text: &str, name: &str, overrides: &Overrides) -> Mixture {
    let resolved = user(text).unwrap().preset(name, overrides).unwrap();
    resolved.mixture.check().unwrap();
    resolved.mixture
}

fn layer_models(mixture: &Mixture) -> Vec<String> {
    let join = |layer: &Layer| {
        let names: Vec<&str> = layer.agents.iter().map(|agent| agent.model.as_str()).collect();
        names.join(" ")
    };
    mixture.layers.iter().map(join).collect()
}

fn is_close(one: f32, other: f32) -> bool {
    (one - other).abs() < 1e-6
}

const EVERYTHING: &str = r#"
[presets.full]
layers = 2
proposers = [
    "gemma-3-270m",
    { model = "gemma-3-270m", name = "wild", temperature = 1.5, top-p = 0.9, top-k = 40, min-p = 0.05, samples = 2,
      repeat-penalty = 1.1, frequency-penalty = -0.5, presence-penalty = 0.5, seed = 7, stop = ["END"],
      max-tokens = 9, deadline = "1m 30s", system = "Be bold." },
    { model = "gemma-3-270m", system = "" },
]
aggregator = { model = "qwen2.5-0.5b-instruct", max-tokens = 1000 }
temperature = 0.5
max-tokens = 200
proposer-max-tokens = 100
system = "Be brief."
residual = true
partial-answers = "drop"
min-proposals = 2
call-deadline = "20s"
layer-deadline = "500ms"
wait = "0s"
deadline = "2m"
fallback-aggregators = ["gemma-3-270m", { model = "gemma-3-270m", max-tokens = 30 }, "qwen2.5-0.5b-instruct"]
on-aggregator-failure = "fail"
shuffle-references = true
anonymous-references = true
set-aside-outliers = true
max-cost-usd = 0.75
synthesis = "Fuse: {{ responses }}"
"#;

#[test]
fn every_key_reaches_the_mixture() {
    let mixture = preset(EVERYTHING, "full");
    assert!(mixture.residual);
    assert_eq!(mixture.partial_answers, PartialAnswers::Drop);
    assert_eq!(mixture.deadline, Some(Duration::from_mins(2)));
    assert_eq!(mixture.synthesis.source(), "Fuse: {{ responses }}");
    assert_eq!(mixture.on_aggregator_failure, AggregatorFailure::Fail);
    let all = ReferenceSettings { shuffled: true, anonymous: true, without_outliers: true };
    assert_eq!(mixture.references, all);
    let stand_ins: Vec<(&str, u32)> =
        mixture.fallback_aggregators.iter().map(|agent| (agent.name.as_str(), agent.max_tokens)).collect();
    assert_eq!(stand_ins, [("gemma-3-270m", 200), ("gemma-3-270m#2", 30), ("qwen2.5-0.5b-instruct#2", 200)]);
    let layer = &mixture.layers[0];
    assert_eq!((layer.min_proposals, layer.deadline), (2, Some(Duration::from_millis(500))));
    assert_eq!(layer.wait, Some(Duration::ZERO));
    let names: Vec<&str> = layer.agents.iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(names, ["gemma-3-270m", "wild", "wild#2", "gemma-3-270m#2"]);
    let [plain, wild, second, silent] = layer.agents.as_slice() else { panic!("{names:?}") };
    assert!(is_close(plain.sampling.temperature, 0.5));
    assert_eq!((plain.max_tokens, plain.deadline), (100, Some(Duration::from_secs(20))));
    assert_eq!(plain.system.as_deref(), Some("Be brief."));
    assert_eq!(wild.system.as_deref(), Some("Be bold."));
    assert_eq!(silent.system, None);
    assert_eq!((wild.max_tokens, wild.deadline), (9, Some(Duration::from_secs(90))));
    let sampling = &wild.sampling;
    assert!(is_close(sampling.temperature, 1.5));
    assert_eq!((sampling.top_p, sampling.top_k, sampling.min_p), (Some(0.9), Some(40), Some(0.05)));
    assert_eq!((sampling.repeat_penalty, sampling.frequency_penalty), (Some(1.1), Some(-0.5)));
    assert_eq!(
        (sampling.presence_penalty, sampling.stop.as_slice()),
        (Some(0.5), ["END".to_owned()].as_slice())
    );
    // Two samples of one seed would be the same answer twice.
    assert_eq!((sampling.seed, second.sampling.seed), (Some(7), Some(8)));
}

#[test]
fn a_cap_for_proposals_never_cuts_the_answer() {
    let text = "[presets.a]\nextends = \"article-shape\"\nproposer-max-tokens = 16\n";
    let mixture = preset(text, "a");
    assert!(mixture.layers.iter().flat_map(|layer| &layer.agents).all(|agent| agent.max_tokens == 16));
    assert_eq!(mixture.aggregator.max_tokens, 512);
    assert_eq!(
        preset("[presets.a]\nextends = \"article-shape\"\nmax-tokens = 64\n", "a").aggregator.max_tokens,
        64
    );
    assert_eq!(preset(EVERYTHING, "full").aggregator.max_tokens, 1000);
}

#[test]
fn layers_that_differ_are_written_one_by_one() {
    let text = "[presets.a]\nextends = \"article-shape\"\nmin-proposals = 2\nlayer-deadline = \"9s\"\nwait = \"4s\"\n\
                [[presets.a.layer]]\nagents = [\"gemma-3-270m\", { model = \"gemma-3-270m\", samples = 2 }]\n\
                [[presets.a.layer]]\nagents = [\"qwen2.5-0.5b-instruct\"]\nmin-proposals = 1\ndeadline = \"3s\"\nwait = \"1s\"\n";
    let mixture = preset(text, "a");
    assert_eq!(layer_models(&mixture), ["gemma-3-270m gemma-3-270m gemma-3-270m", "qwen2.5-0.5b-instruct"]);
    assert_eq!(mixture.aggregator.model.as_str(), "qwen2.5-coder-1.5b-instruct");
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let settings: Vec<_> =
        mixture.layers.iter().map(|layer| (layer.min_proposals, layer.deadline, layer.wait)).collect();
    assert_eq!(settings, [(2, seconds(9), seconds(4)), (1, seconds(3), seconds(1))]);
}

#[test]
fn either_way_to_write_layers_replaces_the_other_when_it_is_extended() {
    let long =
        "[presets.long]\nextends = \"article-shape\"\n[[presets.long.layer]]\nagents = [\"gemma-3-270m\"]\n";
    let back = format!("{long}[presets.back]\nextends = \"long\"\nproposers = [\"qwen2.5-0.5b-instruct\"]\n");
    // Three layers are the default; the `layers` of `article-shape` lie below the long form and no longer count.
    assert_eq!(layer_models(&preset(&back, "back")), ["qwen2.5-0.5b-instruct", "qwen2.5-0.5b-instruct"]);
    let counted = format!("{long}[presets.counted]\nextends = \"long\"\nlayers = 3\n");
    let error = user(&counted).unwrap_err().to_string();
    assert_eq!(error, "preset `counted` has no proposers for 3 layers");
}

#[test]
fn the_layer_flag_repeats_and_takes_away() {
    let layers = |layers| Overrides { layers: Some(layers), ..Overrides::default() };
    assert_eq!(preset_with("", "article-shape", &layers(1)).layers, []);
    let figure = preset_with("", "moa", &layers(4));
    assert_eq!(figure.layers.len(), 3);
    assert!(figure.layers.iter().all(|layer| layer.agents.len() == 6));
    let long = "[presets.a]\nextends = \"article-shape\"\n[[presets.a.layer]]\nagents = [\"gemma-3-270m\"]\n\
                [[presets.a.layer]]\nagents = [\"qwen2.5-0.5b-instruct\"]\n";
    assert_eq!(layer_models(&preset_with(long, "a", &layers(2))), ["gemma-3-270m"]);
    let repeated = ["gemma-3-270m", "qwen2.5-0.5b-instruct", "qwen2.5-0.5b-instruct"];
    assert_eq!(layer_models(&preset_with(long, "a", &layers(4))), repeated);
    assert!(user("").unwrap().preset("article-shape", &layers(65)).is_err());
    assert!(user(long).unwrap().preset("a", &layers(65)).is_err());
}

#[test]
fn flags_reach_every_agent() {
    let overrides = Overrides {
        max_tokens: Some(7),
        temperature: Some(0.0),
        aggregator: Some("gpt-4o".to_owned()),
        ..Overrides::default()
    };
    let resolved = user(EVERYTHING).unwrap().preset("full", &overrides).unwrap();
    let is_changed = |agent: &Agent| agent.max_tokens == 7 && is_close(agent.sampling.temperature, 0.0);
    assert!(resolved.mixture.agents().all(is_changed));
    assert_eq!(resolved.mixture.aggregator.name, "gpt-4o");
    let models: Vec<&str> = resolved.models.keys().map(ModelId::as_str).collect();
    // A stand-in of the aggregator stays, whoever is put in the aggregator's place.
    assert_eq!(models, ["gemma-3-270m", "gpt-4o", "qwen2.5-0.5b-instruct"]);
}

#[test]
fn a_later_file_changes_a_preset_key_by_key_unless_it_extends_another() {
    let user_text =
        "[presets.article-shape]\ntemperature = 0.1\n[presets.tiny]\nextends = \"tiny\"\nlayers = 3\n";
    let project_text = "[presets.article-shape]\nproposers = [\"gemma-3-270m\"]\nlayers = 2\n";
    let files = [(FileKind::User, user_text), (FileKind::Project, project_text)];
    let config = config_of(&files, options()).unwrap();
    let shape = config.preset("article-shape", &Overrides::default()).unwrap().mixture;
    assert_eq!(layer_models(&shape), ["gemma-3-270m"]);
    assert!(shape.agents().all(|agent| is_close(agent.sampling.temperature, 0.1)));
    assert_eq!(shape.aggregator.model.as_str(), "qwen2.5-coder-1.5b-instruct");
    assert_eq!(config.preset("tiny", &Overrides::default()).unwrap().mixture.layer_count(), 3);
    let anew = "[presets.article-shape]\nextends = \"tiny\"\n";
    let config = config_of(&[files[0], (FileKind::Project, anew)], options()).unwrap();
    let shape = config.preset("article-shape", &Overrides::default()).unwrap().mixture;
    assert_eq!(shape.layer_count(), 3);
    assert!(shape.agents().all(|agent| is_close(agent.sampling.temperature, 0.7)));
}

#[test]
fn the_environment_stands_between_the_found_files_and_the_named_one() {
    let cap = |kind| {
        let options =
            LoadOptions { environment: [("MOA_MAX_TOKENS", "33")].into_iter().collect(), ..options() };
        let text =
            "[presets.tiny]\nmax-tokens = 11\naggregator = { model = \"gemma-3-270m\", max-tokens = 22 }\n";
        let mixture = config_of(&[(kind, text)], options).unwrap();
        let mixture = mixture.preset("tiny", &Overrides::default()).unwrap().mixture;
        (mixture.layers[0].agents[0].max_tokens, mixture.aggregator.max_tokens)
    };
    assert_eq!(cap(FileKind::User), (33, 33));
    assert_eq!(cap(FileKind::Project), (33, 33));
    assert_eq!(cap(FileKind::Explicit), (11, 22));
}

#[test]
fn a_chosen_name_never_collides_with_a_made_one() {
    let text = "[presets.a]\naggregator = \"gemma-3-270m\"\nlayers = 2\nproposers = [\n\
                { model = \"gemma-3-270m\", name = \"x#2\" }, { model = \"gemma-3-270m\", name = \"x\", samples = 3 }]\n";
    let mixture = preset(text, "a");
    let names: Vec<&str> = mixture.layers[0].agents.iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(names, ["x#2", "x", "x#3", "x#4"]);
}
