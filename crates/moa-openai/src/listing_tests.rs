use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn ids_are_found_in_every_form_of_a_list() {
    for list in [
        json!({"object": "list", "data": [{"id": "a"}, {"id": "b", "object": "model"}]}),
        json!([{"id": "a", "type": "chat"}, {"id": "b"}]),
        json!({"models": [{"name": "a"}, {"name": "b"}]}),
        json!(["a", "b"]),
        json!({"data": [{"id": "a"}, {"id": 7}, {}, {"id": ""}, {"id": "x\u{1b}[2J"}, {"id": "b"}]}),
    ] {
        assert_eq!(ids(&list), ["a", "b"], "{list}");
    }
    for list in [json!(null), json!({"data": null}), json!("a"), json!({"error": {"message": "no"}})] {
        assert!(ids(&list).is_empty(), "{list}");
    }
}

#[test]
fn the_likest_come_first_whoever_makes_them() {
    let ids = [
        "Qwen/Qwen2.5-72B-Instruct-Turbo",
        "meta-llama/Llama-3.3-70B",
        "Qwen/Qwen2.5-7B-Instruct",
        "whisper",
    ];
    let found = likest("qwen2.5-72b-instruct", ids.map(str::to_owned).to_vec());
    assert_eq!(found[..2], ["Qwen/Qwen2.5-7B-Instruct", "Qwen/Qwen2.5-72B-Instruct-Turbo"]);
    assert!(!found.contains(&"whisper".to_owned()));
}

#[test]
fn the_list_lies_beside_chat_completions() {
    let url = |text: &str| beside_chat_completions(Url::parse(text).unwrap()).unwrap().to_string();
    assert_eq!(
        url("http://127.0.0.1:8080/v1/chat/completions?key=x"),
        "http://127.0.0.1:8080/v1/models?key=x"
    );
    assert_eq!(url("http://127.0.0.1:8080/chat/completions"), "http://127.0.0.1:8080/models");
}

proptest! {
    #[test]
    fn no_list_is_too_odd(ids in prop::collection::vec(".{0,40}", 0..20), wanted in ".{0,40}") {
        prop_assert!(likest(&wanted, ids).len() <= MOST_NAMED);
    }
}
