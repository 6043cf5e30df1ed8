//! The spans of one run: of itself, of its layers, of its calls.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use moa_core::{
    Agent, CallId, CallOutcome, CallStatus, Event, EventKind, Failure, LayerIndex, Mixture, RunId,
    RunOutcome, Usage,
};
use opentelemetry::trace::{SpanBuilder, SpanKind, Status, TraceContextExt as _, Tracer as _};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SdkTracer;

use crate::attributes::{self as named, Word as _};
use crate::messages;

/// Reads the events of one run and makes spans of them. Dropped before the run's end, it ends what is open as interrupted.
#[derive(Debug)]
pub struct RunSpans {
    tracer: SdkTracer,
    with_content: bool,
    /// In whose span the run's is.
    parent: Context,
    open: Option<Open>,
}

/// A run that goes on.
#[derive(Debug)]
struct Open {
    started: SystemTime,
    /// When the last event was.
    now: SystemTime,
    mixture: Box<Mixture>,
    run: Context,
    layers: BTreeMap<LayerIndex, Context>,
    calls: BTreeMap<CallId, Context>,
}

impl RunSpans {
    pub(crate) fn new(tracer: SdkTracer, with_content: bool, parent: Context) -> Self {
        Self { tracer, with_content, parent, open: None }
    }

    /// Reads the next event. Never waits.
    pub fn see(&mut self, event: &Event) {
        if let EventKind::RunStarted { mixture, conversation, started_at_unix_ms, .. } = &event.kind {
            let started = SystemTime::UNIX_EPOCH + Duration::from_millis(*started_at_unix_ms);
            let mut open = Open::new(self.run_span(event.run, mixture, started), mixture, started);
            if self.with_content {
                open.tell(named::INPUT_MESSAGES, messages::input(conversation));
            }
            open.now = at(started, event.at_ms);
            self.open = Some(open);
            return;
        }
        let Some(open) = &mut self.open else { return };
        open.now = at(open.started, event.at_ms);
        open.see(&event.kind, &self.tracer, self.with_content);
        if event.kind.is_last() {
            self.open = None;
        }
    }
}

impl Drop for RunSpans {
    fn drop(&mut self) {
        let Some(open) = &mut self.open else { return };
        open.run.span().set_attribute(KeyValue::new(named::ERROR_TYPE, named::INTERRUPTED));
        open.run.span().set_status(Status::error(named::INTERRUPTED));
        open.end();
    }
}

impl RunSpans {
    fn run_span(&self, id: RunId, mixture: &Mixture, started: SystemTime) -> Context {
        let attributes = [
            KeyValue::new(named::OPERATION, named::INVOKE_WORKFLOW),
            KeyValue::new(named::WORKFLOW, mixture.name.clone()),
            KeyValue::new(named::RUN_ID, id.to_string()),
        ];
        let span = SpanBuilder::from_name(format!("{} {}", named::INVOKE_WORKFLOW, mixture.name))
            .with_kind(SpanKind::Internal)
            .with_start_time(started)
            .with_attributes(attributes);
        Context::new().with_span(self.tracer.build_with_context(span, &self.parent))
    }
}

impl Open {
    fn new(run: Context, mixture: &Mixture, started: SystemTime) -> Self {
        Self {
            started,
            now: started,
            mixture: Box::new(mixture.clone()),
            run,
            layers: BTreeMap::new(),
            calls: BTreeMap::new(),
        }
    }

