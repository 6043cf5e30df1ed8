use std::sync::Arc;

use futures::FutureExt as _;
use moa_core::{Event, EventKind, RunId, Usage};

use super::Feed;

fn event(sequence: u64) -> Event {
    let kind = EventKind::RunCancelled { usage: Usage::default(), wall_ms: 0.0 };
    Event { run: RunId::nil(), sequence, at_ms: 0.0, kind }
}

#[tokio::test]
async fn a_reader_gets_every_event_once_wherever_it_begins_and_whenever_it_comes() {
    let feed = Arc::new(Feed::new());
    let mut early = feed.subscribe(0);
    assert!(early.next().now_or_never().is_none());
    for number in 0..3 {
        feed.push(event(number));
    }
    let mut late = feed.subscribe(1);
    feed.push(event(3));
    feed.close();
    for number in 0..4 {
        assert_eq!(early.next().await.unwrap().sequence, number);
    }
    for number in 1..4 {
        assert_eq!(late.next().await.unwrap().sequence, number);
    }
    assert!(early.next().await.is_none() && late.next().await.is_none());
    assert!(feed.subscribe(u64::MAX).next().await.is_none());
}
