use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use super::{check_response_format, grammar};
use crate::native::{Grammar, Model};
use crate::testing::model;

/// The whole model, since llama.cpp has no way to a grammar without a vocabulary.
fn vocabulary() -> Arc<Model> {
    static MODEL: OnceLock<Arc<Model>> = OnceLock::new();
    Arc::clone(MODEL.get_or_init(model))
}

fn format(schema: &Value) -> Value {
    json!({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}})
}

/// Whether an answer of this form may be `text`, the whole of it.
fn allows(format: &Value, text: &str) -> bool {
    let model = vocabulary();
    let written = grammar(format).unwrap().expect("a form");
    let mut grammar = Grammar::new(&model, &written).unwrap_or_else(|| panic!("not understood: {written}"));
    let end = model.eos().unwrap();
    let tokens = model.tokenize(text, false);
    let is_allowed = tokens.iter().all(|token| {
        let is_allowed = grammar.allows(*token);
        grammar.accept(*token, false);
        is_allowed
    });
    is_allowed && grammar.allows(end)
}

fn check(schema: &Value, good: &[&str], bad: &[&str]) {
    let format = format(schema);
    for text in good {
        serde_json::from_str::<Value>(text).unwrap();
        assert!(allows(&format, text), "{schema} should allow {text}");
    }
    for text in bad {
        assert!(!allows(&format, text), "{schema} should not allow {text}");
    }
}

#[test]
fn any_object_is_an_object_and_nothing_after_it() {
    let object = json!({"type": "json_object"});
    for text in [
        "{}",
        "{ }",
        "{\"a\": [1, -2.5e3, null, true], \"b\": {\"c\": \"\\u00e9 \\\" ü\"}}",
        "{\n  \"a\": 1\n}",
    ] {
        assert!(allows(&object, text), "{text}");
    }
    for text in [
        "",
        "[]",
        "1",
        "{\"a\"}",
        "{\"a\": 01}",
        "{} x",
        "Here: {}",
        "{\"a\": 1,}",
        "{'a': 1}",
        "{\"a\": \"\n\"}",
    ] {
        assert!(!allows(&object, text), "{text}");
    }
    assert_eq!(grammar(&json!({"type": "text"})), Ok(None));
}

