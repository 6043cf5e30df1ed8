//! The log, and the questions that it answers.

use std::time::Duration;

use moa_testkit::{Keep, Mock, Outcome, Point, Rule, Stamp, StampIn};
use serde_json::Value;

use crate::client::{ask, chat, events, http, send, streamed};

#[tokio::test]
async fn a_request_is_kept_whole_but_for_its_key() {
    let mock = Mock::builder().rule(Rule::model("a").named("first").answer("x y z")).start().await.unwrap();
    let before = Stamp::now();
    let request = http().post(format!("{}/chat/completions?v=1", mock.base_url())).bearer_auth("sk-secret-1");
    let body = streamed("a", "prompt");
    request.header("x-id", "7").json(&body).send().await.unwrap().text().await.unwrap();
    mock.all().finished(1).await;
    let requests = mock.log().requests();
    let kept = &requests[0];
    assert_eq!((kept.model.as_str(), kept.rule, kept.rule_name.as_deref()), ("a", Some(0), Some("first")));
    assert_eq!((kept.method.as_str(), kept.path.as_str()), ("POST", "/v1/chat/completions?v=1"));
    assert_eq!(kept.header("x-id"), Some("7"));
    assert_eq!(kept.body, body);
    assert!(kept.authorization.is_present() && kept.authorization.is_bearer("sk-secret-1"));
    assert!(!kept.authorization.is_bearer("sk-secret-2"));
    assert!(!format!("{kept:?}{}", serde_json::to_string(kept).unwrap()).contains("sk-secret"));
    let end = kept.end.unwrap();
    let moments = [
        before,
        kept.started,
        kept.arrived,
        kept.first_byte.unwrap(),
        kept.chunks[0],
        kept.chunks[1],
        kept.chunks[2],
        end.at,
        Stamp::now(),
    ];
    assert!(moments.is_sorted(), "{moments:?}");
    assert_eq!((end.outcome, kept.status, kept.chunks_sent), (Outcome::Finished, 200, 3));
    assert_eq!((kept.prompt_tokens, kept.completion_tokens), (1, 3));
}

#[tokio::test]
async fn connections_are_used_again() {
    let mock = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let client = http();
    for stream in [false, true, false] {
        let body = if stream { streamed("a", "x") } else { chat("a", "x") };
        let url = format!("{}/chat/completions", mock.base_url());
        client.post(url).json(&body).send().await.unwrap().bytes().await.unwrap();
    }
    let places: Vec<(u64, u64)> =
        mock.log().requests().iter().map(|request| (request.connection, request.on_connection)).collect();
    assert_eq!(places, [(1, 1), (1, 2), (1, 3)]);
}

#[tokio::test]
async fn requests_in_flight_are_counted() {
    let mock = Mock::builder()
        .rule(Rule::model("a").hold(Point::BeforeHead))
        .rule(Rule::any())
        .start()
        .await
        .unwrap();
    let mut sockets = Vec::new();
    for index in 1..=3 {
        sockets.push(send(&mock, &chat("a", "x")).await);
        mock.gate("a").arrived(index).await;
    }
    let all_three = Stamp::now();
    sockets.pop();
    mock.gate("a").aborted(1).await;
    let two = Stamp::now();
    ask(&mock, &chat("b", "x")).await.bytes().await.unwrap();
    mock.gate("a").release();
    mock.all().idle().await;
    let requests = mock.log().requests();
    assert_eq!(requests.in_flight_at(all_three), 3);
    assert_eq!(requests.in_flight_at(two), 2);
    assert_eq!(requests.in_flight_at(Stamp::now()), 0);
    assert_eq!((requests.max_in_flight(), requests.of_model("b").max_in_flight()), (3, 1));
    assert_eq!(requests.ended(Outcome::Aborted).len(), 1);
}

#[tokio::test]
async fn windows_slide_over_arrivals() {
    let mock = Mock::builder().rule(Rule::any().answer("one two")).start().await.unwrap();
    for _ in 0..4 {
        ask(&mock, &chat("a", "three words here")).await.bytes().await.unwrap();
    }
    let mut requests: Vec<_> = mock.log().requests().into_iter().collect();
    for (request, millisecond) in requests.iter_mut().zip([0, 400, 999, 1400]) {
        request.arrived = Stamp::from_nanos(5_000_000_000).after(Duration::from_millis(millisecond));
    }
    let traffic: moa_testkit::Traffic = requests.into_iter().collect();
    assert_eq!(traffic.max_requests_within(Duration::from_secs(1)), 3);
    assert_eq!(traffic.max_requests_within(Duration::from_millis(1001)), 4 - 1);
    assert_eq!(traffic.max_requests_within(Duration::from_millis(1401)), 4);
    assert_eq!(traffic.max_requests_within(Duration::from_millis(400)), 1);
    assert_eq!(traffic.max_tokens_within(Duration::from_secs(1)), 15);
}

#[tokio::test]
async fn only_the_newest_requests_are_kept() {
    let keep = Keep { bodies: false, chunks: false, requests: 2 };
    let mock = Mock::builder().keep(keep).rule(Rule::any().answer("x")).start().await.unwrap();
    mock.log().follow();
    for model in ["a", "b", "c"] {
        ask(&mock, &streamed(model, "x")).await.bytes().await.unwrap();
    }
    mock.all().finished(3).await;
    let requests = mock.log().requests();
    let models: Vec<&str> = requests.iter().map(|request| request.model.as_str()).collect();
    assert_eq!((models, mock.log().len(), mock.log().forgotten()), (vec!["b", "c"], 3, 1));
    assert!(requests.iter().all(|request| request.body.is_null() && request.chunks.is_empty()));
    assert_eq!(mock.log().take_ended().len(), 3);
    assert_eq!(mock.log().take_ended().len(), 0);
}

#[tokio::test]
async fn chunks_tell_when_they_were_sent() {
    for stamp in [StampIn::Text, StampIn::Field] {
        let mock = Mock::builder().rule(Rule::any().answer("x y z").stamp(stamp)).start().await.unwrap();
        let text = ask(&mock, &streamed("a", "x")).await.text().await.unwrap();
        let told: Vec<u64> = events(&text)
            .iter()
            .filter_map(|event| match stamp {
                StampIn::Text => {
                    event["choices"][0]["delta"]["content"].as_str().filter(|text| !text.is_empty())
                }
                _ => event["mock_sent_ns"].as_str(),
            })
            .map(|digits| digits.trim().parse().unwrap())
            .collect();
        let logged: Vec<u64> = mock.log().requests()[0].chunks.iter().map(|stamp| stamp.as_nanos()).collect();
        assert_eq!(told, logged, "{stamp:?}");
        assert_eq!(told.len(), 3);
    }
    let plain = Mock::builder().rule(Rule::any().answer("@@@@@@@stamp@@@@@@@@")).start().await.unwrap();
    let body: Value = ask(&plain, &chat("a", "x")).await.json().await.unwrap();
    assert_eq!(body["choices"][0]["message"]["content"], "@@@@@@@stamp@@@@@@@@");
}
