use proptest::prelude::*;

use super::*;
use crate::fixture::{rendered, user};

fn masked(text: &str) -> String {
    Secrets::find(text).struck_out(text)
}

#[test]
fn keys_are_struck_out_and_nothing_moves() {
    let text =
        "[endpoints.a]\nbase-url = \"https://a/v1\"\napi-key = \"s3cret value\" # note\nmax-tokens = 512\n";
    let shown = masked(text);
    assert_eq!(shown.len(), text.len());
    assert!(!shown.contains("s3cret") && !shown.contains("value"), "{shown}");
    assert!(shown.contains("https://a/v1") && shown.contains("max-tokens = 512"), "{shown}");
    assert!(shown.contains("\" # note"), "{shown}");
}

#[test]
fn a_key_on_one_line_with_other_values_is_struck_out_alone() {
    let shown = masked("a = { api-key = \"abc\", base-url = \"http://x\" }");
    assert_eq!(shown, "a = { api-key = \"***\", base-url = \"http://x\" }");
    assert_eq!(masked("\"api-key\" = 'a,b \u{fc} c' # ok"), "\"api-key\" = '********' # ok");
    assert_eq!(masked("together = \"sk-123\""), "together = \"******\"");
    assert_eq!(masked("api-key-env = \"OPENAI_API_KEY\""), "api-key-env = \"OPENAI_API_KEY\"");
    assert_eq!(masked("api-key-env = \"gsk_abcdef\""), "api-key-env = \"**********\"");
}

#[test]
fn ordinary_texts_stay() {
    let text = "ünï = \"qwen2.5-coder-0.5b-instruct-q4_k_m.gguf\" # max-tokens\n";
    assert_eq!(masked(text), text);
    let text = crate::init_template();
    assert_eq!(masked(text), text);
}

#[test]
fn a_secret_is_struck_out_to_its_end_wherever_that_is() {
    assert_eq!(
        masked("token = \"\"\"\na \\\"\"\" b\n\"\"\"\"\nx = 1"),
        "token = \"\"\"\n********\n*\"\"\"\nx = 1"
    );
    assert_eq!(masked("token = '''\na\n''' # b"), "token = '''\n*\n''' # b");
    assert_eq!(masked("keys = [\n  'a', # ]\n]\nx = 1"), "keys = [\n**********\n]\nx = 1");
    assert_eq!(masked("token = 'a\nx = 'b'"), "token = '*\nx = 'b'");
    assert_eq!(masked("token = \"\"\"\na\nx = 'b'"), "token = \"\"\"\n*\n*******");
    assert_eq!(masked("token = \"a\"b\" c\nx = 1"), "token = \"*\"****\nx = 1");
    assert_eq!(masked("token =\n  \"a\"\n"), "token =\n  \"*\"\n");
    assert_eq!(masked("token = [[a]\n"), "token = [***\n");
}

#[test]
fn tables_and_paths_named_like_secrets_keep_what_is_in_them() {
    assert_eq!(
        masked("[x.token]\nvalue = '''\n[a\n'''\nn = \"b\"\n[y]\nvalue = 'c'"),
        "[x.token]\nvalue = '''\n**\n'''\nn = \"*\"\n[y]\nvalue = 'c'"
    );
    assert_eq!(masked("a.\"api-key\".b = 'c'"), "a.\"api-key\".b = '*'");
    assert_eq!(masked("'my secret' = 'c'"), "'my secret' = '*'");
}

#[test]
fn addresses_and_comments_keep_secrets_too() {
    assert_eq!(masked("u = \"https://ann:p@ss@a/v1\""), "u = \"https://********@a/v1\"");
    assert_eq!(masked("# Authorization: Bearer abc"), "# Authorization: **********");
    assert_eq!(masked("x = 'use Bearer abc'"), "x = 'use Bearer ***'");
    assert_eq!(masked("u = 'https://a/v1?api_key=abc'"), "u = 'https://a/v1?api_key=****");
}

#[test]
fn messages_do_not_repeat_a_secret() {
    let secrets = Secrets::find("token = \"h\\u0075nter2 \\\"x\"\nkey = 'ab'\n");
    assert_eq!(
        secrets.redacted("there is no model `hunter2 \"x`, cable ab"),
        "there is no model `**********`, cable **"
    );
}

