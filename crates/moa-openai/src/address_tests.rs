use super::*;

fn completions(text: &str) -> String {
    EndpointAddress::parse(text).unwrap().chat_completions().unwrap().to_string()
}

#[test]
fn completions_are_below_the_base_url_however_it_is_written() {
    for (base, wanted) in [
        ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions"),
        (" http://127.0.0.1:8080 ", "http://127.0.0.1:8080/chat/completions"),
        ("http://h/v1/chat/completions", "http://h/v1/chat/completions"),
        (
            "https://x.openai.azure.com/openai/deployments/d?api-version=2026-01-01",
            "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2026-01-01",
        ),
        ("http://user:pass@h/v1#there", "http://user:pass@h/v1/chat/completions"),
    ] {
        assert_eq!(completions(base), wanted, "{base}");
    }
}

#[test]
fn what_is_no_web_address_is_refused_without_being_repeated() {
    for text in ["", "api.openai.com/v1", "ftp://h/v1", "http://", "user:hunter22@h"] {
        let error = EndpointAddress::parse(text).unwrap_err();
        assert!(!error.to_string().contains("hunter22"));
        assert!(error.hint().contains("https://"));
    }
}

#[test]
fn credentials_and_query_are_not_shown() {
    let address =
        EndpointAddress::parse("https://me:hunter22@h.example:444/v1?key=abcdefgh&b=c%20d").unwrap();
    for shown in [address.to_string(), format!("{address:?}"), address.host_and_port()] {
        assert!(shown.contains("h.example:444"), "{shown}");
        assert!(
            !["me:", "hunter22", "abcdefgh", "c%20d"].iter().any(|secret| shown.contains(secret)),
            "{shown}"
        );
    }
    let secrets: Vec<&str> = address.secrets().iter().map(ExposeSecret::expose_secret).collect();
    assert!(["hunter22", "abcdefgh", "c d", "c%20d"].iter().all(|secret| secrets.contains(secret)));
}

#[test]
fn this_machine_is_known_by_its_names() {
    let is_loopback = |text: &str| EndpointAddress::parse(text).unwrap().is_loopback();
    assert!(["http://localhost:1", "http://127.0.0.9", "http://[::1]:1"].into_iter().all(is_loopback));
    assert!(!["http://10.0.0.1", "http://localhost.example"].into_iter().any(is_loopback));
}
