use super::*;

fn text(text: &str) -> Input {
    Input::Text(text.to_owned())
}

#[test]
fn commands_have_a_name_and_maybe_an_argument() {
    let command = |name: &str, argument: &str| {
        Some(Input::Command { name: name.to_owned(), argument: argument.to_owned() })
    };
    assert_eq!(parse("/layers"), command("layers", ""));
    assert_eq!(parse("  /preset   self moa \n"), command("preset", "self moa"));
    assert_eq!(parse("/"), command("", ""));
}

#[test]
fn a_doubled_slash_is_a_slash() {
    assert_eq!(parse("//etc/hosts: what is it?"), Some(text("/etc/hosts: what is it?")));
}

#[test]
fn blank_input_is_nothing() {
    assert_eq!(parse(" \n\t"), None);
}

#[test]
fn a_backslash_or_an_open_fence_asks_for_more() {
    assert!(is_incomplete("one\\"));
    assert!(!is_incomplete("one\\\\"));
    assert!(is_incomplete("why?\n```rust\nfn main() {}"));
    assert!(!is_incomplete("why?\n```rust\nfn main() {}\n```"));
    assert!(!is_incomplete(""));
}

#[test]
fn only_backslashes_that_join_lines_are_dropped() {
    assert_eq!(parse("one\\\ntwo"), Some(text("one\ntwo")));
    assert_eq!(parse("```\na\\\nb\n```"), Some(text("```\na\\\nb\n```")));
    assert_eq!(parse("C:\\\\"), Some(text("C:\\\\")));
}
