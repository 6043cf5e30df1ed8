use proptest::prelude::*;

use super::*;

fn message(json: &str) -> String {
    ErrorBody::parse(json.as_bytes()).message
}

#[test]
fn messages_are_found_in_every_form() {
    for (json, wanted) in [
        (r#"{"error": {"message": "a"}}"#, "a"),
        (r#"{"error": "a"}"#, "a"),
        (r#"{"object": "error", "message": "a"}"#, "a"),
        (r#"{"detail": [{"loc": ["body", "x"], "msg": "a"}]}"#, "a"),
        (r#"[{"error": {"message": "a", "status": "INVALID_ARGUMENT"}}]"#, "a"),
        (r#"{"error": {"message": "a", "metadata": {"raw": "{\"error\": {\"message\": \"b\"}}"}}}"#, "a: b"),
        (r#"{"message": "{\"detail\": [{\"msg\": \"a\"}]}"}"#, "a"),
        ("upstream connect error", "upstream connect error"),
        ("<html><TITLE> 502 Bad Gateway </TITLE>", "502 Bad Gateway"),
        ("", ""),
    ] {
        assert_eq!(message(json), wanted, "{json}");
    }
}

#[test]
fn long_bodies_are_quoted_in_part() {
    let body = "x".repeat(5000);
    assert!(message(&body).chars().count() < 320);
}

proptest! {
    #[test]
    fn any_bytes_are_an_error_body(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let body = ErrorBody::parse(&bytes);
        prop_assert!(body.message.chars().count() <= 2 * MAX_QUOTED_CHARS);
    }
}
