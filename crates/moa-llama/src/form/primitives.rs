//! What JSON is made of, in llama.cpp's notation. Each rule ends with the white space that may follow it, of which there is little: a
//! small model that may write white space for ever does.

/// The rules by name, each with those that it needs.
pub(super) const PRIMITIVES: [(&str, &str, &[&str]); 12] = [
    ("ws", r#"| " " | "\n" [ \t]{0,20}"#, &[]),
    (
        "value",
        "object | array | string | number | boolean | null",
        &["object", "array", "string", "number", "boolean", "null"],
    ),
    ("object", r#""{" ws (pair ("," ws pair)*)? "}" ws"#, &["pair", "ws"]),
    ("pair", r#"string ":" ws value"#, &["string", "value", "ws"]),
    ("array", r#""[" ws (value ("," ws value)*)? "]" ws"#, &["value", "ws"]),
    ("string", r#""\"" char* "\"" ws"#, &["char", "ws"]),
    ("char", r#"[^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt/] | "u" [0-9a-fA-F]{4})"#, &[]),
    ("number", r#""-"? natural ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,3})? ws"#, &["natural", "ws"]),
    ("natural", r#""0" | [1-9] [0-9]{0,15}"#, &[]),
    ("integer", r#""-"? natural ws"#, &["natural", "ws"]),
    ("boolean", r#"("true" | "false") ws"#, &["ws"]),
    ("null", r#""null" ws"#, &["ws"]),
];

/// A text as it stands.
pub(crate) fn literal(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
