//! HTTPS by a made-up authority.

use moa_testkit::{Certificate, Mock, Rule};
use reqwest::Client;

use crate::client::chat;

async fn ask(mock: &Mock, trust: bool, host: &str) -> Result<u16, reqwest::Error> {
    let mut client = Client::builder().no_proxy();
    if trust {
        let certificate = reqwest::Certificate::from_pem(mock.ca_pem().unwrap().as_bytes()).unwrap();
        client = client.tls_certs_only([certificate]);
    }
    let url = format!("https://{host}:{}/v1/chat/completions", mock.address().port());
    let response = client.build().unwrap().post(url).json(&chat("a", "x")).send().await?;
    Ok(response.status().as_u16())
}

#[tokio::test]
async fn clients_that_trust_the_authority_are_served() {
    let mock = Mock::builder().tls(Certificate::Valid).rule(Rule::any().answer("x")).start().await.unwrap();
    assert!(mock.base_url().starts_with("https://127.0.0.1:"));
    assert_eq!(ask(&mock, true, "127.0.0.1").await.unwrap(), 200);
    assert_eq!(ask(&mock, true, "localhost").await.unwrap(), 200);
    assert!(ask(&mock, false, "127.0.0.1").await.unwrap_err().is_connect());
    assert_eq!(mock.log().len(), 2);
}

#[tokio::test]
async fn wrong_certificates_are_wrong() {
    for certificate in [Certificate::Expired, Certificate::WrongHost] {
        let mock = Mock::builder().tls(certificate).rule(Rule::any().answer("x")).start().await.unwrap();
        let error = ask(&mock, true, "127.0.0.1").await.unwrap_err();
        assert!(error.is_connect(), "{certificate:?}: {error:?}");
        let wanted = if certificate == Certificate::Expired { "Expired" } else { "NotValidForName" };
        assert!(format!("{error:?}").contains(wanted), "{error:?}");
    }
}

#[tokio::test]
async fn a_reset_under_tls_is_no_end_in_good_form() {
    let rule = Rule::any().answer("some words").reset_after_bytes(40);
    let mock = Mock::builder().tls(Certificate::Valid).rule(rule).start().await.unwrap();
    assert!(ask(&mock, true, "127.0.0.1").await.is_err());
    mock.all().until(|counts| counts.broken == 1).await;
}
