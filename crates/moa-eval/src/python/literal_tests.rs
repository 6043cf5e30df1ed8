use proptest::prelude::*;

use super::*;

fn text(text: &str) -> Literal {
    Literal::Text(text.to_owned())
}

fn integer(value: i32) -> Literal {
    Literal::Integer(Some(value.into()), value.into())
}

/// The value of the only key.
fn value(source: &str) -> Option<Literal> {
    let mut entries = parse_dictionary(&format!("{{'a': {source}}}"))?;
    assert_eq!(entries.len(), 1);
    entries.pop().map(|(_, value)| value)
}

#[test]
fn literals_are_read_as_python_reads_them() {
    let cases = [
        ("4", integer(4)),
        ("-4", integer(-4)),
        ("+4", integer(4)),
        ("- 4", integer(-4)),
        ("(4)", integer(4)),
        ("-(4)", integer(-4)),
        ("0x1f", integer(31)),
        ("0o17", integer(15)),
        ("0b11", integer(3)),
        ("00", integer(0)),
        ("4.", Literal::Float(4.0)),
        (".5", Literal::Float(0.5)),
        ("01.5", Literal::Float(1.5)),
        ("1e3", Literal::Float(1000.0)),
        ("1e999", Literal::Float(f64::INFINITY)),
        ("'b' \"c\"'''d'''", text("bcd")),
        ("r'\\n'", text("\\n")),
        (r"'\n\q\x41\u00e9\101\''", text("\n\\qAéA'")),
        ("b'x'", Literal::Other),
        ("1j", Literal::Other),
        ("-1j", Literal::Other),
        ("1+2j", Literal::Other),
        ("...", Literal::Other),
        ("set()", Literal::Other),
        ("[1, 'b',]", Literal::List(vec![integer(1), text("b")])),
        ("()", Literal::List(vec![])),
        ("(1,)", Literal::List(vec![integer(1)])),
    ];
    for (source, expected) in cases {
        assert_eq!(value(source), Some(expected), "{source}");
    }
}

#[test]
fn what_is_no_literal_is_refused() {
    let sources = [
        "", "n/a", "4/5", "none", "true", "--4", "-'b'", "-(-4)", "01", "1e", "0x", "4 5", "1+2", "'b",
        "'b\nc'", "f'b'", "'b' b'c'", "b'é'", r"'\x4'", r"'\u12'", "[,]", "(,)", "[1 2]", "4 # of 5",
        "{1: 2}", "set(1)", "x", "1x", "٤",
    ];
    for source in sources {
        assert_eq!(value(source), None, "{source}");
    }
    for source in [
        "",
        "{",
        "{'a'}",
        "{'a': 1",
        "{'a': 1}}",
        "{,}",
        "{'a': 1,,}",
        "{'a' 1}",
        "{[1]: 2}",
        "{a: 1}",
        "{'a': 1} b",
    ] {
        assert_eq!(parse_dictionary(source), None, "{source}");
    }
}

#[test]
fn a_repeated_key_keeps_its_last_value() {
    let entries = parse_dictionary("{'a': 1, 1: 2, 1.0: 3, 'a': 4,}").unwrap();
    let expected = vec![(Key::Text("a".into()), integer(4)), (Key::Number(1.0, "1".into()), integer(3))];
    assert_eq!(entries, expected);
    assert_eq!(parse_dictionary("{ }"), Some(vec![]));
}

#[test]
fn long_and_deep_texts_take_no_longer_than_they_are() {
    for text in ["[", "(", "-", "'", "1,", "\\", "#\r", "{"] {
        assert!(parse_dictionary(&format!("{{'a': {}}}", text.repeat(100_000))).is_none(), "{text}");
    }
    assert!(parse_dictionary(&format!("{{'a': {}}}", "'a' ".repeat(100_000))).is_some());
    assert!(parse_dictionary(&format!("{{{}}}", "'a': 1,".repeat(50_000))).is_some());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in r#"\{?['"a-z0-9\\{}\[\]():,.#+\-_ \r]*\}?|.*"#) {
        let _ = parse_dictionary(&text);
    }
}