#[test]
fn properties_come_as_the_schema_has_them() {
    let schema = json!({
        "type": "object",
        "properties": {"age": {"type": "integer", "minimum": 0}, "name": {"type": "string"}, "tall": {"type": "boolean"}},
        "required": ["name"],
        "additionalProperties": false,
    });
    check(
        &schema,
        &[
            r#"{"name": "Ann"}"#,
            r#"{"age": 7, "name": "Ann"}"#,
            r#"{"age":7,"name":"Ann","tall":true}"#,
            r#"{"name": "", "tall": false}"#,
        ],
        &[
            "{}",
            r#"{"age": 7}"#,
            r#"{"age": -7, "name": "Ann"}"#,
            r#"{"name": "Ann", "x": 1}"#,
            r#"{"age": 7.5, "name": "A"}"#,
        ],
    );
    let optional = json!({"properties": {"a": {}, "b": {}}});
    check(
        &optional,
        &["{}", r#"{"a": 1}"#, r#"{"b": [2]}"#, r#"{"a": 1, "b": 2}"#],
        &[r#"{"c": 1}"#, r#"{"a": 1 "b": 2}"#, r#"{, "b": 2}"#],
    );
    check(
        &json!({"type": "object", "additionalProperties": {"type": "null"}}),
        &["{}", r#"{"x": null, "y": null}"#],
        &[r#"{"x": 1}"#],
    );
    check(&json!({"type": "object", "additionalProperties": false}), &["{}"], &[r#"{"x": 1}"#]);
}

#[test]
fn values_lists_and_choices_keep_their_bounds() {
    check(
        &json!({"enum": ["red", "gr\"een", 3, null]}),
        &["\"red\"", "\"gr\\\"een\"", "3", "null"],
        &["\"blue\"", "4", "\"re\""],
    );
    check(&json!({"const": {"a": 1}}), &["{\"a\":1}"], &["{\"a\":2}", "{}"]);
    let list = json!({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 3});
    check(&list, &["[1, 2]", "[1.5,2,3]"], &["[]", "[1]", "[1,2,3,4]", "[1,\"2\"]"]);
    check(&json!({"type": "array", "maxItems": 0}), &["[]"], &["[1]"]);
    check(&json!({"type": "array", "items": {"type": "null"}}), &["[]", "[null]", "[null, null]"], &["[1]"]);
    check(
        &json!({"type": "string", "minLength": 2, "maxLength": 3}),
        &["\"ab\"", "\"abc\""],
        &["\"a\"", "\"abcd\""],
    );
    check(&json!({"type": ["string", "null"]}), &["\"a\"", "null"], &["1"]);
    check(&json!({"anyOf": [{"type": "integer"}, {"type": "boolean"}]}), &["1", "true"], &["\"a\"", "1.5"]);
}

#[test]
fn references_may_lead_back() {
    let tree = json!({
        "$ref": "#/$defs/node",
        "$defs": {"node": {
            "type": "object",
            "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/node"}}, "name": {"type": "string"}},
            "required": ["name", "children"],
        }},
    });
    check(
        &tree,
        &[
            r#"{"children": [], "name": "a"}"#,
            r#"{"children": [{"children": [], "name": "b"}], "name": "a"}"#,
        ],
        &[r#"{"children": [1], "name": "a"}"#, r#"{"name": "a"}"#],
    );
}

#[test]
fn one_of_several_is_one_where_that_can_be_seen() {
    let kind =
        |name: &str| json!({"type": "object", "properties": {"kind": {"const": name}}, "required": ["kind"]});
    check(
        &json!({"oneOf": [kind("cat"), kind("dog")]}),
        &[r#"{"kind": "cat"}"#, r#"{"kind": "dog"}"#],
        &[r#"{"kind": "cow"}"#],
    );
    check(&json!({"oneOf": [{"type": "string"}, {"type": "null"}]}), &["\"a\"", "null"], &["1"]);
    for overlapping in [
        json!({"oneOf": [{"type": "integer"}, {"type": "number"}]}),
        json!({"oneOf": [{"type": "object"}, kind("cat")]}),
        json!({"oneOf": [{"type": "string"}, {"const": "a"}]}),
    ] {
        assert!(check_response_format(&format(&overlapping)).is_err(), "{overlapping}");
    }
}

#[test]
fn what_cannot_be_promised_is_refused_with_its_place() {
    for (schema, place, reason) in [
        (json!({"properties": {"a": {"type": "string", "pattern": "x"}}}), ".properties.a", "'pattern'"),
        (json!({"type": "array", "items": {"type": "integer", "minimum": 3}}), ".items", "'minimum'"),
        (json!({"type": "string", "maxLength": 100_000}), "", "'maxLength'"),
        (json!({"type": "string", "minLength": 3, "maxLength": 2}), "", "least"),
        (json!({"required": ["a"]}), "", "'a' is required"),
        (json!({"not": {}}), "", "'not'"),
        (json!({"allOf": [{"type": "string"}, {"minLength": 1}]}), "", "'allOf'"),
        (json!({"$ref": "https://elsewhere.example/schema"}), "", "'$ref'"),
        (json!({"$ref": "#/$defs/none"}), "", "'$ref'"),
        (json!({"$ref": "#"}), "", "leads to itself"),
        (
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
            "",
            "leads to itself",
        ),
        (
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/a"}]}}}),
            "",
            "leads to itself",
        ),
        (json!({"type": "strin"}), "", "no type 'strin'"),
        (json!({"type": []}), "", "'type'"),
        (json!({"enum": []}), "", "'enum'"),
        (json!(false), "", "a schema is an object"),
    ] {
        let error = check_response_format(&format(&schema)).unwrap_err();
        assert!(
            error.place.contains(&format!("response_format.json_schema.schema{place}")),
            "{schema}: {error}"
        );
        assert!(error.reason.contains(reason), "{schema}: {error}");
    }
    let many = (0..3_000)
        .map(|number| (format!("p{number}"), json!({"enum": [number]})))
        .collect::<serde_json::Map<_, _>>();
    assert!(
        check_response_format(&format(&json!({"properties": many}))).unwrap_err().reason.contains("rules")
    );
    assert!(check_response_format(&json!({"type": "json_schema"})).is_err());
    assert!(check_response_format(&json!({"type": "xml"})).is_err());
}
