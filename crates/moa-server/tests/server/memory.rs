//! What the server keeps of runs.

use moa_testkit::{Point, Rule};
use serde_json::json;

use crate::fixture::{Fixture, agreeing, frames, json_of, refusal};

#[tokio::test]
async fn a_run_that_writes_more_than_it_may_is_ended_and_says_so() {
    // Held before its end: without a limit it would never come to it.
    let endless = || [Rule::model("a").lorem(20_000).hold(Point::BeforeEnd)];
    let change = |settings: &mut moa_config::ServerSettings| settings.max_run_bytes = 50_000;
    let fixture = Fixture::with(endless(), change).await;
    let (status, error) =
        refusal(fixture.ask("a", json!({"max_tokens": 100_000})).send().await.unwrap()).await;
    assert_eq!(status, 502);
    assert!(error["message"].as_str().unwrap().contains("max-run-bytes"), "{error}");
    fixture.mock.gate("a").aborted(1).await;

    let response = fixture.ask("a", json!({"max_tokens": 100_000, "stream": true})).send().await.unwrap();
    let (frames, is_done) = frames(&response.text().await.unwrap());
    assert!(!is_done && frames.len() > 100);
    assert!(frames.last().unwrap()["error"]["message"].as_str().unwrap().contains("50000 bytes"));
    fixture.mock.gate("a").aborted(2).await;
    let list = json_of(fixture.get("/api/runs").send().await.unwrap()).await;
    assert_eq!(list["runs"][0]["status"], "failed");
}

#[tokio::test]
async fn answers_that_are_kept_for_a_retry_are_forgotten_when_they_take_too_much() {
    for (kept, calls) in [(10_000_000, 1), (0, 2)] {
        let fixture = Fixture::with(agreeing(), |settings| settings.max_kept_bytes = kept).await;
        let ask = |key: &'static str| fixture.ask("a", json!({})).header("idempotency-key", key).send();
        json_of(ask("k1").await.unwrap()).await;
        json_of(ask("k2").await.unwrap()).await;
        json_of(ask("k1").await.unwrap()).await;
        assert_eq!(fixture.mock.log().len(), 1 + calls, "{kept} bytes");
    }
}
