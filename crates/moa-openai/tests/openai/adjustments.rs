//! Fields that an endpoint turns out not to take.

use moa_core::{ChatModel as _, FailureKind};
use moa_testkit::{Mock, Rule};

use crate::asking::{ask, model, request, rest_of, settings};

fn refuses(field: &str, message: &str) -> String {
    format!(r#"{{"error": {{"message": "{message}", "param": "{field}", "code": "unsupported_parameter"}}}}"#)
}

#[tokio::test]
async fn the_other_spelling_of_max_tokens_is_tried_once_and_remembered() {
    let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    let mock = Mock::builder()
        .rule(Rule::any().number(1).status(400).body(refuses("max_tokens", message)))
        .rule(Rule::any().answer("x"))
        .start()
        .await
        .unwrap();
    let model = model(settings(&mock.base_url()));
    for _ in 0..2 {
        let outcome = ask(&model).await;
        assert_eq!((outcome.text().as_str(), outcome.warnings().len()), ("x", 0));
    }
    let requests = mock.log().requests();
    let spellings: Vec<bool> = (0..3).map(|at| requests[at].body.get("max_tokens").is_some()).collect();
    assert_eq!(spellings, [true, false, false]);
    assert_eq!(requests[2].body["max_completion_tokens"], 64);
}

#[tokio::test]
async fn a_refused_temperature_is_left_out_and_the_reader_is_told_each_time() {
    let message = "Unsupported value: 'temperature' does not support 0.7 with this model.";
    let mock = Mock::builder()
        .rule(Rule::any().number(1).status(400).body(refuses("temperature", message)))
        .rule(Rule::any().answer("x"))
        .start()
        .await
        .unwrap();
    let model = model(settings(&mock.base_url()));
    for _ in 0..2 {
        let outcome = ask(&model).await;
        assert_eq!(outcome.warnings(), ["the endpoint does not take temperature: left out"]);
    }
    assert_eq!(mock.log().len(), 3);
    assert!(mock.log().requests()[2].body.get("temperature").is_none());
}

#[tokio::test]
async fn an_endpoint_that_refuses_for_ever_is_not_asked_for_ever() {
    let message = "'max_tokens' is not supported, 'temperature' neither, nor 'seed', nor 'stream_options'";
    let mock =
        Mock::builder().rule(Rule::any().status(400).body(refuses("x", message))).start().await.unwrap();
    let model = model(settings(&mock.base_url()));
    let outcome = ask(&model).await;
    assert_eq!(outcome.failed().kind, FailureKind::InvalidRequest);
    // Once whole, then without one more field each time.
    assert_eq!(mock.log().len(), 5);
}

#[tokio::test]
async fn questions_that_ask_together_learn_the_same() {
    let message = "'temperature' is not supported";
    let mock = Mock::builder()
        .rule(Rule::any().numbers(1, 2).status(400).body(refuses("temperature", message)))
        .rule(Rule::any().answer("x"))
        .start()
        .await
        .unwrap();
    let model = model(settings(&mock.base_url()));
    let both =
        futures::future::join(rest_of(model.stream(request("Why?"))), rest_of(model.stream(request("Why?"))));
    let (one, two) = both.await;
    assert_eq!((one.text().as_str(), two.text().as_str()), ("x", "x"));
}
