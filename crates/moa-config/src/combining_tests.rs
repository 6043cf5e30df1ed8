//! What `docs/combining` says: each kind has its page, its examples are presets, and its links lead somewhere.

use std::path::{Path, PathBuf};

use crate::Overrides;
use crate::fixture::{rendered, user};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/combining")
}

/// The pages, by name.
fn pages() -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let page = |path: PathBuf| {
        (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap())
    };
    files.map(page).collect()
}

/// The TOML in a page.
fn examples(page: &str) -> impl Iterator<Item = &str> {
    page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap())
}

#[test]
fn every_kind_of_the_configuration_has_a_page_that_the_overview_names() {
    let schema = crate::schema();
    let kinds = schema["$defs"]["AggregationKind"]["oneOf"].as_array().unwrap();
    assert!(kinds.len() >= 9);
    let overview = std::fs::read_to_string(folder().join("README.md")).unwrap();
    for kind in kinds.iter().map(|kind| kind["const"].as_str().unwrap()) {
        assert!(overview.contains(&format!("| [`{kind}`]({kind}.md) |")), "{kind}");
        let page = std::fs::read_to_string(folder().join(format!("{kind}.md"))).unwrap();
        for part in ["Source: ", "**Costs**", "**Pays**", "**Decides**", "**Lies**"] {
            assert!(page.contains(part), "{kind}: {part}");
        }
        assert!(page.contains(&format!("kind = \"{kind}\"")), "{kind} has an example");
    }
}

#[test]
fn every_example_is_a_preset_that_can_be_run() {
    let mut count = 0;
    for (name, page) in pages() {
        for example in examples(&page) {
            let config = user(example).unwrap_or_else(|error| panic!("{name}: {}", rendered(&error)));
            let preset =
                example.lines().find_map(|line| line.strip_prefix("[presets.")?.strip_suffix(']')).unwrap();
            let resolved = config.preset(preset, &Overrides::default());
            resolved.unwrap_or_else(|error| panic!("{name}: {}", rendered(&error))).mixture.check().unwrap();
            count += 1;
        }
    }
    assert!(count >= 15, "{count}");
}

#[test]
fn every_link_leads_to_a_file() {
    for (name, page) in pages() {
        for link in page.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap()) {
            let is_here = link.is_empty() || folder().join(link).is_file();
            assert!(is_here, "{name}: {link}");
        }
    }
}
