//! One call: attempts, until one answers or no more are made.

use std::sync::Arc;

use async_stream::stream;
use futures::StreamExt;
use moa_core::{ChatEvent, ChatRequest, ChatStream, Failure, FailureKind, Retry};
use tokio::time::{Instant, sleep};

use crate::backoff::{Verdict, judge};
use crate::hedge::attempt;
use crate::jitter::Jitter;
use crate::leg::{LegFailure, Tried, Upstreams};
use crate::spending::Spending;

/// Makes a call. No attempt follows one that has told a piece of an answer, and none that the endpoint's budget has no room for.
pub(crate) fn call(upstreams: Arc<Upstreams>, request: ChatRequest) -> ChatStream {
    stream! {
        let endpoint = Arc::clone(&upstreams.endpoint);
        endpoint.note_call(Instant::now());
        let (jitter, tried) = (Jitter::of(&request), Tried::default());
        let mut spending = Spending::new(upstreams.pricing(), 1);
        let mut number = 1;
        loop {
            let mut has_told = false;
            let mut events = attempt(&upstreams, request.clone(), &tried);
            let failed = loop {
                match events.next().await {
                    Some(Ok(event)) => {
                        has_told |= event.is_content();
                        let is_last = matches!(event, ChatEvent::Finished { .. });
                        yield Ok(spending.total(0, event));
                        if is_last {
                            return;
                        }
                    }
                    Some(Err(failed)) => break failed,
                    None => break unfinished(),
                }
            };
            // The connection is closed before anything is waited for.
            drop(events);
            let LegFailure { failure, is_refusal } = failed;
            if has_told || is_refusal {
                yield Err(failure);
                return;
            }
            let may_have_cost = spending.close(0) || failure.kind.may_have_cost();
            if request.pays_once && may_have_cost && failure.is_retryable() {
                yield Err(with_note(failure, "not tried again, because it may have cost something and the cost of the run is capped"));
                return;
            }
            let wait = match judge(&endpoint.settings().retry, &failure, number, &jitter) {
                Verdict::RetryAfter(wait) if endpoint.take_retry(Instant::now()) => wait,
                Verdict::RetryAfter(_) => {
                    yield Err(with_note(failure, "not tried again, because too many calls to the endpoint are retries already"));
                    return;
                }
                Verdict::GiveUp(Some(note)) => {
                    yield Err(with_note(failure, &note));
                    return;
                }
                Verdict::GiveUp(None) => {
                    yield Err(failure);
                    return;
                }
            };
            yield Ok(ChatEvent::Retrying(Retry { attempt: number, failure, wait }));
            sleep(wait).await;
            number += 1;
        }
    }
    .boxed()
}

fn with_note(mut failure: Failure, note: &str) -> Failure {
    failure.message = format!("{} ({note})", failure.message);
    failure
}

fn unfinished() -> LegFailure {
    Failure::new(FailureKind::ConnectionLost, "the model stopped before its answer was complete").into()
}
