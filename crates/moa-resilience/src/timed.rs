//! A model's stream under the time-outs of its stages.

use async_stream::try_stream;
use futures::{Stream, StreamExt};
use moa_core::{ChatEvent, ChatStream, Failure, FailureKind};
use tokio::time::{Instant, sleep_until};

use crate::settings::Timeouts;
use crate::stage_clock::StageClock;

/// `stream`, which fails when it keeps its reader waiting for too long, or ends before its answer is finished.
pub(crate) fn timed(
    mut stream: ChatStream,
    timeouts: Timeouts,
    whose: String,
) -> impl Stream<Item = Result<ChatEvent, Failure>> + Send {
    try_stream! {
        let mut clock = StageClock::new(timeouts, Instant::now());
        loop {
            let next = tokio::select! {
                biased;
                next = stream.next() => next.unwrap_or_else(|| Err(ended_early(&whose))),
                () = pass(clock.deadline()) => Err(clock.failure(&whose)),
            };
            let event = next?;
            let now = Instant::now();
            clock.note(&event, now);
            let is_last = matches!(event, ChatEvent::Finished { .. });
            yield event;
            if is_last {
                break;
            }
            clock.put_off(now.elapsed());
        }
    }
}

fn ended_early(whose: &str) -> Failure {
    Failure::new(FailureKind::ConnectionLost, format!("{whose} stopped before its answer was complete"))
}

/// Waits for `deadline`; for ever where there is none.
pub(crate) async fn pass(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
