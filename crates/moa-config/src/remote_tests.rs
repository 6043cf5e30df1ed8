use moa_core::{Price, Pricing};

use crate::fixture::{config_of, options, refused, user};
use crate::{Config, FileKind, Overrides, RemoteModel, ResolvedModel};

fn remote(config: &Config, name: &str) -> RemoteModel {
    match config.model(name).unwrap().1 {
        ResolvedModel::Remote(model) => *model,
        ResolvedModel::Local(model) => panic!("{name} is local: {model:?}"),
    }
}

fn pricing(text: &str, name: &str) -> Pricing {
    let (_, model) = user(text).unwrap().model(name).unwrap();
    model.pricing()
}

#[test]
fn any_model_of_an_endpoint_can_be_named_on_the_spot() {
    let config = user("[models]\nsmall = \"ollama:llama3.2:1b\"\n").unwrap();
    for (name, endpoint, id) in [
        ("ollama:llama3.2:1b", "ollama", "llama3.2:1b"),
        ("openrouter:meta-llama/llama-3-70b-instruct", "openrouter", "meta-llama/llama-3-70b-instruct"),
        ("llama-server:weights.gguf", "llama-server", "weights.gguf"),
        ("vllm:/models/a", "vllm", "/models/a"),
        ("small", "ollama", "llama3.2:1b"),
    ] {
        let model = remote(&config, name);
        assert_eq!((model.endpoint.name.as_str(), model.id.as_str()), (endpoint, id), "{name}");
    }
    assert_eq!(config.model("small").unwrap().0.as_str(), "ollama:llama3.2:1b");
    let preset = config.single_model("small", &Overrides::default()).unwrap();
    assert_eq!(preset.mixture.aggregator.name, "small");
    assert_eq!(preset.mixture.aggregator.max_tokens, 2048);
    let preset = config.single_model("ollama:llama3.2:1b", &Overrides::default()).unwrap();
    assert_eq!(preset.mixture.aggregator.name, "llama3.2:1b");
    assert!(preset.models.contains_key(&preset.mixture.aggregator.model));
}

#[test]
fn a_reference_works_wherever_a_model_is_named() {
    let text = "[presets.a]\nlayers = 2\nproposers = [\"ollama:a\", { model = \"vllm:b\", samples = 2 }]\n\
                aggregator = \"groq:c\"\nfallback-aggregators = [\"mistral:d\"]\n";
    let config = user(text).unwrap();
    let overrides = Overrides { aggregator: Some("deepseek:e".to_owned()), ..Overrides::default() };
    let preset = config.preset("a", &overrides).unwrap();
    let models: Vec<&str> = preset.models.keys().map(moa_core::ModelId::as_str).collect();
    assert_eq!(models, ["deepseek:e", "mistral:d", "ollama:a", "vllm:b"]);
}

#[test]
fn what_is_no_reference_is_taken_for_nothing_else() {
    let config = user("").unwrap();
    for name in ["nowhere:x", "ollama:", ":x", "ollama: x", "ollama", "ollama:a\nb", "hf:x"] {
        assert!(config.model(name).is_err(), "{name:?}");
    }
    assert!(matches!(config.model("./ollama:x.gguf").unwrap().1, ResolvedModel::Local(_)));
    let text = "[models]\n\"ollama:x\" = \"gemma-3-270m\"\n";
    assert!(matches!(user(text).unwrap().model("ollama:x").unwrap().1, ResolvedModel::Local(_)));
    let shown = refused("[presets.a]\naggregator = \"olama:llama3.2\"\n");
    assert!(
        shown.contains("there is no endpoint `olama`") && shown.contains("did you mean `ollama`?"),
        "{shown}"
    );
}

#[test]
fn a_project_reaches_the_endpoints_of_its_user_and_no_others() {
    let text = "[presets.a]\naggregator = \"groq:x\"\n[models.y]\nendpoint = \"openai\"\nid = \"y\"\n\
                price = { input-usd = 1, output-usd = 2 }\n";
    let config = config_of(&[(FileKind::Project, text)], options()).unwrap();
    let price = Price { input_usd: 1.0, cached_input_usd: None, output_usd: 2.0 };
    assert_eq!(remote(&config, "y").pricing, Pricing::Known(price));
    let elsewhere =
        "[presets.a]\naggregator = \"evil:x\"\n[endpoints.evil]\nbase-url = \"https://evil/v1\"\n";
    assert!(config_of(&[(FileKind::Project, elsewhere)], options()).is_err());
}

#[test]
fn every_key_of_a_table_reaches_the_model() {
    let text = "[endpoints.here]\nbase-url = \"https://h/v1\"\n[models.m]\nendpoint = \"here\"\nid = \"i\"\n\
                price = { input-usd = 0.5, output-usd = 1, cached-input-usd = 0.25 }\nimages = true\n\
                stream = false\ncontext-tokens = 8192\nsuccessors = [\"n\"]\n";
    let config = user(text).unwrap();
    let model = remote(&config, "m");
    let price = Price { input_usd: 0.5, cached_input_usd: Some(0.25), output_usd: 1.0 };
    assert_eq!(model.pricing, Pricing::Known(price));
    assert!(model.images && !model.stream);
    assert_eq!(
        (model.context_tokens, model.successors.as_slice()),
        (Some(8192), ["n".to_owned()].as_slice())
    );
    // Named on the spot it is the same model.
    assert_eq!(remote(&config, "here:i"), model);
    let other = remote(&config, "here:other");
    assert_eq!((other.pricing, other.images, other.context_tokens), (Pricing::Unknown, false, None));
    assert!(other.stream);
}

#[test]
fn streaming_is_the_endpoints_unless_the_model_says_otherwise() {
    let text = "[endpoints.here]\nbase-url = \"https://h/v1\"\nstream = false\n\
                [models.m]\nendpoint = \"here\"\nid = \"i\"\nstream = true\n";
    let config = user(text).unwrap();
    assert!(remote(&config, "m").stream);
    assert!(!remote(&config, "here:x").stream);
}

#[test]
fn only_what_runs_here_and_wants_no_secret_is_free() {
    assert_eq!(pricing("", "gemma-3-270m"), Pricing::Free);
    assert_eq!(pricing("", "ollama:x"), Pricing::Free);
    assert_eq!(pricing("", "together:x"), Pricing::Unknown);
    let endpoint = |rest: &str| format!("[endpoints.here]\n{rest}\n");
    let here = "base-url = \"http://localhost:4000/v1\"";
    assert_eq!(pricing(&endpoint(here), "here:x"), Pricing::Free);
    for wants in ["api-key-env = \"K\"", "headers = { Authorization = { env = \"K\" } }"] {
        assert_eq!(pricing(&endpoint(&format!("{here}\n{wants}")), "here:x"), Pricing::Unknown, "{wants}");
    }
    let spread = "base-urls = [\"http://localhost:4000/v1\", \"http://10.0.0.1/v1\"]";
    assert_eq!(pricing(&endpoint(spread), "here:x"), Pricing::Unknown);
}
