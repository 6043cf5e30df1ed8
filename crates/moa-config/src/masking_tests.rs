use super::*;

#[test]
fn keys_are_struck_out_and_nothing_moves() {
    let text =
        "[endpoints.a]\nbase-url = \"https://a/v1\"\napi-key = \"s3cret value\" # note\nmax-tokens = 512\n";
    let shown = masked(text);
    assert_eq!(shown.len(), text.len());
    assert!(!shown.contains("s3cret") && !shown.contains("value"), "{shown}");
    assert!(shown.contains("https://a/v1") && shown.contains("max-tokens = 512"), "{shown}");
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
}
