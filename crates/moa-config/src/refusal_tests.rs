//! What a user reads for each mistake. One snapshot each: message, place and remedy.

use crate::fixture::{config_of, options, refused, rendered, user};
use crate::{FileKind, Flags, LoadOptions, Overrides};

macro_rules! refused {
    ($($name:ident: $text:expr;)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(refused($text));
            }
        )*
    };
}

refused! {
    syntax: "[presets.a]\nlayers = = 3\n\n[models\n";
    several_wrong_keys_and_types_at_once:
        "[presets.a]\nlayrs = 3\ntemperature = \"hot\"\nproposers = [7, { model = \"gemma-3-270m\", top_p = 1 }]\n\n\
         [engine]\ncores = -1\n\n[models.x]\npath = true\n";
    wrong_shapes: "[presets.a]\nproposers = \"x\"\naggregator = [\"x\"]\nmax-tokens = 5000000000\nlayers = 2.0\nresidual = 1\n\
                   partial-answers = \"maybe\"\nmin-proposals = { a = 1 }\n";
    missing_field: "[endpoints.here]\napi-key-env = \"A\"\n\n[presets.a]\nproposers = [{ temperature = 1 }]\n";
    wrong_table: "presets = 3\n";
    unknown_model: "[presets.a]\nproposers = [\"smollm2-135m-instruct\", \"qwen2.5-coder-0.5-instruct\"]\n\
                    aggregator = { model = \"gpt-5\" }\n";
    unknown_catalogue_model: "[models]\nx = { catalogue = \"smollm2\" }\n";
    unknown_endpoint: "[models.x]\nendpoint = \"togther\"\nid = \"a/b\"\n[models.y]\nendpoint = \"mine\"\nid = \"a\"\n";
    unknown_preset: "default-preset = \"lokal\"\n\n[presets.a]\nextends = \"nothing-like-it\"\n";
    preset_cycle: "[presets.a]\nextends = \"b\"\n\n[presets.b]\nextends = \"c\"\n\n[presets.c]\nextends = \"a\"\n\n\
                   [presets.outside]\nextends = \"b\"\n";
    preset_that_extends_itself: "[presets.a]\nextends = \"a\"\naggregator = \"gemma-3-270m\"\n";
    model_cycle: "[models]\na = \"b\"\nb = \"a\"\n\n[presets.p]\naggregator = \"b\"\n";
    empty_layer: "[presets.a]\nextends = \"article-shape\"\nproposers = []\n\n[presets.b]\nextends = \"article-shape\"\n\n\
                  [[presets.b.layer]]\nagents = [\"gemma-3-270m\"]\n[[presets.b.layer]]\nagents = []\n";
    too_many_proposals: "[presets.a]\nextends = \"article-shape\"\nmin-proposals = 4\n\n[presets.b]\nextends = \"article-shape\"\n\n\
                         [[presets.b.layer]]\nagents = [\"gemma-3-270m\"]\nmin-proposals = 2\n";
    numbers_out_of_range:
        "[presets.a]\naggregator = { model = \"gemma-3-270m\", top-p = 0, min-p = 1.1, temperature = inf, \
         repeat-penalty = -1, presence-penalty = 3, frequency-penalty = nan, max-tokens = 0 }\nlayers = 65\n\
         temperature = nan\nmax-tokens = 0\nproposer-max-tokens = 0\nmin-proposals = 0\nproposers = [\"gemma-3-270m\"]\n";
    bad_durations: "[presets.a]\nextends = \"article-shape\"\ndeadline = \"90\"\nlayer-deadline = \"-2s\"\ncall-deadline = \"0s\"\n";
    synthesis_without_responses: "[presets.a]\nextends = \"article-shape\"\nsynthesis = \"Do it well.\"\n\n\
                                  [presets.b]\nextends = \"article-shape\"\nsynthesis = \"{% if %} {{ responses }}\"\n";
    synthesis_file_missing: "[presets.a]\nextends = \"article-shape\"\nsynthesis-file = \"no/such/file.txt\"\n";
    two_syntheses: "[presets.a]\nextends = \"article-shape\"\nsynthesis = \"{{ responses }}\"\nsynthesis-file = \"x\"\n";
    mixed_layers: "[presets.a]\naggregator = \"gemma-3-270m\"\nlayers = 2\n[[presets.a.layer]]\nagents = [\"gemma-3-270m\"]\n";
    layers_without_proposers: "[presets.a]\naggregator = \"gemma-3-270m\"\nlayers = 2\n";
    no_layers: "[presets.a]\nextends = \"article-shape\"\nlayers = 0\n";
    no_aggregator: "[presets.a]\nproposers = [\"gemma-3-270m\"]\n";
    aggregator_samples: "[presets.a]\naggregator = { model = \"gemma-3-270m\", samples = 3 }\n";
    no_model_source: "[models.x]\ncontext-tokens = 512\n";
    two_model_sources: "[models.x]\npath = \"a.gguf\"\nhub = \"hf:o/r/f.gguf\"\n";
    misplaced_model_keys: "[models.x]\npath = \"a.gguf\"\nid = \"b\"\n\n[models.y]\nendpoint = \"openai\"\nid = \"b\"\nsequences = 2\n";
    no_model_id: "[models.x]\nendpoint = \"openai\"\n";
    bad_hub_reference: "[models]\nx = \"hf:owner/file.gguf\"\ny = { hub = \"owner/repository/file.gguf\" }\n";
    bad_urls: "[endpoints.a]\nbase-url = \"together.xyz\"\n[endpoints.b]\nbase-url = \"https:///v1\"\n";
    wrong_endpoints:
        "[endpoints.none]\nretries = 3\n\n[endpoints.both]\nbase-url = \"https://a/v1\"\nbase-urls = [\"https://b/v1\"]\n\n\
         [endpoints.empty]\nbase-urls = []\n\n[endpoints.twice]\nbase-urls = [\"https://a/v1\", \"https://a/v1/\", \"a\"]\n\n\
         [endpoints.hf]\nbase-url = \"https://a/v1\"\n\n[endpoints.\"a:b\"]\nbase-url = \"https://a:99999/v1\"\n";
    wrong_numbers_of_endpoints:
        "[endpoints.a]\nbase-url = \"https://a/v1\"\nretries = 21\nbreaker-failures = 1001\nmax-in-flight = 0\n\
         requests-per-minute = 0\ntokens-per-minute = 0\nconnect-timeout = \"0s\"\nfirst-token-timeout = \"5\"\n\
         idle-timeout = \"-1s\"\nretry-wait-max = \"soon\"\nhedge-after = \"never\"\nbreaker-pause = \"0s\"\n";
    unknown_words: "[endpoints.a]\nbase-url = \"https://a/v1\"\nmax-tokens-field = \"tokens\"\n\n\
                    [presets.p]\nextends = \"tiny\"\non-aggregator-failure = \"panic\"\n";
    wrong_proxies:
        "[endpoints.a]\nbase-url = \"https://a/v1\"\nproxy = \"socks5://p:1\"\n[endpoints.b]\nbase-url = \"https://a/v1\"\n\
         proxy = \"http://p:1/path\"\n";
    wrong_headers:
        "[endpoints.a]\nbase-url = \"https://a/v1\"\n\n[endpoints.a.headers]\nHost = \"x\"\n\"a b\" = \"x\"\nX-A = { }\n\
         X-B = { env = \"A\", file = \"b\" }\nX-C = \"\"\nX-D = \"a\\r\\nb\"\nX-E = \"1\"\nx-e = \"2\"\n";
    a_wrong_value_of_a_header: "[endpoints.a]\nbase-url = \"https://a/v1\"\nheaders = { X-A = 1 }\n";
    two_keys_of_one_endpoint:
        "[endpoints.a]\nbase-url = \"https://a/v1\"\napi-key-env = \"A\"\nheaders = { authorization = { env = \"B\" } }\n";
    wrong_extra_bodies:
        "[endpoints.a]\nbase-url = \"https://a/v1\"\nextra-body = { model = \"x\" }\n[endpoints.b]\n\
         base-url = \"https://a/v1\"\nextra-body = { a = [nan] }\n[endpoints.c]\nbase-url = \"https://a/v1\"\n\
         extra-body = { b = { c = 2026-01-01 } }\n";
    wrong_prices:
        "max-cost-usd = -1\n\n[models.a]\nendpoint = \"openai\"\nid = \"a\"\nprice = { input-usd = -1, output-usd = 1 }\n\n\
         [models.b]\nendpoint = \"openai\"\nid = \"b\"\nprice = { input-usd = 1, output-usd = inf }\n\n\
         [models.c]\npath = \"c.gguf\"\nprice = { input-usd = 1, output-usd = 1 }\n\n[models.d]\npath = \"d.gguf\"\nimages = true\n\n\
         [presets.p]\nextends = \"tiny\"\nmax-cost-usd = nan\n";
    a_price_without_output: "[models.a]\nendpoint = \"openai\"\nid = \"a\"\nprice = { input-usd = 1 }\n";
    wrong_stand_ins: "[presets.p]\nextends = \"tiny\"\nfallback-aggregators = [\"gpt-4\", { model = \"gpt-4o\", samples = 2 }]\n\n\
                      [presets.q]\nextends = \"tiny\"\nwait = \"-1s\"\n";
    an_endpoint_that_is_misspelt: "[models]\na = \"opnrouter:x/y\"\n";
    unused_proposers_are_checked_too: "[presets.a]\naggregator = \"gemma-3-270m\"\nlayers = 1\nproposers = [\"nobody\"]\n";
    too_many_agents: "[presets.a]\nextends = \"article-shape\"\nproposers = [{ model = \"gemma-3-270m\", samples = 256 }, \
                      { model = \"gemma-3-270m\", samples = 256 }, { model = \"gemma-3-270m\", samples = 256 }, \
                      { model = \"gemma-3-270m\", samples = 256 }, \"gemma-3-270m\"]\n";
}

