use super::*;

fn file() -> HubFile {
    HubFile { repository: "o/r".to_owned(), file: "q 4/m.gguf".to_owned(), revision: "refs/pr/1".to_owned() }
}

#[test]
fn addresses_are_built_below_the_endpoint_and_escaped() {
    for (endpoint, address) in [
        ("https://hub", "https://hub/o/r/resolve/refs%2Fpr%2F1/q%204/m.gguf"),
        ("http://mirror:8080/hf/", "http://mirror:8080/hf/o/r/resolve/refs%2Fpr%2F1/q%204/m.gguf"),
        ("http://mirror/hf?x=1#y", "http://mirror/hf/o/r/resolve/refs%2Fpr%2F1/q%204/m.gguf"),
    ] {
        assert_eq!(Endpoint::parse(endpoint).unwrap().resolve_address(&file()).unwrap().as_str(), address);
    }
    let usual = Endpoint::default();
    assert!(
        usual.resolve_address(&file()).unwrap().as_str().starts_with("https://huggingface.co/o/r/resolve/")
    );
    assert_eq!(usual.page("o/r"), "https://huggingface.co/o/r");
}

#[test]
fn only_the_same_scheme_host_and_port_is_the_hub() {
    let endpoint = Endpoint::parse("https://hub/base").unwrap();
    let owns = |text: &str| endpoint.owns(&Url::parse(text).unwrap());
    assert!(owns("https://hub/else") && owns("https://hub:443/"));
    for other in
        ["http://hub/", "https://hub:444/", "https://hub.evil/", "https://cdn.hub/", "https://evil/hub"]
    {
        assert!(!owns(other), "{other}");
    }
}

#[test]
fn an_address_with_credentials_keeps_them_instead_of_the_token() {
    let token = Token::new("t", "HF_TOKEN");
    let count = |endpoint: &str| {
        let endpoint = Endpoint::parse(endpoint).unwrap();
        let address = endpoint.resolve_address(&file()).unwrap();
        let request = token.sign(reqwest::Client::new().get(address), &endpoint).build().unwrap();
        let values = request.headers().get_all("authorization").iter();
        values.map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(count("https://hub"), ["Bearer t"]);
    assert_eq!(count("https://a:b@hub"), ["Basic YTpi"]);
}
