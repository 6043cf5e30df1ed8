//! Requests that are made again.

use moa_testkit::{Point, Rule};
use serde_json::{Value, json};

use crate::fixture::{Fixture, agreeing, json_of, refusal};

#[tokio::test]
async fn a_key_of_idempotency_gives_the_same_answer_and_asks_nobody_again() {
    let fixture = Fixture::new(agreeing()).await;
    let ask = |more: Value| fixture.ask("trio", more).header("idempotency-key", "k1").send();
    let first = json_of(ask(json!({})).await.unwrap()).await;
    let again = json_of(ask(json!({})).await.unwrap()).await;
    assert_eq!(first["id"], again["id"]);
    assert_eq!(first["choices"], again["choices"]);
    assert_eq!(fixture.mock.log().len(), 4);
    let (status, error) = refusal(ask(json!({"temperature": 0.5})).await.unwrap()).await;
    assert_eq!((status, &error["code"]), (400, &json!("idempotency_key_reused")));
    // Another key is another request, and so is none at all once the answer was delivered.
    fixture.ask("trio", json!({})).header("idempotency-key", "k2").send().await.unwrap();
    fixture.completion("trio", json!({})).await;
    fixture.completion("trio", json!({})).await;
    assert_eq!(fixture.mock.log().len(), 16);
}

#[tokio::test]
async fn a_request_whose_connection_broke_takes_what_was_answered_already() {
    let fixture = Fixture::new([
        Rule::model("z").answer("All agree.").hold(Point::BeforeHead).times(1),
        Rule::model("z").answer("All agree."),
        Rule::any().answer("It is so."),
    ])
    .await;
    let gate = fixture.mock.gate("z");
    tokio::select! {
        _ = fixture.ask("trio", json!({})).send() => panic!("nobody has answered"),
        () = gate.held(1) => {}
    }
    fixture.mock.gate("z").aborted(1).await;
    let completion = fixture.completion("trio", json!({})).await;
    assert_eq!(completion["choices"][0]["message"]["content"], "All agree.");
    let asked = |model: &str| fixture.mock.log().requests().of_model(model).len();
    assert_eq!(["a", "b", "c", "z"].map(asked), [1, 1, 1, 2]);
}

#[tokio::test]
async fn two_requests_of_one_key_at_the_same_time_share_a_run() {
    let fixture = Fixture::new([Rule::any().answer("It is so.").hold(Point::BeforeHead)]).await;
    let ask = || fixture.ask("a", json!({})).header("idempotency-key", "k").send();
    let both = async { tokio::join!(ask(), ask()) };
    let release = async {
        fixture.mock.all().held(1).await;
        fixture.mock.all().release();
    };
    let ((one, other), ()) = tokio::join!(both, release);
    let (one, other) = (json_of(one.unwrap()).await, json_of(other.unwrap()).await);
    assert_eq!(one["choices"], other["choices"]);
}
