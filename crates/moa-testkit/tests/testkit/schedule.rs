//! Phases: by time, by requests, by hand; and what becomes of connections in them.

use std::io::ErrorKind;
use std::time::Duration;

use moa_testkit::{Accept, Mock, Phase, Point, Rule};
use tokio::net::TcpStream;

use crate::client::{Ending, ask, chat, exchange, read_to_end, send, streamed};

async fn status(mock: &Mock) -> u16 {
    let (bytes, _) = exchange(mock, &chat("a", "x")).await;
    std::str::from_utf8(&bytes[9..12]).unwrap().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn phases_come_with_time_and_again() {
    let mock = Mock::builder()
        .phase(Phase::named("healthy"))
        .phase(Phase::named("failing").after(Duration::from_secs(10)))
        .phase(Phase::named("healthy again").after(Duration::from_secs(12)))
        .repeat_phases_every(Duration::from_secs(20))
        .rule(Rule::any().when_phase("failing").status(503))
        .rule(Rule::any().answer("x"))
        .start()
        .await
        .unwrap();
    let mut seen = Vec::new();
    for _ in 0..32 {
        seen.push(status(&mock).await);
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    let failing: Vec<usize> = (0..32).filter(|second| seen[*second] == 503).collect();
    assert_eq!(failing, [10, 11, 30, 31]);
    assert_eq!(mock.log().requests()[11].phase.as_deref(), Some("failing"));
}

#[tokio::test]
async fn phases_come_with_requests() {
    let mock = Mock::builder()
        .phase(Phase::named("failing").after_requests(2))
        .phase(Phase::named("healthy again").after_requests(4))
        .rule(Rule::any().when_phase("failing").status(503))
        .rule(Rule::any().answer("x"))
        .start()
        .await
        .unwrap();
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(status(&mock).await);
    }
    // The request that begins a phase is the first in it, and it has arrived by then.
    assert_eq!(seen, [200, 200, 503, 503, 200, 200]);
}

#[tokio::test]
async fn connections_fare_as_the_phase_says() {
    let mock = Mock::builder()
        .phase(Phase::named("up"))
        .phase(Phase::named("refusing").after(Duration::from_hours(1)).accept(Accept::Refuse))
        .phase(Phase::named("down").after(Duration::from_hours(1)).accept(Accept::Down))
        .phase(Phase::named("silent").after(Duration::from_hours(1)).accept(Accept::Silent))
        .phase(Phase::named("resetting").after(Duration::from_hours(1)).accept(Accept::Reset))
        .rule(Rule::any().answer("x").hold(Point::BeforeChunk(1)))
        .start()
        .await
        .unwrap();
    let mut flying = send(&mock, &streamed("a", "x")).await;
    mock.all().held(1).await;
    mock.enter_phase("refusing").await;
    assert_eq!(TcpStream::connect(mock.address()).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    // What is in flight goes on, until the process dies.
    assert_eq!(mock.all().counts().in_flight(), 1);
    mock.enter_phase("down").await;
    mock.kill_connections();
    assert_eq!(read_to_end(&mut flying).await.1, Ending::Reset);
    mock.enter_phase("silent").await;
    let connections = mock.connections();
    let mut silent = send(&mock, &chat("a", "x")).await;
    mock.connected(connections + 1).await;
    mock.enter_phase("resetting").await;
    let mut reset = TcpStream::connect(mock.address()).await.unwrap();
    assert_eq!(read_to_end(&mut reset).await, (Vec::new(), Ending::Reset));
    assert_eq!(mock.log().len(), 1);
    mock.follow_schedule().await;
    mock.all().release();
    assert_eq!(ask(&mock, &chat("a", "x")).await.status(), 200);
    mock.kill_connections();
    assert_eq!(read_to_end(&mut silent).await.0, b"");
}

#[tokio::test]
async fn going_down_resets_what_is_open() {
    let mock = Mock::builder()
        .phase(Phase::named("up"))
        .phase(Phase::named("down").after(Duration::from_hours(1)).accept(Accept::Down))
        .rule(Rule::any().silent())
        .start()
        .await
        .unwrap();
    let mut flying = send(&mock, &chat("a", "x")).await;
    mock.all().arrived(1).await;
    mock.enter_phase("down").await;
    assert_eq!(read_to_end(&mut flying).await, (Vec::new(), Ending::Reset));
    assert_eq!(TcpStream::connect(mock.address()).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn more_than_so_many_in_flight_are_refused() {
    let mock = Mock::builder()
        .rule(Rule::any().when_in_flight_above(2).status(429))
        .rule(Rule::any().answer("x").hold(Point::BeforeHead))
        .start()
        .await
        .unwrap();
    let _first = send(&mock, &chat("a", "x")).await;
    let _second = send(&mock, &chat("a", "x")).await;
    mock.all().held(2).await;
    assert_eq!(status(&mock).await, 429);
    mock.all().release_one();
    mock.gate("a").until(|counts| counts.finished == 2).await;
    mock.all().release();
    assert_eq!(status(&mock).await, 200);
}

#[tokio::test]
async fn a_mock_that_is_dropped_leaves_nothing_open() {
    let mock = Mock::builder().rule(Rule::any().silent()).start().await.unwrap();
    let address = mock.address();
    let mut socket = send(&mock, &chat("a", "x")).await;
    mock.all().arrived(1).await;
    mock.stop().await;
    assert_eq!(read_to_end(&mut socket).await.0, b"");
    assert_eq!(TcpStream::connect(address).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    let again = Mock::builder().port(address.port()).start().await.unwrap();
    let taken = Mock::builder().port(again.address().port()).start().await.unwrap_err();
    assert!(taken.hint().unwrap().contains("another"), "{taken}");
}
