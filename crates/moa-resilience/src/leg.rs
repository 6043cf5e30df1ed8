//! One request to one replica: admitted by the limits, let through by a circuit breaker, under time-outs.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use async_stream::try_stream;
use futures::{Stream, StreamExt};
use moa_core::{
    ChatEvent, ChatRequest, Failure, FailureKind, Pricing, Progress, RetryAdvice, Upstream, Usage,
};
use tokio::time::Instant;

use crate::endpoint::EndpointState;
use crate::latency::FirstToken;
use crate::limits::{Entered, Place};
use crate::model::Replica;
use crate::replicas::Lease;
use crate::timed::timed;

/// The replicas of one model, and the state of their endpoint.
#[derive(Clone)]
pub(crate) struct Upstreams {
    pub(crate) endpoint: Arc<EndpointState>,
    /// Never empty.
    pub(crate) replicas: Vec<Replica>,
    /// The replicas' numbers at the endpoint, in the same order.
    pub(crate) numbers: Vec<usize>,
}

/// What a request reports.
#[derive(Debug)]
pub(crate) enum LegEvent {
    /// The replica is being asked from now on; everything before was waiting.
    Asked,
    /// Something that the model reports.
    Told(ChatEvent),
}

/// Why a request came to nothing.
#[derive(Debug)]
pub(crate) struct LegFailure {
    pub(crate) failure: Failure,
    /// Whether the endpoint's limits sent the request away. The same limits would do so again, so that is the end of it.
    pub(crate) is_refusal: bool,
}

impl From<Failure> for LegFailure {
    fn from(failure: Failure) -> Self {
        Self { failure, is_refusal: false }
    }
}

/// What a request reports, until it is finished or fails.
pub(crate) type LegStream = Pin<Box<dyn Stream<Item = Result<LegEvent, LegFailure>> + Send>>;

/// The numbers of the replicas that one call has asked so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tried(Arc<Mutex<Vec<usize>>>);

impl Tried {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upstreams {
    /// Makes a request as soon as the limits admit it. One that no replica would take does not wait for them.
    pub(crate) fn ask(self: &Arc<Self>, request: ChatRequest, tried: &Tried) -> LegStream {
        let (upstreams, tried) = (Arc::clone(self), tried.clone());
        try_stream! {
            upstreams.check()?;
            let place = match upstreams.endpoint.limits.enter(&request) {
                Entered::Place(place) => place,
                Entered::Waiting(waiting) => {
                    yield LegEvent::Told(ChatEvent::Progress(Progress::Queued));
                    waiting.place().await
                }
                Entered::Full(after) => Err(upstreams.full(after))?,
                Entered::TooLarge { tokens, cap } => Err(upstreams.too_large(tokens, cap))?,
            };
            let mut answer = match upstreams.lease(&tried) {
                Ok(lease) => upstreams.answer(request, place, lease),
                Err(failure) => {
                    place.give_back();
                    Err(failure)?
                }
            };
            while let Some(event) = answer.next().await {
                yield event?;
            }
        }
        .boxed()
    }

    /// Makes a request if limits and circuit breakers let it through at once.
    pub(crate) fn ask_at_once(self: &Arc<Self>, request: ChatRequest, tried: &Tried) -> Option<LegStream> {
        let place = self.endpoint.limits.enter_at_once(&request)?;
        match self.lease(tried) {
            Ok(lease) => Some(self.answer(request, place, lease)),
            Err(_) => {
                place.give_back();
                None
            }
        }
    }

    /// Asks a replica and keeps account of how that goes.
    fn answer(self: &Arc<Self>, request: ChatRequest, mut place: Place, mut lease: Lease) -> LegStream {
        let upstreams = Arc::clone(self);
        try_stream! {
            let replica = upstreams.replica(&lease);
            let timeouts = upstreams.endpoint.settings().timeouts;
            let asked_at = Instant::now();
            let mut events = Box::pin(timed(replica.model.stream(request), timeouts, upstreams.name_of(replica)));
            let mut naming = Naming::of(&upstreams, replica);
            let mut is_answering = false;
            yield LegEvent::Asked;
            while let Some(event) = events.next().await {
                if let Err(failure) = &event {
                    lease.note_failure(failure, Instant::now());
                    if failure.kind == FailureKind::FirstTokenTimeout {
                        upstreams.note_first_token(FirstToken::NotWithin(asked_at.elapsed()));
                    }
                }
                let event = naming.complete(event?);
                if let ChatEvent::Finished { usage, .. } = &event {
                    lease.note_success();
                    if let Some(tokens) = told_tokens(usage) {
                        place.settle(tokens);
                    }
                } else if event.is_content() && !is_answering {
                    is_answering = true;
                    lease.note_answering();
                    upstreams.note_first_token(FirstToken::After(asked_at.elapsed()));
                    if let Some(upstream) = naming.untold.take() {
                        yield LegEvent::Told(ChatEvent::Upstream(upstream));
                    }
                }
                yield LegEvent::Told(event);
            }
        }
        .boxed()
    }

