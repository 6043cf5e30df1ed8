use crate::fixture::{config_of, options, user};
use crate::{FileKind, LoadOptions, Overrides};

/// The cap of the preset `name`, in US dollars.
fn cap_of(
    files: &[(FileKind, &str)],
    variables: &[(&str, &str)],
    name: &str,
    flag: Option<f64>,
) -> Option<f64> {
    let environment = variables.iter().copied().chain([("HOME", "/home/ann")]).collect();
    let config = config_of(files, LoadOptions { environment, ..options() }).unwrap();
    let overrides = Overrides { max_cost_usd: flag, ..Overrides::default() };
    config.preset(name, &overrides).unwrap().max_cost_usd
}

fn is(found: Option<f64>, expected: f64) -> bool {
    found.is_some_and(|found| (found - expected).abs() < 1e-12)
}

#[test]
fn the_nearest_cap_holds() {
    let top = "max-cost-usd = 0.5\n";
    let both = "max-cost-usd = 0.5\n[presets.tiny]\nmax-cost-usd = 2\n[presets.mine]\nextends = \"tiny\"\n";
    let variable = [("MOA_MAX_COST_USD", "0.125")];
    let cap = |kind, text, variables: &[_], flag| cap_of(&[(kind, text)], variables, "tiny", flag);
    assert_eq!(cap(FileKind::User, "", &[], None), None);
    assert!(is(cap(FileKind::User, top, &[], None), 0.5));
    assert!(is(cap(FileKind::User, both, &[], None), 2.0));
    assert!(is(cap_of(&[(FileKind::User, both)], &[], "mine", None), 2.0));
    assert!(is(cap_of(&[(FileKind::User, both)], &[], "local", None), 0.5));
    assert!(is(cap(FileKind::User, both, &variable, None), 0.125));
    assert!(is(cap(FileKind::Explicit, both, &variable, None), 2.0));
    assert!(is(cap(FileKind::Explicit, both, &variable, Some(3.0)), 3.0));
    assert!(is(cap(FileKind::User, top, &[], Some(0.0)), 0.0));
}

#[test]
fn a_project_lowers_the_cap_and_never_raises_it() {
    let own = (FileKind::User, "max-cost-usd = 0.5\n[presets.tiny]\nmax-cost-usd = 1\n");
    let cap = |project: &str, name| cap_of(&[own, (FileKind::Project, project)], &[], name, None);
    assert!(is(cap("max-cost-usd = 100\n", "local"), 0.5));
    assert!(is(cap("max-cost-usd = 0.1\n", "local"), 0.1));
    assert!(is(cap("[presets.tiny]\nmax-cost-usd = 100\n", "tiny"), 1.0));
    assert!(is(cap("[presets.tiny]\nmax-cost-usd = 0.2\n", "tiny"), 0.2));
    assert!(is(cap("[presets.new]\nextends = \"local\"\nmax-cost-usd = 9\n", "new"), 0.5));
    let files = [own, (FileKind::Project, "max-cost-usd = 9\n[presets.tiny]\nmax-cost-usd = 9\n")];
    let shown = config_of(&files, options()).unwrap().show();
    let shown: Vec<String> = shown
        .into_iter()
        .filter(|shown| shown.key.ends_with("max-cost-usd"))
        .map(|shown| format!("{} = {} ({})", shown.key, shown.value, shown.origin))
        .collect();
    let expected = [
        "max-cost-usd = 0.5 (user user/config.toml:1)",
        "presets.tiny.max-cost-usd = 1 (user user/config.toml:3)",
    ];
    assert_eq!(shown, expected);
    let alone = cap_of(&[(FileKind::Project, "max-cost-usd = 100\n")], &[], "tiny", None);
    assert!(is(alone, 100.0));
}

#[test]
fn a_model_that_is_asked_alone_has_the_general_cap() {
    let config = user("max-cost-usd = 0.5\n").unwrap();
    assert!(is(config.single_model("gpt-4o", &Overrides::default()).unwrap().max_cost_usd, 0.5));
    let flag = Overrides { max_cost_usd: Some(0.25), ..Overrides::default() };
    assert!(is(config.single_model("gpt-4o", &flag).unwrap().max_cost_usd, 0.25));
}
