use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt as _, stream};

use super::{COMMENT, kept_alive};

#[tokio::test(start_paused = true)]
async fn a_silence_of_ninety_seconds_has_a_comment_at_least_every_ten() {
    let late = stream::once(async {
        tokio::time::sleep(Duration::from_secs(90)).await;
        Bytes::from_static(b"data: 1\n\n")
    });
    let start = tokio::time::Instant::now();
    let mut last = start;
    let mut comments = 0;
    let mut frames = std::pin::pin!(kept_alive(late, Duration::from_secs(8)));
    while let Some(frame) = frames.next().await {
        assert!(last.elapsed() <= Duration::from_secs(10));
        last = tokio::time::Instant::now();
        comments += usize::from(frame == COMMENT);
    }
    assert_eq!(comments, 11);
    assert_eq!(start.elapsed(), Duration::from_secs(90));
    assert!(!COMMENT.starts_with(b": ping"));
}
