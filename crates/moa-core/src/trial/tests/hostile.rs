//! Prompts that nobody would write to ask something.

use proptest::prelude::*;

use super::*;

#[test]
fn a_megabyte_of_beginnings_is_read_and_comes_to_little() {
    for piece in [
        "f(",
        "f(2) == ",
        "f([[[[(",
        ">>> f(1)\n",
        ">>>",
        "assert f(\n",
        "assert (",
        "f('",
        "\"\"\"",
        "```python\n",
        "def f(",
        "(\n",
    ] {
        let prompt = piece.repeat(1_000_000 / piece.len());
        let examples = found(&prompt);
        assert!(examples.len() <= 32, "{piece}");
        let bytes: usize = examples.iter().map(|example| example.setup.len() + example.source.len()).sum();
        assert!(bytes <= 32 * 6_000, "{piece}");
        let _ = Start::of(&prompt).program(&prompt);
    }
    let many: Vec<String> = (0..100_000).map(|number| format!("f({number}) == {number}")).collect();
    assert_eq!(found(&many.join("\n")).len(), 32, "no more are read");
    let prepared = format!("{}>>> f(1)\n1\n", ">>> x = 1\n".repeat(100_000));
    assert!(found(&prepared)[0].setup.len() <= 4_000);
    let talkative = format!(">>> f(1)\n{}", "words and words\n".repeat(60_000));
    assert_eq!(found(&talkative).len(), 1);
    let wide = format!(">>> f(1)\n{}", format!("{}\n", "w".repeat(3_000)).repeat(9));
    assert_eq!(found(&wide), []);
    let long = format!("f('{}') == 1\nf(2) == 4", "x".repeat(1_000_000));
    assert_eq!(values(&long), [pair("f(2)", "4")]);
}

#[test]
fn quotes_within_quotes_end_where_they_end() {
    assert_eq!(values(r#"f("a\"b'c(") == 'd\\'"#), [pair(r#"f("a\"b'c(")"#, r"'d\\'")]);
    assert_eq!(values("f(\"\") == ''"), [pair("f(\"\")", "''")]);
    assert_eq!(found("f(''') == 1"), []);
    assert_eq!(found("f(\"a') == 1\nf('b\") == 2"), []);
    let nested = format!("f({}1{}) == 1", "[".repeat(200), "]".repeat(200));
    assert_eq!(values(&nested).len(), 1);
}

#[test]
fn examples_that_call_undefined_names_are_examples_all_the_same() {
    // They fail for everybody, which decides nothing.
    assert_eq!(found(">>> nobody(3)\n4\n").len(), 1);
    assert_eq!(found("assert nobody(3) == 4").len(), 1);
    assert_eq!(found("nobody(3) == 4"), [], "prose about something else");
}

proptest! {
    #[test]
    fn any_text_can_be_read(prompt in "(>>> |\\.\\.\\. |assert |f\\(|\\)|==|=>|'|\"|\\[|\\]|\\{|4|,|#|é|日|\n|\t| |`|def f\\(x\\):|\\\\){0,60}") {
        for example in found(&prompt) {
            prop_assert!(!example.source.trim().is_empty());
        }
        let _ = Start::of(&prompt).program(&prompt);
    }

    #[test]
    fn literals_are_found_whole(value in "(-?[0-9]{1,5}(\\.[0-9]{1,3})?|'[a-z(]{0,5}'|\\[[0-9]{1,3}(, [0-9]{1,3}){0,3}\\]|True|None)") {
        prop_assert_eq!(values(&format!("f({value}) == {value}.")), [pair(&format!("f({value})"), &value)]);
    }
}
