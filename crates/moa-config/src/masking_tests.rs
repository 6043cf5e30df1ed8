use super::*;

#[test]
fn keys_of_services_are_known_by_their_looks() {
    let keys = [
        "sk-abc",
        "ghp_abc",
        "AKIAIOSFODNN7",
        "0123456789abcdef0123456789abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln",
    ];
    assert!(keys.into_iter().all(looks_like_key));
    let parts =
        ["//host/v1/sk-abc", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "c2VjcmV0IHNlY3JldCBzZWNyZX0x+ab/cd"];
    assert!(parts.into_iter().all(may_be_key));
    let names = [
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        "/home/ann/models/Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf",
        "TOGETHER_API_KEY",
        "microsoft/WizardLM-2-8x22B",
        "https",
    ];
    for name in names {
        assert!(!may_be_key(name), "{name}");
    }
}

#[test]
fn names_of_secrets_are_told_from_names_of_counts() {
    for name in [
        "api-key",
        "API_KEY",
        "apiKey",
        "token",
        "tokens",
        "secrets",
        "db-passwords",
        "key",
        "keys",
        "Authorization",
    ] {
        assert!(names_secret(name), "{name}");
    }
    for name in [
        "max-tokens",
        "proposer-max-tokens",
        "context-tokens",
        "api-key-env",
        "api-key-file",
        "models",
        "monkey",
    ] {
        assert!(!names_secret(name), "{name}");
    }
}