    fn see(&mut self, kind: &EventKind, tracer: &SdkTracer, with_content: bool) {
        match kind {
            EventKind::LayerStarted { layer, role } => {
                let attributes = [
                    KeyValue::new(named::LAYER, i64::from(layer.0)),
                    KeyValue::new(named::ROLE, role.word()),
                ];
                let span = SpanBuilder::from_name(format!("layer {layer}"))
                    .with_kind(SpanKind::Internal)
                    .with_start_time(self.now)
                    .with_attributes(attributes);
                let span = tracer.build_with_context(span, &self.run);
                self.layers.insert(*layer, self.run.with_span(span));
            }
            EventKind::CallStarted { call, agent, model, endpoint, .. } => {
                self.start_call(*call, [agent, model, endpoint], tracer);
            }
            EventKind::CallRetried { call, retry } => {
                let attributes = vec![
                    KeyValue::new(named::ATTEMPT, i64::from(retry.attempt)),
                    KeyValue::new(named::ERROR_TYPE, retry.failure.kind.word()),
                ];
                self.note(*call, named::RETRIED, attributes);
            }
            EventKind::CallHedged { call } => self.note(*call, named::HEDGED, Vec::new()),
            EventKind::CallReused { call } => self.note(*call, named::REUSED, Vec::new()),
            EventKind::CallUpstream { call, upstream } => {
                let told = [
                    (named::RESPONSE_MODEL, &upstream.model),
                    (named::RESPONSE_ID, &upstream.request_id),
                    (named::REPLICA, &upstream.replica),
                ];
                let attributes =
                    told.into_iter().filter_map(|(name, value)| Some(KeyValue::new(name, value.clone()?)));
                if let Some(context) = self.calls.get(call) {
                    context.span().set_attributes(attributes);
                }
            }
            EventKind::CallFinished { call, outcome } => self.finish_call(*call, outcome, with_content),
            EventKind::LayerFinished { layer, kept, lost, .. } => {
                if let Some(context) = self.layers.remove(layer) {
                    let span = context.span();
                    span.set_attributes([
                        KeyValue::new(named::KEPT, i64::from(*kept)),
                        KeyValue::new(named::LOST, i64::from(*lost)),
                    ]);
                    if *kept == 0 {
                        span.set_status(Status::error("no answer"));
                    }
                    span.end_with_timestamp(self.now);
                }
            }
            EventKind::RunFinished { outcome } => self.finish(outcome, with_content),
            EventKind::RunFailed { failure, usage, .. } => {
                self.run.span().set_attributes(tokens(usage));
                fail(&self.run, failure, with_content);
                self.end();
            }
            EventKind::RunCancelled { usage, .. } => {
                self.run.span().set_attributes(tokens(usage));
                self.run.span().set_attribute(KeyValue::new(named::ERROR_TYPE, "cancelled"));
                self.end();
            }
            // Pieces of answers are nearly all events and leave no trace in spans.
            _ => {}
        }
    }

    fn start_call(&mut self, call: CallId, [agent, model, endpoint]: [&String; 3], tracer: &SdkTracer) {
        let mut attributes = vec![
            KeyValue::new(named::OPERATION, named::CHAT),
            KeyValue::new(named::PROVIDER, endpoint.clone()),
            KeyValue::new(named::REQUEST_MODEL, model.clone()),
            KeyValue::new(named::AGENT, agent.clone()),
            KeyValue::new(named::LAYER, i64::from(call.layer.0)),
        ];
        if let Some(agent) = agent_of(&self.mixture, call) {
            attributes.push(KeyValue::new(named::REQUEST_MAX_TOKENS, i64::from(agent.max_tokens)));
            attributes.push(KeyValue::new(named::REQUEST_TEMPERATURE, f64::from(agent.sampling.temperature)));
            attributes.extend(
                agent.sampling.top_p.map(|top_p| KeyValue::new(named::REQUEST_TOP_P, f64::from(top_p))),
            );
        }
        let span = SpanBuilder::from_name(format!("{} {model}", named::CHAT))
            .with_kind(SpanKind::Client)
            .with_start_time(self.now)
            .with_attributes(attributes);
        let parent = self.layers.get(&call.layer).unwrap_or(&self.run);
        let context = parent.with_span(tracer.build_with_context(span, parent));
        self.calls.insert(call, context);
    }

