//! The description of the API is what the server does.

use std::path::Path;

use crate::fixture::Fixture;

/// Set this variable to write the description anew instead of comparing it.
const WRITE: &str = "MOA_WRITE_OPENAPI";

#[test]
fn the_openapi_document_that_is_committed_is_the_one_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let current = format!("{}\n", serde_json::to_string_pretty(&moa_server::openapi_document()).unwrap());
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == current, "docs/openapi.json is out of date: run `make docs`");
}

#[tokio::test]
async fn every_path_of_the_openapi_document_is_served() {
    let fixture = Fixture::new([]).await;
    let document = moa_server::openapi_document();
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let url = format!("{}{}", fixture.url, path.replace("{id}", "00000000-0000-7000-8000-000000000000"));
        for method in methods.as_object().unwrap().keys() {
            let method = method.to_uppercase().parse().unwrap();
            let response = fixture.client.request(method, &url).send().await.unwrap();
            assert_ne!(response.status(), 405, "{path}");
            let body = response.text().await.unwrap();
            assert!(!body.contains("there is no such path"), "{path}");
            operations += 1;
        }
    }
    assert!(operations > 20, "{operations}");
}
