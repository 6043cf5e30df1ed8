//! The load generator against the mock.

use std::time::Duration;

use moa_testkit::load::{Arrivals, Load, run};
use moa_testkit::{Mock, Rule, StampIn};

#[tokio::test]
async fn every_request_is_sent_and_told_of() {
    let mock = Mock::builder()
        .rule(Rule::any().every(4).status(503))
        .rule(Rule::any().when_stream(true).answer("one two three").stamp(StampIn::Field))
        .rule(Rule::any().answer("x"))
        .start()
        .await
        .unwrap();
    for stream in [false, true] {
        let load = Load {
            stream,
            arrivals: Arrivals::Constant,
            api_key: Some("sk-1".to_owned()),
            max_tokens: Some(100),
            ..Load::new(mock.base_url(), "m", 2_000.0, Duration::from_millis(20))
        };
        let report = run(load).await.unwrap();
        assert_eq!((report.sent, report.succeeded), (40, 30));
        assert_eq!(report.errors.iter().collect::<Vec<_>>(), [(&"status 503".to_owned(), &10)]);
        let (first_byte, end) = (report.first_byte.unwrap(), report.end.unwrap());
        assert!(
            first_byte.min > 0.0 && first_byte.p50 <= end.p50 && end.p50 <= end.p99 && end.p99 <= end.max
        );
        assert_eq!((end.count, report.lag.unwrap().count), (30, 40));
        // No request can be faster for the client than for the mock.
        let answered =
            mock.log().requests().only(|request| request.status == 200 && request.stream == stream);
        let longest = answered.iter().filter_map(moa_testkit::Request::duration).max().unwrap();
        assert!(end.max >= longest.as_secs_f64() * 998_000.0, "{} {longest:?}", end.max);
        // Each token was stamped by the mock.
        assert_eq!(report.forwarding.map(|forwarding| forwarding.count), stream.then_some(90));
        let text = report.to_string();
        assert!(text.contains("30 succeeded, 10 failed") && text.contains("10 x status 503"), "{text}");
    }
    let requests = mock.log().requests();
    assert_eq!(requests.len(), 80);
    assert!(requests.iter().all(|request| request.authorization.is_bearer("sk-1")));
}

#[tokio::test]
async fn a_moment_that_is_told_in_the_text_survives_a_server_between() {
    let mock = Mock::builder()
        .rule(Rule::any().answer("one two three").stamp(StampIn::Text).drip(7, Duration::ZERO))
        .start()
        .await
        .unwrap();
    let load = Load { stream: true, ..Load::new(mock.base_url(), "m", 1_000.0, Duration::from_millis(10)) };
    let report = run(load).await.unwrap();
    assert_eq!((report.succeeded, report.forwarding.map(|forwarding| forwarding.count)), (10, Some(30)));
}

#[tokio::test]
async fn a_server_that_is_slow_does_not_hold_up_the_load() {
    // With a closed loop or one connection, the first request would keep the others from being sent.
    let mock = Mock::builder()
        .rule(Rule::any().answer("x").hold(moa_testkit::Point::BeforeHead))
        .start()
        .await
        .unwrap();
    let load = Load::new(mock.base_url(), "m", 1_000.0, Duration::from_millis(20));
    let all_wait = async {
        mock.all().held(20).await;
        mock.all().release();
    };
    let (report, ()) = tokio::join!(run(load), all_wait);
    assert_eq!(report.unwrap().succeeded, 20);
    assert_eq!(mock.log().requests().max_in_flight(), 20);
}

#[tokio::test]
async fn failures_are_counted_by_kind() {
    let mock = Mock::builder()
        .rule(Rule::any().number(1).reset_after_bytes(0))
        .rule(Rule::any().silent())
        .start()
        .await
        .unwrap();
    let load =
        |timeout| Load { timeout, ..Load::new(mock.base_url(), "m", 1_000.0, Duration::from_millis(2)) };
    let report = run(load(Duration::from_millis(50))).await.unwrap();
    assert_eq!((report.sent, report.succeeded, report.errors.values().sum::<u64>()), (2, 0, 2));
    assert_eq!(report.errors["time-out"], 1);
    mock.refuse().await;
    let report = run(load(Duration::from_secs(10))).await.unwrap();
    let (kind, count) = report.errors.iter().next().unwrap();
    assert!(kind.starts_with("connect: Connection refused") && *count == 2, "{kind}");
    let nothing = run(Load::new(mock.base_url(), "m", 0.0, Duration::from_secs(1))).await.unwrap_err();
    assert!(nothing.to_string().contains("no load"));
}