#[test]
fn a_key_in_the_file_is_refused_and_never_shown() {
    let texts = [
        "[endpoints.a]\nbase-url = \"https://a/v1\"\napi-key = \"hunter2hunter2\"\n",
        "[endpoints.a]\nbase-url = \"https://a/v1\"\napi-key-env = \"hunter2-hunter2\"\n",
        "[endpoints.a]\nbase-url = \"https://a/v1\"\napi-key-file = \"sk-hunter2hunter2\"\n",
        "[endpoints.a]\nbase-url = \"https://ann:hunter2@a/v1\"\n",
        "[endpoints]\na = { base-url = \"https://a/v1\", api-key = \"hunter2\", x = 1 }\n",
        "[endpoints]\na = \"sk-hunter2\"\n",
        "[endpoints.a]\ntoken = \"hunter2\nbase-url = 1",
        "[endpoints.a]\nbase-url = \"https://a/v1\"\nheaders = { Authorization = \"hunter2\" }\n",
        "[endpoints.a]\nbase-url = \"https://a/v1\"\nheaders = { X-Team = \"Bearer hunter2\" }\n",
        "[endpoints.a]\nbase-url = \"https://a/v1\"\nheaders = { X-Team = \"sk-hunter2\" }\n",
        "[endpoints.a]\nbase-url = \"https://a/v1\"\nheaders = { X-Team = { env = \"hunter2-hunter2\" } }\n",
        "[endpoints.a]\nbase-url = \"https://a/v1\"\nheaders = { X-Team = { file = \"sk-hunter2\" } }\n",
        "[endpoints.a]\nbase-url = \"https://a/v1\"\nextra-body = { x = [\"sk-hunter2\"] }\n",
        "[endpoints.a]\nbase-url = \"https://a/v1\"\nproxy = \"http://ann:hunter2@proxy:1\"\n",
    ];
    let shown: Vec<String> = texts.iter().map(|text| refused(text)).collect();
    assert!(shown.iter().all(|shown| !shown.contains("hunter2")), "{}", shown.join("\n"));
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn what_is_inherited_is_blamed_where_it_was_written() {
    let user_text = "[presets.base]\nextends = \"article-shape\"\nmax-tokens = 0\n";
    let project_text = "[presets.mine]\nextends = \"base\"\n";
    let files = [(FileKind::User, user_text), (FileKind::Project, project_text)];
    insta::assert_snapshot!(rendered(&config_of(&files, options()).unwrap_err()));
}

#[test]
fn a_project_may_not_define_endpoints() {
    let text = "[endpoints.together]\nbase-url = \"https://elsewhere.example/v1\"\n";
    insta::assert_snapshot!(rendered(&config_of(&[(FileKind::Project, text)], options()).unwrap_err()));
    assert!(config_of(&[(FileKind::Explicit, text)], options()).is_ok());
}

#[test]
fn wrong_variables_are_named() {
    let environment = [
        ("MOA_CORES", "many"),
        ("MOA_MAX_TOKENS", "0"),
        ("MOA_MAX_COST_USD", "nan"),
        ("MOA_PRESET", "tinny"),
    ];
    let options = LoadOptions { environment: environment.into_iter().collect(), ..options() };
    insta::assert_snapshot!(rendered(&config_of(&[], options).unwrap_err()));
}

#[test]
fn names_cannot_steer_the_terminal() {
    let shown = refused("[presets.a]\naggregator = \"x\\u001b[2Jy\\nz\"\n");
    assert!(shown.contains("there is no model `x\\u{1b}[2Jy\\nz`"), "{shown}");
}

#[test]
fn wrong_flags_are_named() {
    let no_core = LoadOptions { flags: Flags { cores: Some(0), ..Flags::default() }, ..options() };
    let no_core = config_of(&[], no_core).unwrap_err().to_string();
    assert_eq!(no_core, "--cores: `cores` must be a whole number of at least 1, not 0");
    let config = user("[presets.alone]\naggregator = \"gemma-3-270m\"\n").unwrap();
    let attempts = [
        ("article-shape", Overrides { layers: Some(0), ..Overrides::default() }),
        ("article-shape", Overrides { layers: Some(4_000_000_000), ..Overrides::default() }),
        ("alone", Overrides { layers: Some(2), ..Overrides::default() }),
        ("article-shape", Overrides { max_tokens: Some(0), ..Overrides::default() }),
        ("article-shape", Overrides { temperature: Some(f64::NAN), ..Overrides::default() }),
        ("article-shape", Overrides { aggregator: Some("gemma-3-27m".to_owned()), ..Overrides::default() }),
        ("article-shape", Overrides { max_cost_usd: Some(-0.5), ..Overrides::default() }),
        ("locl", Overrides::default()),
    ];
    let mut shown: Vec<String> =
        attempts.iter().map(|(name, flags)| rendered(&config.preset(name, flags).unwrap_err())).collect();
    let layers = Overrides { layers: Some(2), ..Overrides::default() };
    shown.push(rendered(&config.single_model("gemma-3-270m", &layers).unwrap_err()));
    shown.push(rendered(&config.single_model("gemma-3-27m", &Overrides::default()).unwrap_err()));
    insta::assert_snapshot!(shown.join("\n"));
}
