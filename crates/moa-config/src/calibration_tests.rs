use moa_core::{Conversation, RequestKind};

use crate::fixture::{config_of, options, refused, user};
use crate::{Config, FileKind, Overrides};

const MEASURED: &str = r#"
[presets.a.calibration]
date = "2026-11-27"
tasks = ["gsm8k"]
kinds = ["number"]
items = 48
accuracy = 0.75
accuracy-low = 0.6
accuracy-high = 0.85
best-single = "gemma-3-270m"
best-single-accuracy = 0.7
difference = 0.05
difference-low = 0.01
difference-high = 0.1
cost-ratio = 3.5
models = { "gemma-3-270m" = "gemma.gguf, 1 B" }
"#;

fn text(calibration: &str) -> String {
    format!("[presets.a]\nlayers = 1\naggregator = \"gemma-3-270m\"\n{calibration}")
}

fn calibration(config: &Config, name: &str, overrides: &Overrides) -> Option<super::Calibration> {
    config.preset(name, overrides).unwrap().calibration
}

#[test]
fn a_preset_knows_what_was_measured_of_it() {
    let config = user(&text(MEASURED)).unwrap();
    let found = calibration(&config, "a", &Overrides::default()).unwrap();
    assert_eq!((found.items, found.kinds.as_slice()), (48, [RequestKind::Number].as_slice()));
    let difference = found.difference.unwrap();
    assert!((difference.low - 0.01).abs() < 1e-12 && (found.difference_confidence - 0.95).abs() < 1e-12);
    assert_eq!(found.models["gemma-3-270m"], "gemma.gguf, 1 B");
    assert_eq!(found.note(&Conversation::ask("How many are 2 and 2?")), None);
    let note = found.note(&Conversation::ask("Write a poem.")).unwrap();
    assert!(note.contains("gsm8k") && note.contains("free text") && !note.contains('\n'), "{note}");
}

#[test]
fn what_is_changed_was_not_measured() {
    let extending = format!("{}[presets.b]\nextends = \"a\"\nmax-tokens = 10\n", text(MEASURED));
    let config = user(&extending).unwrap();
    assert!(calibration(&config, "b", &Overrides::default()).is_none(), "another preset");
    for changed in [
        Overrides { max_tokens: Some(5), ..Overrides::default() },
        Overrides { temperature: Some(1.0), ..Overrides::default() },
        Overrides { aggregator: Some("gemma-3-270m".to_owned()), ..Overrides::default() },
    ] {
        assert!(calibration(&config, "a", &changed).is_none(), "{changed:?}");
    }
    let capped = Overrides { max_cost_usd: Some(1.0), ..Overrides::default() };
    assert!(calibration(&config, "a", &capped).is_some(), "a cap changes no answer");
    let (own, overlay) = (text(MEASURED), "[presets.a]\ntemperature = 1.0\n");
    let laid_over = config_of(&[(FileKind::User, &own), (FileKind::Project, overlay)], options()).unwrap();
    assert!(calibration(&laid_over, "a", &Overrides::default()).is_none(), "another file changes it");
}

#[test]
fn figures_that_cannot_be_are_refused_where_they_stand() {
    for (from, to, said) in [
        ("accuracy = 0.75", "accuracy = 1.75", "`accuracy` must be a share from 0 to 1"),
        ("accuracy = 0.75", "accuracy = nan", "`accuracy` must be a share from 0 to 1"),
        ("accuracy-low = 0.6", "accuracy-low = 0.8", "`accuracy` must be between its bounds"),
        ("items = 48", "items = 0", "`items` must be"),
        ("2026-11-27", "yesterday", "`date` must be a day such as 2026-11-27"),
        ("2026-11-27", "2026-13-27", "`date` must be a day"),
        ("tasks = [\"gsm8k\"]", "tasks = []", "`tasks` must not be empty"),
        ("kinds = [\"number\"]", "kinds = [\"poem\"]", "poem"),
        ("difference-low = 0.01\n", "", "`difference-low` is missing"),
        ("difference = 0.05\n", "", "`difference` is missing"),
        ("difference-high = 0.1\n", "", "`difference-high` is missing"),
        ("cost-ratio = 3.5", "cost-ratio = -1.0", "`cost-ratio` must be a multiple"),
        ("cost-ratio = 3.5", "price = 3.5", "there is no key `price` here"),
    ] {
        let wrong = MEASURED.replace(from, to);
        assert_ne!(wrong, MEASURED, "{from}");
        let told = refused(&text(&wrong));
        assert!(told.contains(said), "{to}: {told}");
    }
}
