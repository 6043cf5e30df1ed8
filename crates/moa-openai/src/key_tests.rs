use std::io::Write as _;

use super::*;

fn resolved(source: &KeySource, variable: Option<&str>) -> Result<Option<String>, Failure> {
    let key = source.resolve_with(|_| variable.map(str::to_owned))?;
    Ok(key.map(|key| key.expose_secret().to_owned()))
}

#[test]
fn a_key_comes_from_where_it_was_said_to_be() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"  sk-from-file\n").unwrap();
    let environment = KeySource::Environment("SOME_KEY".to_owned());
    assert_eq!(resolved(&KeySource::None, None).unwrap(), None);
    assert_eq!(resolved(&environment, Some("sk-from-env\n")).unwrap().as_deref(), Some("sk-from-env"));
    let from_file = KeySource::File(file.path().to_owned());
    assert_eq!(resolved(&from_file, None).unwrap().as_deref(), Some("sk-from-file"));
    let value = KeySource::Value(SecretString::from("sk-value"));
    assert_eq!(resolved(&value, None).unwrap().as_deref(), Some("sk-value"));
}

#[test]
fn a_missing_key_is_named_by_its_place() {
    let environment = KeySource::Environment("SOME_KEY".to_owned());
    for (source, variable, place) in [
        (environment.clone(), None, "SOME_KEY"),
        (environment, Some("  "), "SOME_KEY"),
        (KeySource::File("/nowhere/key".into()), None, "/nowhere/key"),
    ] {
        let failure = resolved(&source, variable).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        assert!(failure.message.contains(place), "{failure}");
        assert!(failure.hint.is_some());
        assert!(!failure.is_retryable());
    }
}
