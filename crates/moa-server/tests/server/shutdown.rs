//! The end of the server.

use std::time::Duration;

use moa_store::{RunFilter, RunStatus, Store};
use moa_testkit::{Point, Rule};
use serde_json::json;

use crate::fixture::{Fixture, frames, refusal};

fn held() -> [Rule; 1] {
    [Rule::any().answer("It is so.").hold(Point::BeforeChunk(2))]
}

#[tokio::test]
async fn a_run_may_end_while_new_ones_are_refused_and_the_store_has_it() {
    let fixture = Fixture::new(held()).await;
    let mut response = fixture.ask("a", json!({"stream": true})).send().await.unwrap();
    fixture.mock.all().held(1).await;
    fixture.stop.cancel();
    loop {
        let ready = fixture.get("/readyz").send().await.unwrap();
        if ready.status() == 503 {
            assert_eq!(refusal(ready).await.1["code"], "draining");
            break;
        }
    }
    let refused = fixture.ask("b", json!({})).send().await.unwrap();
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(refusal(refused).await.1["code"], "draining");
    fixture.mock.all().release();
    let mut text = String::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(frames(&text).1, "{text}");
    fixture.served.await.unwrap();
    let store = Store::open_read_only(fixture.folder.path().join("runs.sqlite3")).unwrap();
    let runs = store.list(&RunFilter::default()).unwrap();
    assert_eq!(runs.iter().map(|run| run.status).collect::<Vec<_>>(), [RunStatus::Finished]);
}

#[tokio::test]
async fn who_waits_for_a_place_is_told_at_once_that_the_server_ends() {
    let fixture = Fixture::with(held(), |settings| settings.max_runs = 1).await;
    let running = fixture.ask("a", json!({})).send();
    let waiting = async {
        fixture.mock.all().held(1).await;
        fixture.ask("b", json!({})).send().await.unwrap()
    };
    let end = async {
        fixture.mock.all().held(1).await;
        while !fixture
            .get("/metrics")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .contains("moa_requests_waiting 1\n")
        {}
        fixture.stop.cancel();
    };
    let first = async {
        let ((), refused) = tokio::join!(end, waiting);
        assert!(refused.headers().contains_key("retry-after"));
        assert_eq!(refusal(refused).await.1["code"], "draining");
        // Only now the one before it may end.
        fixture.mock.all().release();
    };
    let (running, ()) = tokio::join!(running, first);
    assert_eq!(running.unwrap().status(), 200);
}

#[tokio::test]
async fn a_run_that_does_not_end_in_time_is_cut_and_stored_as_interrupted() {
    let fixture = Fixture::with(held(), |settings| settings.drain = Duration::from_millis(10)).await;
    let response = fixture.ask("a", json!({"stream": true})).send().await.unwrap();
    fixture.mock.all().held(1).await;
    fixture.stop.cancel();
    let (frames, is_done) = frames(&response.text().await.unwrap());
    assert!(!is_done);
    assert_eq!(frames.last().unwrap()["error"]["code"], "draining");
    fixture.served.await.unwrap();
    fixture.mock.all().aborted(1).await;
    let store = Store::open_read_only(fixture.folder.path().join("runs.sqlite3")).unwrap();
    let runs = store.list(&RunFilter::default()).unwrap();
    assert_eq!(runs.iter().map(|run| run.status).collect::<Vec<_>>(), [RunStatus::Interrupted]);
}
