use std::path::Path;

use super::*;

/// Set this variable to write the schema anew instead of comparing it.
const WRITE: &str = "MOA_WRITE_SCHEMA";

#[test]
fn the_committed_schema_is_the_one_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/config.schema.json");
    let current = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == current, "run the tests of moa-config with {WRITE}=1 and commit {}", path.display());
}

#[test]
fn every_key_is_described_and_unknown_ones_are_refused() {
    let schema = schema();
    let definitions = schema["$defs"].as_object().unwrap();
    let mut keys = 0;
    for table in definitions.values().chain([&schema]) {
        let Some(properties) = table["properties"].as_object() else { continue };
        assert_eq!(table["additionalProperties"], false, "{table}");
        for (key, property) in properties {
            let described = property["description"].as_str().is_some_and(|text| !text.is_empty());
            assert!(described, "{key} has no description");
            assert!(!key.contains('_'), "{key} is not in kebab case");
            keys += 1;
        }
    }
    assert!(keys > 40, "{keys}");
}