/// A secret of several lines that cannot be mistaken for anything that a report says by itself.
fn secret() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec("zq[a-z0-9]{3,9}( zq[a-z]{3})?", 1..4)
}

/// How a name asks for a secret, and the sign behind it.
fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "api-key = ",
        "\"api-key\" = ",
        "token=",
        "x.'access-key'.y = ",
        "PASSWORD  =\t",
        "secrets = ",
        "# apiKey: ",
    ])
}

/// A value that holds the lines, written in one of the ways that TOML has.
fn value(style: usize, lines: &[String], end: &str) -> String {
    let (joined, first) = (lines.join(end), &lines[0]);
    match style {
        0 => format!("\"{}\"", lines.join(" ")),
        1 => format!("'{first}'"),
        2 => format!("\"\"\"{joined}\"\"\""),
        3 => format!("\"\"\"{end}{joined}{end}\"\"\""),
        4 => format!("'''{joined}'''"),
        5 => format!("'''{end}[{joined}{end}'''"),
        6 => format!("[{end}'{}',{end}]", lines.join(&format!("',{end}'"))),
        7 => format!("{{ value = \"{first}\", more = '{first}' }}"),
        // Damaged ones.
        8 => format!("\"{first}"),
        9 => format!("\"\"\"{end}{joined}"),
        10 => format!("{first} {first}"),
        11 => format!("\"x\"{first}\""),
        _ => format!("['{first}'"),
    }
}

/// Something wrong that makes a report show the lines around it.
const MISTAKES: [&str; 8] = [
    "layrs = 3",
    "default-preset = 7",
    "default-preset = \"nobody\"",
    "x = = 3",
    "presets = 3",
    "models.a = \"b\"",
    "y = \"\"\"",
    "z = 'open",
];

proptest! {
    #[test]
    fn no_report_shows_what_stands_under_the_name_of_a_secret(
        secret in secret(),
        name in name(),
        style in 0..13_usize,
        before in prop::sample::select(MISTAKES.to_vec()),
        after in prop::sample::select(MISTAKES.to_vec()),
        place in 0..4_usize,
        windows in any::<bool>(),
    ) {
        let end = if windows { "\r\n" } else { "\n" };
        let assignment = match place {
            0 => format!("{name}{}", value(style, &secret, end)),
            1 => format!("[endpoints.a]{end}{name}{}", value(style, &secret, end)),
            2 => format!("[models.token]{end}path = {}", value(style, &secret, end)),
            // As part of a text that goes on over lines.
            _ => format!("[presets.a]{end}synthesis = '''{end}{name}\"{}\"{end}'''", secret[0]),
        };
        let text = format!("{before}{end}{assignment}{end}{after}{end}");
        let shown = Secrets::find(&text).struck_out(&text);
        prop_assert_eq!(shown.len(), text.len());
        prop_assert_eq!(shown.matches('\n').count(), text.matches('\n').count());
        prop_assert!(!shown.contains("zq"), "{text}\n---\n{shown}");
        if let Err(error) = user(&text) {
            let report = rendered(&error);
            prop_assert!(!report.contains("zq"), "{text}\n---\n{report}");
        }
    }

    #[test]
    fn no_report_shows_what_looks_like_a_key(
        key in "(sk-|hf_|ghp_|gsk_)zq[a-zA-Z0-9]{6,30}|zq[a-f0-9]{8}7[a-f0-9]{24}",
        frame in prop::sample::select(vec![
            ("# ", ""), ("[presets.a]\nsynthesis = \"\"\"\nSay\n", "\n\"\"\""), ("models.x = \"", "\""),
            ("[models]\n", " = 3"), ("default-preset = '", "'"), ("u = \"https://h/v1/", "/x\""), ("[", "]"),
        ]),
        after in prop::sample::select(MISTAKES.to_vec()),
    ) {
        let text = format!("{}{key}{}\n{after}\n", frame.0, frame.1);
        if let Err(error) = user(&text) {
            let report = rendered(&error);
            prop_assert!(!report.contains("zq"), "{text}\n---\n{report}");
        }
    }

    #[test]
    fn any_text_is_masked_in_place(text in "(token = |key: |\"|'|\"\"\"|\\[|\\]|\\{|\n|\r|\\\\|é|a|://|@){0,24}") {
        let shown = masked(&text);
        prop_assert_eq!(shown.len(), text.len());
        prop_assert_eq!(shown.matches('\n').count(), text.matches('\n').count());
    }
}
