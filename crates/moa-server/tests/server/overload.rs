//! More than the server can take.

use moa_testkit::{Point, Rule};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::fixture::{Fixture, refusal};

#[tokio::test]
async fn beyond_the_queue_the_refusal_comes_at_once_and_those_before_are_served() {
    let fixture = Fixture::with([Rule::any().answer("It is so.").hold(Point::BeforeHead)], |settings| {
        settings.max_runs = 1;
        settings.max_queue = 1;
    })
    .await;
    let running = fixture.ask("a", json!({})).send();
    let queued = async {
        fixture.mock.gate("a").held(1).await;
        fixture.ask("b", json!({})).send().await
    };
    let refused = async {
        // Until the second one waits, which the server itself tells.
        fixture.mock.gate("a").held(1).await;
        loop {
            let metrics = fixture.get("/metrics").send().await.unwrap().text().await.unwrap();
            if metrics.contains("moa_requests_waiting 1") {
                break;
            }
        }
        let response = fixture.ask("c", json!({})).send().await.unwrap();
        assert!(response.headers().contains_key("retry-after"));
        let (status, error) = refusal(response).await;
        assert_eq!((status, &error["code"]), (429, &json!("overloaded")));
        // Nobody but the first was asked meanwhile.
        assert_eq!(fixture.mock.log().len(), 1);
        fixture.mock.all().release();
    };
    let (running, queued, ()) = tokio::join!(running, queued, refused);
    assert_eq!((running.unwrap().status().as_u16(), queued.unwrap().status().as_u16()), (200, 200));
    assert_eq!(fixture.mock.log().requests().max_in_flight(), 1);
}

#[tokio::test]
async fn one_who_leaves_the_queue_makes_room() {
    let fixture = Fixture::with([Rule::any().answer("It is so.").hold(Point::BeforeHead)], |settings| {
        settings.max_runs = 1;
        settings.max_queue = 1;
    })
    .await;
    let waiting = |count: u32| {
        let fixture = &fixture;
        async move {
            let line = format!("moa_requests_waiting {count}\n");
            while !fixture.get("/metrics").send().await.unwrap().text().await.unwrap().contains(&line) {}
        }
    };
    let running = fixture.ask("a", json!({})).send();
    let others = async {
        fixture.mock.gate("a").held(1).await;
        tokio::select! {
            _ = fixture.ask("b", json!({})).send() => panic!("there was no place"),
            () = waiting(1) => {}
        }
        waiting(0).await;
        // The queue has its place again while the first run still goes on.
        let mut later = std::pin::pin!(fixture.ask("c", json!({})).send());
        tokio::select! {
            refused = &mut later => {
                fixture.mock.all().release();
                return refused;
            }
            () = waiting(1) => fixture.mock.all().release(),
        }
        later.await
    };
    let (running, later) = tokio::join!(running, others);
    assert_eq!((running.unwrap().status().as_u16(), later.unwrap().status().as_u16()), (200, 200));
    assert!(fixture.mock.log().requests().of_model("b").is_empty());
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_given_up_and_delays_nobody() {
    let fixture = Fixture::with(
        [
            // More than the buffers of both ends of a connection hold, and never complete.
            Rule::model("a").lorem(60_000).hold(Point::BeforeEnd),
            Rule::any().answer("It is so."),
        ],
        |settings| settings.write_idle = std::time::Duration::from_millis(100),
    )
    .await;
    let body = json!({"model": "a", "stream": true, "max_tokens": 100_000, "messages": [{"role": "user", "content": "?"}]});
    let body = body.to_string();
    let address = fixture.url.strip_prefix("http://").unwrap();
    let mut slow = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    slow.write_all(body.as_bytes()).await.unwrap();
    // Others are served meanwhile.
    fixture.mock.gate("a").arrived(1).await;
    for _ in 0..5 {
        assert_eq!(fixture.completion("b", json!({})).await["choices"][0]["message"]["content"], "It is so.");
    }
    // With its reader the run is given up.
    fixture.mock.gate("a").aborted(1).await;
    drop(slow);
}
