//! Clients that leave.

use moa_config::OnDisconnect;
use moa_testkit::{Outcome, Point, Rule};
use serde_json::json;

use crate::fixture::{Fixture, json_of};

fn held() -> [Rule; 1] {
    [Rule::any().answer("It is so.").hold(Point::BeforeChunk(2))]
}

#[tokio::test]
async fn a_client_that_leaves_closes_every_connection_of_its_run() {
    for stream in [true, false] {
        let fixture = Fixture::new(held()).await;
        let request = fixture.ask("trio", json!({"stream": stream})).send();
        let gate = fixture.mock.all();
        tokio::select! {
            _ = request => panic!("nobody has answered"),
            () = gate.held(3) => {}
        }
        // The request is gone with its connection.
        fixture.mock.all().aborted(3).await;
        assert_eq!(fixture.mock.log().requests().ended(Outcome::Aborted).len(), 3);
        // The aggregator was never asked.
        assert_eq!(fixture.mock.log().len(), 3);
    }
}

#[tokio::test]
async fn a_client_that_leaves_during_the_answer_stops_the_aggregator() {
    let fixture = Fixture::new([
        Rule::model("z").answer("one two three").hold(Point::BeforeChunk(2)),
        Rule::any().answer("x"),
    ])
    .await;
    let mut response = fixture.ask("trio", json!({"stream": true})).send().await.unwrap();
    while !String::from_utf8_lossy(&response.chunk().await.unwrap().unwrap()).contains("one") {}
    drop(response);
    fixture.mock.gate("z").aborted(1).await;
    // What was done is kept, and marked.
    let runs = json_of(fixture.get("/api/runs").send().await.unwrap()).await;
    let run = runs["runs"][0]["run"].as_str().unwrap().to_owned();
    let document = fixture.ended(&run).await;
    assert_eq!(document["error"]["kind"], "cancelled");
    assert_eq!(document["layers"][0]["responses"][0]["status"], "ok");
}

#[tokio::test]
async fn a_run_is_finished_for_nobody_where_the_operator_wants_it() {
    let fixture = Fixture::with(held(), |settings| settings.on_disconnect = OnDisconnect::Finish).await;
    let gate = fixture.mock.all();
    tokio::select! {
        _ = fixture.ask("trio", json!({})).send() => panic!("nobody has answered"),
        () = gate.held(3) => {}
    }
    fixture.mock.all().release();
    fixture.mock.all().finished(4).await;
    let runs = json_of(fixture.get("/api/runs").send().await.unwrap()).await;
    let document = fixture.ended(runs["runs"][0]["run"].as_str().unwrap()).await;
    assert_eq!(document["answer"], "It is so.");
}
