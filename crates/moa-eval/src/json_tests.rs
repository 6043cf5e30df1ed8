use proptest::prelude::*;
use serde_json::Value;

use super::*;

#[test]
fn numbers_that_only_python_writes_are_null() {
    let text = br#"[{"a": NaN, "b\"NaN": "NaN \\", "c": -Infinity, "d": [Infinity, 1]}]"#;
    let value: Value = read("test", text).unwrap();
    assert_eq!(value, serde_json::json!([{"a": null, "b\"NaN": "NaN \\", "c": null, "d": [null, 1]}]));
}

#[test]
fn an_error_names_the_line() {
    let error = read_lines::<Value>("test", b"{}\n\n{]\n").unwrap_err();
    assert!(error.to_string().contains("(line 3)"), "{error}");
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = [b"[".repeat(1_000_000), b"NaN".to_vec(), b"]".repeat(1_000_000)].concat();
    assert!(read::<Value>("test", &deep).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let _ = read::<Value>("test", &bytes);
        let _ = read_lines::<Value>("test", &bytes);
    }

    #[test]
    fn masking_keeps_valid_json_as_it_is(text in ".*") {
        let json = serde_json::to_vec(&[text]).unwrap();
        prop_assert_eq!(without_non_finite(&json), json.as_slice());
    }
}
