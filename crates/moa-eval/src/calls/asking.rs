//! Runs mixtures, asking models only for what is not known yet.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use futures::StreamExt as _;
use moa_core::{
    AnswerSource, CallId, CallOutcome, CallTrace, Conversation, EventKind, Failure, FailureKind, Mixture,
    Models, Progress, RunEnd, RunRequest, RunSeed, Trace, Usage,
};
use uuid::Uuid;

use super::book::{CallBook, KeptCall};
use super::clock::SharedClock;

/// Models behind the book that knows and keeps their answers. Whatever is asked through it is asked by the engine of `moa-core`, the only one
/// that there is: what is measured is what will run.
pub struct Calls {
    models: Models,
    book: Arc<CallBook>,
    clock: SharedClock,
}

impl Calls {
    /// Models, and the book that knows and keeps their answers.
    #[must_use]
    pub fn new(models: Models, book: &Arc<CallBook>) -> Self {
        let source: Arc<dyn AnswerSource> = Arc::clone(book) as Arc<dyn AnswerSource>;
        Self {
            models: moa_core::reusing(models, &source),
            book: Arc::clone(book),
            clock: SharedClock::default(),
        }
    }

    /// The models, behind the book.
    #[must_use]
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// The book.
    #[must_use]
    pub fn book(&self) -> &CallBook {
        &self.book
    }

    /// Runs a mixture to its end. Calls that are known are answered from the book, and stand in the trace with the figures of when they were
    /// asked; what was asked is kept, unless asking again may bring something else.
    ///
    /// # Errors
    /// Where an answer cannot be kept.
    ///
    /// # Cancel safety
    /// Dropping the future stops every model; what was answered is kept.
    pub async fn run(
        &self,
        mixture: &Mixture,
        conversation: &Conversation,
        seed: u64,
    ) -> Result<Trace, Failure> {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(since_1970.as_millis()).unwrap_or(0);
        let (mixture, conversation) = (mixture.clone(), conversation.clone());
        let request = RunRequest::new(Uuid::now_v7(), now, mixture, conversation, RunSeed::Given(seed));
        let mut events = pin!(moa_core::run(request, self.models.clone()));
        let (mut trace, mut flights) = (Trace::default(), BTreeMap::new());
        while let Some(event) = events.next().await {
            trace.apply(&event);
            match &event.kind {
                // Weights that are loaded and places that are waited for are nobody's answer.
                EventKind::CallProgress { call, progress: Progress::Loading { .. } | Progress::Queued } => {
                    flights.remove(call);
                }
                EventKind::CallProgress { call, progress: Progress::Prefill { .. } }
                | EventKind::CallDelta { call, .. }
                | EventKind::CallReasoning { call, .. } => {
                    flights.entry(*call).or_insert_with(|| self.clock.begin(Instant::now()));
                }
                EventKind::CallFinished { call, .. } => {
                    let machine_ms =
                        flights.remove(call).map_or(0.0, |flight| flight.share_ms(Instant::now()));
                    self.keep(&trace, *call, machine_ms)?;
                }
                _ => {}
            }
        }
        self.tell_as_asked(&mut trace);
        Ok(trace)
    }

    /// Keeps the answer to a call that somebody was asked for.
    fn keep(&self, trace: &Trace, call: CallId, machine_ms: f64) -> Result<(), Failure> {
        let Some(traced) = trace.call(call).filter(|call| !call.reused && is_settled(call)) else {
            return Ok(());
        };
        let (Some(key), Some(outcome)) = (&traced.key, &traced.outcome) else { return Ok(()) };
        let kept = KeptCall { model: traced.model.clone(), outcome: outcome.clone(), machine_ms };
        self.book.keep(key, kept).map_err(|error| {
            let failure = Failure::new(FailureKind::InvalidRequest, error.to_string());
            error.hint().map_or(failure.clone(), |hint| failure.with_hint(hint))
        })
    }

    /// Gives calls that were known the figures of when they were asked, and the run what they make of it: it is told what it takes, and not what
    /// of it was there already.
    fn tell_as_asked(&self, trace: &mut Trace) {
        let mut is_any_known = false;
        for call in trace.layers.iter_mut().flat_map(|layer| &mut layer.calls).filter(|call| call.reused) {
            if let Some(kept) = call.key.as_ref().and_then(|key| self.book.get(key)) {
                call.outcome = Some(kept.outcome);
                is_any_known = true;
            }
        }
        if !is_any_known {
            return;
        }
        let outcomes = |calls: &[CallTrace]| -> Vec<CallOutcome> {
            calls.iter().filter_map(|call| call.outcome.clone()).collect()
        };
        let (mut total, mut longest) = (Usage::default(), 0.0);
        for layer in &trace.layers {
            let mut slowest: f64 = 0.0;
            for outcome in outcomes(&layer.calls) {
                total += outcome.usage;
                slowest = slowest.max(outcome.wall_ms);
            }
            longest += slowest;
        }
        match &mut trace.end {
            Some(RunEnd::Finished(outcome)) => (outcome.usage, outcome.wall_ms) = (total, longest),
            Some(RunEnd::Failed { usage, wall_ms, .. } | RunEnd::Cancelled { usage, wall_ms }) => {
                (*usage, *wall_ms) = (total, longest);
            }
            None => {}
        }
    }
}

/// Whether asking again would bring the same.
pub(crate) fn is_settled(call: &CallTrace) -> bool {
    let Some(outcome) = &call.outcome else { return false };
    outcome.error.as_ref().is_none_or(|failure| {
        matches!(
            failure.kind,
            FailureKind::EmptyAnswer | FailureKind::ContentFiltered | FailureKind::ContextOverflow
        )
    })
}
