use super::*;

#[test]
fn an_endpoint_can_be_asked_where_it_wants_no_key_or_the_key_is_there() {
    assert!(has_key(None));
    // Cargo sets the one for every test, nobody the other.
    assert!(has_key(Some(&KeySource::Variable("CARGO_MANIFEST_DIR".to_owned()))));
    assert!(!has_key(Some(&KeySource::Variable("MOA_TEST_KEY_THAT_NOBODY_SETS".to_owned()))));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(has_key(Some(&KeySource::File(folder.join("Cargo.toml")))));
    assert!(!has_key(Some(&KeySource::File(folder.join("no-such-key")))));
    assert!(!has_key(Some(&KeySource::File(folder.to_owned()))), "a folder is no key");
}