    fn finish_call(&mut self, call: CallId, outcome: &CallOutcome, with_content: bool) {
        let Some(context) = self.calls.remove(&call) else { return };
        let span = context.span();
        span.set_attributes(tokens(&outcome.usage));
        span.set_attribute(KeyValue::new(named::CALL_STATUS, outcome.status.word()));
        if let Some(reason) = outcome.finish_reason {
            span.set_attribute(KeyValue::new(named::FINISH_REASONS, list(reason.word())));
        }
        if let Some(milliseconds) = outcome.first_token_ms {
            span.set_attribute(KeyValue::new(named::FIRST_TOKEN, milliseconds));
        }
        if with_content {
            let reason = outcome.finish_reason.map(|reason| reason.word()).unwrap_or_default();
            let said = messages::output(&outcome.text, &outcome.tool_calls, &reason);
            span.set_attribute(KeyValue::new(named::OUTPUT_MESSAGES, said));
        }
        if let Some(failure) = outcome.error.as_ref().filter(|_| outcome.status != CallStatus::Ok) {
            fail(&context, failure, with_content);
        }
        span.end_with_timestamp(self.now);
    }

    fn finish(&mut self, outcome: &RunOutcome, with_content: bool) {
        let span = self.run.span();
        span.set_attributes(tokens(&outcome.usage));
        span.set_attribute(KeyValue::new(named::DEGRADED, outcome.degraded));
        span.set_attribute(KeyValue::new(named::FINISH_REASONS, list(outcome.finish_reason.word())));
        if let Some(milliseconds) = outcome.first_token_ms {
            span.set_attribute(KeyValue::new(named::FIRST_TOKEN, milliseconds));
        }
        if with_content {
            let said = messages::output(&outcome.answer, &outcome.tool_calls, &outcome.finish_reason.word());
            self.tell(named::OUTPUT_MESSAGES, said);
        }
        self.end();
    }

    fn tell(&self, name: &'static str, text: String) {
        self.run.span().set_attribute(KeyValue::new(name, text));
    }

    fn note(&self, call: CallId, what: &'static str, attributes: Vec<KeyValue>) {
        if let Some(context) = self.calls.get(&call) {
            context.span().add_event_with_timestamp(what, self.now, attributes);
        }
    }

    /// Ends the run's span, and those within it that have no end of their own.
    fn end(&mut self) {
        let inner = std::mem::take(&mut self.calls)
            .into_values()
            .chain(std::mem::take(&mut self.layers).into_values());
        for context in inner {
            context.span().set_status(Status::error(named::INTERRUPTED));
            context.span().end_with_timestamp(self.now);
        }
        self.run.span().end_with_timestamp(self.now);
    }
}

/// The agent that a call asks; those behind the aggregator are its stand-ins.
fn agent_of(mixture: &Mixture, call: CallId) -> Option<&Agent> {
    let layer = usize::try_from(call.layer.0).ok()?.checked_sub(1)?;
    let place = usize::try_from(call.agent).ok()?.checked_sub(1)?;
    match mixture.layers.get(layer) {
        Some(layer) => layer.agents.get(place),
        None if place == 0 => Some(&mixture.aggregator),
        None => mixture.fallback_aggregators.get(place - 1),
    }
}

fn at(started: SystemTime, milliseconds: f64) -> SystemTime {
    started + Duration::try_from_secs_f64(milliseconds / 1_000.0).unwrap_or_default()
}

fn tokens(usage: &Usage) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new(named::INPUT_TOKENS, i64::from(usage.prompt_tokens)),
        KeyValue::new(named::OUTPUT_TOKENS, i64::from(usage.completion_tokens)),
        KeyValue::new(named::CACHED_TOKENS, i64::from(usage.cached_tokens)),
    ];
    attributes.extend(usage.cost_usd.map(|cost| KeyValue::new(named::COST, cost)));
    attributes
}

/// Says what kind of thing went wrong. In other words only where content may be told: services quote prompts in their messages.
fn fail(context: &Context, failure: &Failure, with_content: bool) {
    let kind = failure.kind.word();
    context.span().set_attribute(KeyValue::new(named::ERROR_TYPE, kind.clone()));
    context.span().set_status(Status::error(if with_content { failure.message.clone() } else { kind }));
}

fn list(word: String) -> Value {
    Value::Array(Array::String(vec![StringValue::from(word)]))
}

#[cfg(test)]
#[path = "spans_tests.rs"]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]
mod tests;
