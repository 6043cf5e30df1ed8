//! Scores out of reviews.

use serde_json::{Value, json};

use super::*;

fn parsed(review: &str) -> Value {
    serde_json::to_value(parse_scores(review)).unwrap()
}

#[test]
fn dictionaries_of_scores_are_read() {
    let cases = [
        ("{'Factuality': 3}", json!({"factuality": 3})),
        ("Draft {'a': 1}\nFinal: {\"Logical_Correctness\": 4.5,}", json!({"logical correctness": 4.5})),
        (
            "```python\n{\n  \"A\": \"N/A\",\n  'B': 'Not Applicable', 'C': 'NA', 'D': '4'\n}\n```",
            json!({"a": "N/A", "b": "N/A", "c": "N/A", "d": "4"}),
        ),
        ("{'a': 1, 'A': 2}", json!({"a": 2})),
        ("{'a': -1, 'b': ['N/A', 1]}", json!({"a": -1, "b": ["n/a", 1]})),
        ("{'a' 'b': 1}", json!({"ab": 1})),
        ("{1: 5}", json!({"1": 5})),
        ("{'a': 1e999}", json!({"a": "inf"})),
        ("{} {'a': 1} {}", json!({"a": 1})),
    ];
    for (review, expected) in cases {
        assert_eq!(parsed(review), expected, "{review}");
    }
}

#[test]
fn whatever_is_wrong_leaves_nothing() {
    let reviews = [
        "",
        "no dictionary",
        "{}",
        "{'a': 1} then {broken}",
        "{a: 1}",
        "{'a': n/a}",
        "{'a': 4/5}",
        "{'a': None}",
        "{'a': True}",
        "{'a': 1 # of 5\n}",
        "{'a': {'b': 1}}",
        "{1, 2}",
        "{'a': 1j}",
        "{'a': '}'}",
        "{{'a': 1}}",
        "{'a': 1",
    ];
    for review in reviews {
        assert_eq!(parsed(review), json!({}), "{review}");
    }
}
