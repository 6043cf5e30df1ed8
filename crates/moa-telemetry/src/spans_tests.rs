use moa_core::{Conversation, FailureKind, FinishReason, Layer, LayerRole, Retry, TraceContext};
use opentelemetry::trace::{SpanId, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};

use super::*;

const QUESTION: &str = "Where did I leave my umbrella?";

/// What becomes of the events of a run, each a millisecond after the one before.
struct Stage {
    exporter: InMemorySpanExporter,
    provider: SdkTracerProvider,
    spans: RunSpans,
    sequence: u32,
}

impl Stage {
    fn new(with_content: bool) -> Self {
        Self::within(with_content, Context::new())
    }

    fn within(with_content: bool, parent: Context) -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let spans = RunSpans::new(provider.tracer("test"), with_content, parent);
        let mut stage = Self { exporter, provider, spans, sequence: 0 };
        let proposers = Layer::new(vec![Agent::new("a", 64), Agent::new("b", 32)]);
        stage.see([EventKind::RunStarted {
            mixture: Box::new(Mixture::new("duo", vec![proposers], Agent::new("z", 128))),
            conversation: Conversation::ask(QUESTION),
            seed: 1,
            started_at_unix_ms: 1_000_000,
            max_cost_usd: None,
            unused_fields: serde_json::Map::new(),
            notes: Vec::new(),
        }]);
        stage
    }

    fn see<const N: usize>(&mut self, kinds: [EventKind; N]) {
        for kind in kinds {
            let event = Event {
                run: RunId::from_u128(7),
                sequence: u64::from(self.sequence),
                at_ms: f64::from(self.sequence),
                kind,
            };
            self.spans.see(&event);
            self.sequence += 1;
        }
    }

    /// The spans, once nobody reads on.
    fn finish(self) -> Vec<SpanData> {
        drop(self.spans);
        self.provider.force_flush().unwrap();
        self.exporter.get_finished_spans().unwrap()
    }
}

fn id(layer: u32, agent: u32) -> CallId {
    CallId { layer: LayerIndex(layer), agent }
}

fn layer_started(layer: u32, role: LayerRole) -> EventKind {
    EventKind::LayerStarted { layer: LayerIndex(layer), role }
}

fn layer_finished(layer: u32, kept: u32, lost: u32) -> EventKind {
    EventKind::LayerFinished { layer: LayerIndex(layer), kept, lost, wall_ms: 1.0 }
}

fn started(call: CallId, model: &str) -> EventKind {
    let (model, agent) = (model.to_owned(), format!("agent {model}"));
    let task = moa_core::CallTask::Answer;
    EventKind::CallStarted { call, agent, model, endpoint: "mock".to_owned(), key: None, task }
}

fn finished(call: CallId, error: Option<Failure>) -> EventKind {
    let outcome = CallOutcome {
        status: if error.is_some() { CallStatus::Failed } else { CallStatus::Ok },
        text: if error.is_some() { String::new() } else { "In the hall.".to_owned() },
        reasoning: String::new(),
        tool_calls: Vec::new(),
        finish_reason: error.is_none().then_some(FinishReason::Stop),
        error,
        usage: Usage { prompt_tokens: 9, cached_tokens: 4, completion_tokens: 3, ..Usage::default() },
        certainty: None,
        first_token_ms: Some(4.0),
        wall_ms: 10.0,
    };
    EventKind::CallFinished { call, outcome }
}

fn answered() -> EventKind {
    EventKind::RunFinished {
        outcome: RunOutcome {
            answer: "In the hall.".to_owned(),
            finish_reason: FinishReason::Stop,
            tool_calls: Vec::new(),
            degraded: true,
            fallback: None,
            chosen: None,
            usage: Usage { prompt_tokens: 27, completion_tokens: 9, cost_usd: Some(0.5), ..Usage::default() },
            first_token_ms: Some(4.0),
            wall_ms: 10.0,
        },
    }
}

/// A failure in whose message a service has quoted the question.
fn quoting() -> Failure {
    Failure::new(FailureKind::RateLimited, format!("refused: {QUESTION}"))
}

fn whole_run(stage: &mut Stage) {
    stage.see([
        layer_started(1, LayerRole::Proposers),
        started(id(1, 1), "a"),
        started(id(1, 2), "b"),
        EventKind::CallRetried {
            call: id(1, 1),
            retry: Retry { attempt: 1, failure: quoting(), wait: Duration::from_millis(5) },
        },
        EventKind::CallDelta { call: id(1, 1), text: "In".to_owned(), tokens: 1 },
        finished(id(1, 1), None),
        finished(id(1, 2), Some(quoting())),
        layer_finished(1, 1, 1),
        layer_started(2, LayerRole::Aggregator),
        started(id(2, 1), "z"),
        finished(id(2, 1), None),
        layer_finished(2, 1, 0),
        answered(),
    ]);
}

fn named<'a>(spans: &'a [SpanData], name: &str) -> &'a SpanData {
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no span {name} in {spans:?}"))
}

fn value(span: &SpanData, name: &str) -> String {
    let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == name);
    found.map(|attribute| attribute.value.to_string()).unwrap_or_default()
}

