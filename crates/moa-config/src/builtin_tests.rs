use std::collections::BTreeSet;

use moa_core::{Mixture, ModelId, Pricing};

use crate::fixture::user;
use crate::{Config, KeySource, Overrides, ResolvedModel};

fn proposers(mixture: &Mixture) -> Vec<Vec<&str>> {
    mixture
        .layers
        .iter()
        .map(|layer| layer.agents.iter().map(|agent| agent.model.as_str()).collect())
        .collect()
}

#[test]
fn every_built_in_preset_can_be_run() {
    let config = user("").unwrap();
    let names: Vec<String> = config.presets().map(|preset| preset.name).collect();
    assert_eq!(
        names,
        ["article", "article-shape", "local", "moa", "moa-gpt-4o", "moa-lite", "self-moa", "tiny"]
    );
    for name in names {
        let preset = config.preset(&name, &Overrides::default()).unwrap();
        preset.mixture.check().unwrap();
        assert!(preset.mixture.models().iter().all(|id| preset.models.contains_key(id)), "{name}");
        assert_eq!(preset.mixture.name, name);
    }
    assert_eq!(config.default_preset().value, "local");
}

#[test]
fn the_local_presets_have_the_models_and_caps_that_the_readme_promises() {
    let config = user("").unwrap();
    let local = config.preset("article-shape", &Overrides::default()).unwrap().mixture;
    let three = ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct"];
    assert_eq!(proposers(&local), [three, three]);
    assert_eq!(local.aggregator.model, ModelId::from("qwen2.5-coder-1.5b-instruct"));
    assert!(local.agents().all(|agent| agent.max_tokens == 512));
    assert!(local.agents().all(|agent| (agent.sampling.temperature - 0.7).abs() < f32::EPSILON));
    let measured = config.preset("local", &Overrides::default()).unwrap();
    let one = "qwen2.5-coder-1.5b-instruct";
    assert_eq!(proposers(&measured.mixture), [vec![one], vec![one; 3]]);
    assert!(measured.mixture.layers[1].independent && !measured.mixture.asks_aggregator());
    assert_eq!(measured.models.len(), 1, "nothing is fetched that nobody asks");
    let calibration = measured.calibration.unwrap();
    assert!(calibration.difference.is_some() && calibration.cost_ratio.is_some());
    let article = config.preset("article", &Overrides::default()).unwrap().mixture;
    assert_eq!(article.layer_count(), 3);
    let tiny = config.preset("tiny", &Overrides::default()).unwrap().mixture;
    assert_eq!(tiny.layer_count(), 2);
}

#[test]
fn self_moa_samples_one_model_six_times() {
    let config = user("").unwrap();
    let preset = config.preset("self-moa", &Overrides::default()).unwrap();
    assert_eq!(preset.models.len(), 1);
    let names: Vec<&str> = preset
        .mixture
        .layers
        .iter()
        .flat_map(|layer| &layer.agents)
        .map(|agent| agent.name.as_str())
        .collect();
    let model = "qwen2.5-coder-1.5b-instruct";
    let expected: Vec<String> =
        std::iter::once(model.to_owned()).chain((2..=6).map(|sample| format!("{model}#{sample}"))).collect();
    assert_eq!(names, expected);
}

#[test]
fn the_papers_presets_have_its_models_over_its_endpoints() {
    let config = user("").unwrap();
    let aggregators = [("moa-lite", 2, "Qwen/Qwen1.5-72B-Chat"), ("moa", 3, "Qwen/Qwen1.5-110B-Chat")];
    for (name, layers, aggregator) in aggregators.into_iter().chain([("moa-gpt-4o", 3, "gpt-4o")]) {
        let preset = config.preset(name, &Overrides::default()).unwrap();
        assert_eq!(preset.mixture.layer_count(), layers, "{name}");
        assert!(preset.mixture.layers.iter().all(|layer| layer.agents.len() == 6), "{name}");
        assert!(preset.mixture.agents().all(|agent| agent.max_tokens == 2048), "{name}");
        let ResolvedModel::Remote(model) = &preset.models[&preset.mixture.aggregator.model] else {
            panic!("{name} aggregates behind an endpoint");
        };
        assert_eq!(model.id, aggregator);
        let variable = if name == "moa-gpt-4o" { "OPENAI_API_KEY" } else { "TOGETHER_API_KEY" };
        assert_eq!(model.endpoint.key, Some(KeySource::Variable(variable.to_owned())));
    }
}

/// The variables that hold the keys of a preset's endpoints.
fn variables(config: &Config, preset: &str) -> BTreeSet<String> {
    let models = config.preset(preset, &Overrides::default()).unwrap().models;
    let remote = models.into_values().filter_map(|model| match model {
        ResolvedModel::Remote(model) => Some(model.endpoint.key),
        ResolvedModel::Local(_) => None,
    });
    remote
        .map(|key| match key {
            Some(KeySource::Variable(variable)) => variable,
            other => panic!("{preset}: {other:?}"),
        })
        .collect()
}

#[test]
fn the_papers_presets_need_one_key_and_the_one_with_gpt_4o_two() {
    let config = user("").unwrap();
    for preset in ["moa-lite", "moa"] {
        assert_eq!(variables(&config, preset), BTreeSet::from(["TOGETHER_API_KEY".to_owned()]), "{preset}");
    }
    let two = ["OPENAI_API_KEY", "TOGETHER_API_KEY"].map(str::to_owned);
    assert_eq!(variables(&config, "moa-gpt-4o"), BTreeSet::from(two));
}

#[test]
fn the_usual_services_are_known_and_those_on_this_machine_want_no_key() {
    let config = user("").unwrap();
    let services = [
        ("together", "https://api.together.ai/v1", "TOGETHER_API_KEY"),
        ("openai", "https://api.openai.com/v1", "OPENAI_API_KEY"),
        ("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
        ("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"),
        ("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
        ("deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY"),
    ];
    let own = [
        ("ollama", "http://127.0.0.1:11434/v1"),
        ("llama-server", "http://127.0.0.1:8080/v1"),
        ("vllm", "http://127.0.0.1:8000/v1"),
    ];
    let own = own.map(|(name, url)| (name, url, None));
    let services = services.map(|(name, url, key)| (name, url, Some(KeySource::Variable(key.to_owned()))));
    for (name, url, key) in services.into_iter().chain(own) {
        let (_, model) = config.model(&format!("{name}:x")).unwrap();
        let pricing = if key.is_some() { Pricing::Unknown } else { Pricing::Free };
        assert_eq!(model.pricing(), pricing, "{name}");
        let ResolvedModel::Remote(model) = model else { panic!("{name} is an endpoint") };
        assert_eq!((model.endpoint.base_urls, model.endpoint.key), (vec![url.to_owned()], key), "{name}");
    }
}

#[test]
fn every_successor_is_a_model_that_can_be_asked() {
    let config = user("").unwrap();
    let mut retired = 0;
    for (name, model) in config.models() {
        let ResolvedModel::Remote(model) = model else { continue };
        retired += usize::from(!model.successors.is_empty());
        for successor in model.successors {
            config.single_model(&successor, &Overrides::default()).unwrap_or_else(|error| {
                panic!("{name}: {error}");
            });
        }
    }
    assert_eq!(retired, 6);
}
