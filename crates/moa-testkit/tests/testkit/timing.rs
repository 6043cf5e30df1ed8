//! Pauses, in virtual time: tokio's clock stands still but for them.

use std::time::Duration;

use moa_testkit::{Latency, Mock, Rule};
use tokio::time::Instant;

use crate::client::{chat, exchange, streamed};

const MS: Duration = Duration::from_millis(1);

async fn time_of(rule: Rule, body: &serde_json::Value) -> Duration {
    let mock = Mock::builder().rule(rule).start().await.unwrap();
    let start = Instant::now();
    exchange(&mock, body).await;
    start.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_reply_takes_as_long_as_its_parts() {
    let rule = Rule::any().answer("one two three").latency_ms(100).first_token_ms(50).pace_ms(7);
    assert_eq!(time_of(rule.clone(), &streamed("a", "x")).await, 164 * MS);
    // A reply that is not streamed takes as long as the stream.
    assert_eq!(time_of(rule.clone(), &chat("a", "x")).await, 164 * MS);
    // Tokens take their time however many a chunk holds.
    assert_eq!(time_of(rule.one_chunk(), &streamed("a", "x")).await, 164 * MS);
    assert_eq!(time_of(Rule::any().status(503).latency_ms(30), &chat("a", "x")).await, 30 * MS);
    assert_eq!(time_of(Rule::any().answer("one two"), &streamed("a", "x")).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_drip_waits_between_its_pieces() {
    let rule = |bytes| Rule::any().body("0123456789").drip(bytes, 5 * MS);
    // All but the last byte, which is written alone.
    assert_eq!(time_of(rule(4), &chat("a", "x")).await, 10 * MS);
    assert_eq!(time_of(rule(9), &chat("a", "x")).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn drawn_latencies_follow_the_seed() {
    let times = async |seed: u64| -> Vec<Duration> {
        let latency = Latency::uniform(100 * MS, 10_000 * MS);
        let mock =
            Mock::builder().seed(seed).rule(Rule::any().status(500).latency(latency)).start().await.unwrap();
        let mut times = Vec::new();
        for _ in 0..8 {
            let start = Instant::now();
            exchange(&mock, &chat("a", "x")).await;
            times.push(start.elapsed());
        }
        times
    };
    let first = times(1).await;
    assert_eq!(times(1).await, first);
    assert_ne!(times(2).await, first);
    assert!(first.iter().all(|time| (100 * MS..=10_001 * MS).contains(time)), "{first:?}");
    // An equal request that comes again does not take as long again.
    assert!(first.windows(2).all(|pair| pair[0] != pair[1]), "{first:?}");
}