    /// What a request costs.
    pub(crate) fn pricing(&self) -> Pricing {
        self.replicas[0].model.pricing()
    }

    /// A first token came or was given up.
    pub(crate) fn note_first_token(&self, first_token: FirstToken) {
        self.endpoint.note_first_token(self.replicas[0].model.id(), first_token);
    }

    fn lease(&self, tried: &Tried) -> Result<Lease, Failure> {
        let now = Instant::now();
        let mut tried = tried.lock();
        let lease = self.endpoint.replicas.lease(&self.numbers, &tried, now);
        let lease = lease.map_err(|until| self.circuit_open(until, now))?;
        tried.push(lease.number());
        Ok(lease)
    }

    fn check(&self) -> Result<(), Failure> {
        let now = Instant::now();
        self.endpoint.replicas.check(&self.numbers, now).map_err(|until| self.circuit_open(until, now))
    }

    fn replica(&self, lease: &Lease) -> &Replica {
        let place = self.numbers.iter().position(|&number| number == lease.number());
        &self.replicas[place.unwrap_or_default()]
    }

    /// What messages call a replica.
    fn name_of(&self, replica: &Replica) -> String {
        match self.replicas.as_slice() {
            [_] => format!("endpoint '{}'", self.endpoint.name()),
            _ => format!("endpoint '{}' ({})", self.endpoint.name(), replica.name),
        }
    }

    fn circuit_open(&self, until: Instant, now: Instant) -> Failure {
        let after = until.saturating_duration_since(now);
        let message = format!(
            "endpoint '{}' failed too often of late and is left alone for another {:.1} s",
            self.endpoint.name(),
            after.as_secs_f64()
        );
        Failure::new(FailureKind::CircuitOpen, message)
            .with_advice(RetryAdvice { after: Some(after), should_retry: None })
    }

    fn full(&self, after: std::time::Duration) -> LegFailure {
        let message = format!(
            "{} requests wait for the limits of endpoint '{}' already, and no more may",
            self.endpoint.settings().limits.queue,
            self.endpoint.name()
        );
        let failure = Failure::new(FailureKind::RateLimited, message)
            .with_hint("send fewer requests, or raise the endpoint's limits or its queue")
            .with_advice(RetryAdvice { after: Some(after), should_retry: None });
        LegFailure { failure, is_refusal: true }
    }

    fn too_large(&self, tokens: u64, cap: u64) -> LegFailure {
        let message = format!(
            "the request may take about {tokens} tokens, and endpoint '{}' has {cap} in a minute",
            self.endpoint.name()
        );
        let failure = Failure::new(FailureKind::InvalidRequest, message)
            .with_hint("lower max-tokens, shorten the prompt, or raise the endpoint's tokens per minute");
        LegFailure { failure, is_refusal: true }
    }
}

/// What an answer came to in tokens; `None` where the endpoint said nothing of the kind.
fn told_tokens(usage: &Usage) -> Option<u64> {
    let tokens = u64::from(usage.prompt_tokens) + u64::from(usage.completion_tokens);
    (tokens > 0 && !usage.estimated).then_some(tokens)
}

/// Sees to it that the reader learns which of several replicas answers.
struct Naming {
    /// What has to be told, unless the model does.
    untold: Option<Upstream>,
}

impl Naming {
    fn of(upstreams: &Upstreams, replica: &Replica) -> Self {
        let several = upstreams.replicas.len() > 1;
        Self {
            untold: several.then(|| Upstream { replica: Some(replica.name.clone()), ..Upstream::default() }),
        }
    }

    /// The event with the replica's name, where it should have one and has none.
    fn complete(&mut self, event: ChatEvent) -> ChatEvent {
        match (event, self.untold.as_ref()) {
            (ChatEvent::Upstream(mut told), Some(ours)) => {
                told.replica = told.replica.or_else(|| ours.replica.clone());
                self.untold = None;
                ChatEvent::Upstream(told)
            }
            (event, _) => event,
        }
    }
}