#[test]
fn a_run_its_layers_and_its_calls_are_spans_within_each_other() {
    let mut stage = Stage::new(false);
    whole_run(&mut stage);
    let spans = stage.finish();
    let run = named(&spans, "invoke_workflow duo");
    let layers = [named(&spans, "layer 1"), named(&spans, "layer 2")];
    let calls = [named(&spans, "chat a"), named(&spans, "chat b"), named(&spans, "chat z")];
    assert_eq!(spans.len(), 6);
    assert_eq!(run.parent_span_id, SpanId::INVALID);
    let within = |inner: &SpanData, outer: &SpanData| {
        inner.parent_span_id == outer.span_context.span_id()
            && inner.span_context.trace_id() == outer.span_context.trace_id()
            && outer.start_time <= inner.start_time
            && inner.end_time <= outer.end_time
    };
    assert!(layers.iter().all(|layer| within(layer, run)));
    assert!(within(calls[0], layers[0]) && within(calls[1], layers[0]) && within(calls[2], layers[1]));
    assert_eq!(calls[0].span_kind, SpanKind::Client);

    let told = |names: &[(&str, &str)], span: &SpanData| {
        for (name, wanted) in names {
            assert_eq!(value(span, name), *wanted, "{name} of {}", span.name);
        }
    };
    told(
        &[
            ("gen_ai.operation.name", "invoke_workflow"),
            ("gen_ai.workflow.name", "duo"),
            ("gen_ai.usage.input_tokens", "27"),
            ("moa.usage.cost_usd", "0.5"),
            ("moa.run.degraded", "true"),
            ("moa.run.id", "00000000-0000-0000-0000-000000000007"),
        ],
        run,
    );
    told(&[("moa.layer.index", "1"), ("moa.layer.role", "proposers"), ("moa.layer.lost", "1")], layers[0]);
    told(
        &[
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.provider.name", "mock"),
            ("gen_ai.request.model", "a"),
            ("gen_ai.request.max_tokens", "64"),
            ("gen_ai.agent.name", "agent a"),
            ("gen_ai.usage.output_tokens", "3"),
            ("gen_ai.usage.cache_read.input_tokens", "4"),
            ("gen_ai.response.finish_reasons", "[\"stop\"]"),
        ],
        calls[0],
    );
    assert_eq!(calls[0].events.events[0].name, "moa.call.retried");
    assert_eq!(value(calls[1], "error.type"), "rate_limited");
    assert!(matches!(calls[1].status, Status::Error { .. }) && calls[0].status == Status::Unset);
}

#[test]
fn a_run_is_within_the_span_that_its_request_names() {
    let spans = |traceparent: &str| {
        let told = TraceContext {
            traceparent: traceparent.to_owned(),
            tracestate: Some("rojo=00f067aa0ba902b7".to_owned()),
        };
        let mut stage = Stage::within(false, crate::caller::context(&told));
        whole_run(&mut stage);
        stage.finish()
    };
    let sampled = spans("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let run = named(&sampled, "invoke_workflow duo");
    assert_eq!(run.parent_span_id.to_string(), "b7ad6b7169203331");
    assert_eq!(run.span_context.trace_state().header(), "rojo=00f067aa0ba902b7");
    for span in &sampled {
        assert_eq!(span.span_context.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
    }
    // Its client decided that nobody looks at this one.
    assert!(spans("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00").is_empty());
    for odd in ["", "00", "00-0-0-01", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "\u{fffd}"]
    {
        let alone = spans(odd);
        assert_eq!(named(&alone, "invoke_workflow duo").parent_span_id, SpanId::INVALID, "{odd:?}");
    }
}

#[test]
fn what_was_said_is_told_only_where_it_was_asked_for() {
    for with_content in [false, true] {
        let mut stage = Stage::new(with_content);
        whole_run(&mut stage);
        let all = format!("{:?}", stage.finish());
        assert_eq!(all.contains("umbrella"), with_content);
        assert_eq!(all.contains("In the hall"), with_content);
    }
}

#[test]
fn a_run_that_just_ends_leaves_no_span_open() {
    let mut stage = Stage::new(false);
    stage.see([layer_started(1, LayerRole::Proposers), started(id(1, 1), "a")]);
    let spans = stage.finish();
    assert_eq!(spans.len(), 3);
    for name in ["invoke_workflow duo", "layer 1", "chat a"] {
        assert_eq!(named(&spans, name).status, Status::error("interrupted"), "{name}");
    }
}

#[test]
fn a_run_that_fails_says_what_kind_of_failure_it_was() {
    let mut stage = Stage::new(false);
    stage.see([
        layer_started(1, LayerRole::Proposers),
        layer_finished(1, 0, 2),
        EventKind::RunFailed {
            failure: Failure::new(FailureKind::TooFewProposals, QUESTION),
            usage: Usage::default(),
            wall_ms: 1.0,
        },
    ]);
    let spans = stage.finish();
    let run = named(&spans, "invoke_workflow duo");
    assert_eq!(value(run, "error.type"), "too_few_proposals");
    assert_eq!(run.status, Status::error("too_few_proposals"));
    assert_eq!(named(&spans, "layer 1").status, Status::error("no answer"));
}
