//! What the tests of several files share: made-up runs, and writers that can be looked into.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use moa_core::{
    Agent, CallId, CallOutcome, CallStatus, Conversation, Event, EventKind, Failure, FailureKind,
    FinishReason, Layer, LayerIndex, LayerRole, Mixture, Progress, RunId, RunOutcome, Trace, Usage,
};

/// Bytes that are kept, shared by all clones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bytes(pub(crate) Rc<RefCell<Vec<u8>>>);

impl Bytes {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn id(layer: u32, agent: u32) -> CallId {
    CallId { layer: LayerIndex(layer), agent }
}

/// A run that is told step by step. Every step takes a tenth of a second.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) events: Vec<Event>,
}

impl Story {
    pub(crate) fn push(&mut self, kind: EventKind) -> &mut Self {
        let sequence = self.events.len() as u64;
        let at_ms = f64::from(u32::try_from(sequence).unwrap()) * 100.0;
        self.events.push(Event { run: RunId::nil(), sequence, at_ms, kind });
        self
    }

    /// A mixture of so many layers, the aggregator's included, of the named agents.
    pub(crate) fn start(&mut self, agents: &[&str], layers: usize) -> &mut Self {
        let layer = Layer::new(agents.iter().map(|name| Agent::new(*name, 64)).collect());
        let mixture =
            Mixture::new("local", vec![layer; layers - 1], Agent::new(agents[agents.len() - 1], 64));
        self.push(EventKind::RunStarted {
            mixture: Box::new(mixture),
            conversation: Conversation::ask("why?"),
            seed: 7,
            started_at_unix_ms: 0,
            max_cost_usd: None,
            unused_fields: serde_json::Map::new(),
            notes: Vec::new(),
        })
    }

    pub(crate) fn layer(&mut self, layer: u32, role: LayerRole, agents: &[&str]) -> &mut Self {
        self.push(EventKind::LayerStarted { layer: LayerIndex(layer), role });
        for (name, agent) in agents.iter().zip(1..) {
            self.push(EventKind::CallStarted {
                call: id(layer, agent),
                agent: (*name).to_owned(),
                model: (*name).to_owned(),
                endpoint: "local".to_owned(),
                key: None,
                task: moa_core::CallTask::Answer,
            });
        }
        self
    }

    pub(crate) fn progress(&mut self, call: CallId, progress: Progress) -> &mut Self {
        self.push(EventKind::CallProgress { call, progress })
    }

    pub(crate) fn says(&mut self, call: CallId, pieces: &[&str]) -> &mut Self {
        for piece in pieces {
            self.push(EventKind::CallDelta { call, text: (*piece).to_owned(), tokens: 1 });
        }
        self
    }

    /// The end of a call, with what it said so far.
    pub(crate) fn ends(&mut self, call: CallId, status: CallStatus, error: Option<&str>) -> &mut Self {
        let trace = self.trace();
        let known = trace.call(call).unwrap();
        let at_ms = f64::from(u32::try_from(self.events.len()).unwrap()) * 100.0;
        let outcome = CallOutcome {
            status,
            text: known.text.trim().to_owned(),
            reasoning: String::new(),
            tool_calls: Vec::new(),
            finish_reason: error.is_none().then_some(FinishReason::Stop),
            error: error.map(|message| Failure::new(FailureKind::ModelError, message)),
            usage: Usage { prompt_tokens: 20, completion_tokens: known.tokens, ..Usage::default() },
            certainty: None,
            first_token_ms: known.first_token_at_ms.map(|at_ms| at_ms - known.started_at_ms),
            wall_ms: at_ms - known.started_at_ms,
        };
        self.push(EventKind::CallFinished { call, outcome })
    }

    pub(crate) fn layer_ends(&mut self, layer: u32, kept: u32, lost: u32) -> &mut Self {
        self.push(EventKind::LayerFinished { layer: LayerIndex(layer), kept, lost, wall_ms: 1_500.0 })
    }

    pub(crate) fn run_ends(&mut self, answer: &str) -> &mut Self {
        let outcome = RunOutcome {
            answer: answer.to_owned(),
            tool_calls: Vec::new(),
            fallback: None,
            chosen: None,
            finish_reason: FinishReason::Stop,
            degraded: false,
            usage: Usage {
                prompt_tokens: 1_234,
                cached_tokens: 200,
                completion_tokens: 99,
                ..Usage::default()
            },
            first_token_ms: Some(2_500.0),
            wall_ms: 4_000.0,
        };
        self.push(EventKind::RunFinished { outcome })
    }

    pub(crate) fn trace(&self) -> Trace {
        Trace::of(&self.events)
    }
}

/// Two layers in which one answer is lost, and an answer in Markdown.
pub(crate) fn short_run() -> Story {
    const AGENTS: [&str; 2] = ["smollm2", "qwen2.5"];
    let mut story = Story::default();
    story
        .start(&AGENTS, 2)
        .layer(1, LayerRole::Proposers, &AGENTS)
        .says(id(1, 1), &["The sky ", "is blue ", "because of ", "Rayleigh."])
        .ends(id(1, 1), CallStatus::Ok, None)
        .says(id(1, 2), &["Half an"])
        .ends(id(1, 2), CallStatus::Failed, Some("the model ran out of memory"))
        .layer_ends(1, 1, 1)
        .layer(2, LayerRole::Aggregator, &AGENTS[1..])
        .says(id(2, 1), &["\n# Why\n\nBecause **light**", " is scattered.\n", "\nThe end.", "\n\n"])
        .ends(id(2, 1), CallStatus::Ok, None)
        .layer_ends(2, 1, 0)
        .run_ends("# Why\n\nBecause **light** is scattered.\n\nThe end.");
    story
}
