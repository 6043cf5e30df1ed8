use super::*;

#[test]
fn credentials_and_queries_are_hidden_and_the_rest_stays() {
    for (text, clean) in [
        ("no address", "no address"),
        ("http://host:80/path", "http://host:80/path"),
        ("at http://user:pass@host/path, twice", "at http://***@host/path, twice"),
        ("http://token@host and https://a:b@other/x", "http://***@host and https://***@other/x"),
        // A password with characters that should have been escaped.
        ("http://user:p@ss/w@rd@host/", "http://***@host/"),
        ("<https://cdn/file?Signature=abc&Key=def>", "<https://cdn/file?***>"),
        ("git+ssh://git@host/repo#egg=x", "git+ssh://***@host/repo?***"),
        ("://", "://"),
    ] {
        assert_eq!(redact(text), clean);
    }
}
