use super::*;

/// Statuses that may be asked again (R5): everything else must not be.
#[test]
fn only_faults_of_the_service_are_retryable() {
    for status in 300..600 {
        let is_retryable = kind_of(Some(status), &ErrorBody::default()).is_retryable();
        // 402 and redirects are told apart by their advice, 407 as well.
        let is_advised = matches!(status, 402 | 407 | 300..=399);
        let may_retry = matches!(status, 408 | 409 | 425 | 429 | 498 | 500..=599);
        assert!(is_advised || is_retryable == may_retry, "{status}");
    }
}

#[test]
fn a_service_that_is_overloaded_is_that_whatever_it_says_of_models() {
    let body =
        ErrorBody::parse(br#"{"error": {"message": "unknown model error", "code": "model_not_found"}}"#);
    assert_eq!(kind_of(Some(503), &body), FailureKind::ServerError);
    assert_eq!(kind_of(Some(429), &body), FailureKind::RateLimited);
    assert_eq!(kind_of(Some(404), &body), FailureKind::ModelNotFound);
}

#[test]
fn an_error_in_the_middle_states_its_own_status() {
    let kind = |json: &str| kind_of(None, &ErrorBody::parse(json.as_bytes()));
    assert_eq!(kind(r#"{"error": {"code": 429, "message": "slow"}}"#), FailureKind::RateLimited);
    assert_eq!(kind(r#"{"error": {"code": 401, "message": "no"}}"#), FailureKind::Unauthorized);
    assert_eq!(kind(r#"{"error": {"message": "boom"}}"#), FailureKind::ServerError);
}
