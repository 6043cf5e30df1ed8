//! One attempt: a request, and a second one where the first is late.

use std::pin::Pin;
use std::sync::Arc;

use async_stream::try_stream;
use futures::{Stream, StreamExt};
use moa_core::{ChatEvent, ChatRequest, Usage};
use tokio::time::Instant;

use crate::latency::FirstToken;
use crate::leg::{LegEvent, LegFailure, LegStream, Tried, Upstreams};
use crate::spending::Spending;
use crate::timed::pass;

/// What an attempt reports, until it is finished or fails.
pub(crate) type AttemptStream = Pin<Box<dyn Stream<Item = Result<ChatEvent, LegFailure>> + Send>>;

/// Makes an attempt.
///
/// A second request is made only when the first one was asked (not while it waits for limits), nothing of the answer came within the delay,
/// the budget has one left, and limits and circuit breakers let it through at once: a hedge never waits. The first one that answers wins, and
/// the other is dropped before its answer is passed on.
pub(crate) fn attempt(upstreams: &Arc<Upstreams>, request: ChatRequest, tried: &Tried) -> AttemptStream {
    let mut race = Race {
        first: Some(upstreams.ask(request.clone(), tried)),
        second: None,
        asked_at: None,
        hedge_at: None,
        held: Vec::new(),
        is_decided: false,
        spending: Spending::new(upstreams.pricing(), 2),
        upstreams: Arc::clone(upstreams),
        tried: tried.clone(),
        request,
    };
    try_stream! {
        let mut was_hedged = false;
        while let Some(step) = race.next().await {
            match step? {
                Step::Hedged => {
                    was_hedged = true;
                    yield ChatEvent::Hedged;
                }
                Step::Told(ChatEvent::Finished { finish_reason, usage }) if was_hedged => {
                    // What the other request consumed is known to nobody.
                    yield ChatEvent::Finished { finish_reason, usage: Usage { estimated: true, ..usage } };
                }
                Step::Told(event) => yield event,
            }
        }
    }
    .boxed()
}

/// What happens next in an attempt.
enum Step {
    Hedged,
    Told(ChatEvent),
}

/// The one or two requests of an attempt.
struct Race {
    upstreams: Arc<Upstreams>,
    request: ChatRequest,
    tried: Tried,
    first: Option<LegStream>,
    second: Option<LegStream>,
    /// When the first request was asked.
    asked_at: Option<Instant>,
    hedge_at: Option<Instant>,
    /// What the second request reported: told when it wins.
    held: Vec<ChatEvent>,
    /// Whether a request has begun to answer; it is the only one left then.
    is_decided: bool,
    spending: Spending,
}

/// The places of the requests in what they spend.
const FIRST: usize = 0;
const SECOND: usize = 1;

/// What an attempt waited for.
enum Next {
    First(Option<Result<LegEvent, LegFailure>>),
    Second(Option<Result<LegEvent, LegFailure>>),
    Clock,
}

impl Race {
    async fn next(&mut self) -> Option<Result<Step, LegFailure>> {
        loop {
            if self.is_decided && !self.held.is_empty() {
                return Some(Ok(Step::Told(self.held.remove(0))));
            }
            let next = tokio::select! {
                biased;
                next = next_of(&mut self.first) => Next::First(next),
                next = next_of(&mut self.second) => Next::Second(next),
                () = pass(self.hedge_at) => Next::Clock,
            };
            let step = match next {
                Next::First(Some(Ok(event))) => self.first_told(event),
                Next::Second(Some(Ok(event))) => self.second_told(event),
                Next::Clock => self.hedge(),
                Next::First(None) | Next::Second(None) => return None,
                Next::First(Some(Err(failure))) => {
                    self.first = None;
                    self.spending.close(FIRST);
                    self.failed(failure)
                }
                Next::Second(Some(Err(failure))) => {
                    self.second = None;
                    self.held.clear();
                    self.spending.close(SECOND);
                    self.failed(failure)
                }
            };
            if step.is_some() {
                return step;
            }
        }
    }

    fn first_told(&mut self, event: LegEvent) -> Option<Result<Step, LegFailure>> {
        match event {
            LegEvent::Asked => {
                let now = Instant::now();
                let upstreams = &self.upstreams;
                let delay = upstreams.endpoint.hedge_delay(upstreams.replicas[0].model.id());
                self.asked_at = Some(now);
                self.hedge_at = delay.and_then(|delay| now.checked_add(delay));
                None
            }
            LegEvent::Told(event) => {
                if decides(&event) {
                    self.decide();
                    self.second = None;
                    self.held.clear();
                }
                Some(Ok(Step::Told(self.spending.total(FIRST, event))))
            }
        }
    }

    fn second_told(&mut self, event: LegEvent) -> Option<Result<Step, LegFailure>> {
        let LegEvent::Told(event) = event else { return Some(Ok(Step::Hedged)) };
        let event = self.spending.total(SECOND, event);
        if self.is_decided || matches!(event, ChatEvent::Consumed(_)) {
            return Some(Ok(Step::Told(event)));
        }
        if decides(&event) {
            self.decide();
            if let (Some(_), Some(asked_at)) = (self.first.take(), self.asked_at) {
                self.upstreams.note_first_token(FirstToken::NotWithin(asked_at.elapsed()));
            }
        }
        // Progress of the one would contradict that of the other.
        if !matches!(event, ChatEvent::Progress(_)) {
            self.held.push(event);
        }
        None
    }

    fn decide(&mut self) {
        self.is_decided = true;
        self.hedge_at = None;
    }

    /// The first request is late.
    fn hedge(&mut self) -> Option<Result<Step, LegFailure>> {
        self.hedge_at = None;
        let (endpoint, now) = (&self.upstreams.endpoint, Instant::now());
        // Under a cap on the cost, money was set aside for one request.
        if self.request.pays_once || !endpoint.take_hedge(now) {
            return None;
        }
        let Some(second) = self.upstreams.ask_at_once(self.request.clone(), &self.tried) else {
            endpoint.give_back_hedge(now);
            return None;
        };
        self.second = Some(second);
        None
    }

    /// One request failed. The attempt has failed when no other is left, or when the other could not do better.
    fn failed(&mut self, failure: LegFailure) -> Option<Result<Step, LegFailure>> {
        self.hedge_at = None;
        let is_last = self.first.is_none() && self.second.is_none();
        if !is_last && failure.failure.is_retryable() {
            return None;
        }
        (self.first, self.second) = (None, None);
        Some(Err(failure))
    }
}

/// Whether the request that reports this has won.
fn decides(event: &ChatEvent) -> bool {
    event.is_content() || matches!(event, ChatEvent::Finished { .. })
}

/// The next event of a request; for ever where there is none.
async fn next_of(leg: &mut Option<LegStream>) -> Option<Result<LegEvent, LegFailure>> {
    match leg {
        Some(leg) => leg.next().await,
        None => std::future::pending().await,
    }
}
