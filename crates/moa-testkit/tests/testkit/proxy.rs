//! The forward proxy.

use moa_testkit::{Certificate, Mock, Proxy, Rule};
use reqwest::{Client, Response};

use crate::client::chat;

async fn through(proxy: &str, url: &str, mock: &Mock) -> Result<Response, reqwest::Error> {
    let mut client = Client::builder().proxy(reqwest::Proxy::all(proxy).unwrap());
    if let Some(pem) = mock.ca_pem() {
        client = client.tls_certs_only([reqwest::Certificate::from_pem(pem.as_bytes()).unwrap()]);
    }
    let url = format!("{url}/chat/completions");
    client.build().unwrap().post(url).bearer_auth("sk-1").json(&chat("a", "x")).send().await
}

fn with_user(proxy: &Proxy, user: &str) -> String {
    proxy.url().replace("http://", &format!("http://{user}@"))
}

#[tokio::test]
async fn plain_requests_and_tunnels_go_through() {
    let plain = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let secure = Mock::builder().tls(Certificate::Valid).rule(Rule::any().answer("x")).start().await.unwrap();
    let proxy = Proxy::builder().start().await.unwrap();
    for (mock, method) in [(&plain, "POST"), (&secure, "CONNECT")] {
        assert_eq!(through(&proxy.url(), &mock.base_url(), mock).await.unwrap().status(), 200);
        let seen = proxy.requests().pop().unwrap();
        assert_eq!(
            (seen.method.as_str(), seen.target, seen.refused),
            (method, mock.address().to_string(), None)
        );
        assert!(mock.log().requests()[0].authorization.is_bearer("sk-1"));
    }
}

#[tokio::test]
async fn credentials_are_asked_for() {
    let plain = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let secure = Mock::builder().tls(Certificate::Valid).rule(Rule::any().answer("x")).start().await.unwrap();
    let proxy = Proxy::builder().credentials("user", "pass").start().await.unwrap();
    for mock in [&plain, &secure] {
        let right = through(&with_user(&proxy, "user:pass"), &mock.base_url(), mock).await;
        assert_eq!(right.unwrap().status(), 200);
        for url in [proxy.url(), with_user(&proxy, "user:wrong")] {
            // A tunnel that is refused is an error, a request that is refused is an answer.
            let refused = through(&url, &mock.base_url(), mock).await;
            assert!(refused.map_or(true, |response| response.status() == 407));
        }
        // The credentials are for the proxy alone.
        assert_eq!(mock.log().len(), 1);
        assert_eq!(mock.log().requests()[0].header("proxy-authorization"), None);
    }
    let refused: Vec<Option<u16>> = proxy.requests().iter().map(|request| request.refused).collect();
    assert_eq!(refused, [None, Some(407), Some(407), None, Some(407), Some(407)]);
    assert!(!format!("{:?}", proxy.requests()).contains("pass"));
}

#[tokio::test]
async fn hosts_are_where_the_proxy_was_told_and_nowhere_else() {
    let mock = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let proxy = Proxy::builder().host("api.example:80", mock.address()).start().await.unwrap();
    assert_eq!(through(&proxy.url(), "http://api.example/v1", &mock).await.unwrap().status(), 200);
    assert_eq!(mock.log().requests()[0].header("host"), Some("api.example"));
    assert_eq!(through(&proxy.url(), "http://other.example/v1", &mock).await.unwrap().status(), 403);
    let broken = Proxy::builder().refuse_with(502).start().await.unwrap();
    assert_eq!(through(&broken.url(), &mock.base_url(), &mock).await.unwrap().status(), 502);
    assert_eq!(mock.log().len(), 1);
}
