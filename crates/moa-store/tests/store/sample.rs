//! Runs to store.

use std::path::PathBuf;
use std::time::Duration;

use moa_core::{
    Agent, CallId, CallOutcome, CallStatus, ContentKey, Conversation, ConversationDigest, Event, EventKind,
    FinishReason, KeyedContent, Layer, LayerIndex, LayerRole, Mixture, RunId, RunOutcome, Sampling, Usage,
};
use moa_store::{Recorder, Store};
use tempfile::TempDir;

/// Long enough for any machine; only a broken store takes that long.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// A store in a folder of its own.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("data").join("runs.db")
    }

    pub(crate) fn open(&self) -> Store {
        Store::open(self.path()).unwrap()
    }
}

pub(crate) fn run_id(number: u128) -> RunId {
    RunId::from_u128(number)
}

/// What is asked with `prompt`, in the name that the engine gives it.
pub(crate) fn key(prompt: &str) -> ContentKey {
    ContentKey::of(&KeyedContent {
        model: "model",
        conversation: &ConversationDigest::of(&Conversation::ask(prompt)),
        sampling: &Sampling::default(),
        run_seed: None,
        sample: 0,
        max_tokens: 8,
        tools: None,
        response_format: None,
    })
}

/// A run under construction.
pub(crate) struct Script {
    run: RunId,
    pub(crate) events: Vec<Event>,
}

impl Script {
    pub(crate) fn start(run: RunId, preset: &str, prompt: &str, started_at_unix_ms: u64) -> Self {
        let layer = Layer::new(vec![Agent::new("small", 64), Agent::new("medium", 64)]);
        let mixture = Mixture::new(preset, vec![layer], Agent::new("large", 128));
        let mut script = Self { run, events: Vec::new() };
        script.push(EventKind::RunStarted {
            mixture: Box::new(mixture),
            conversation: Conversation::ask(prompt),
            seed: u64::MAX,
            started_at_unix_ms,
            max_cost_usd: None,
            unused_fields: serde_json::Map::new(),
            notes: Vec::new(),
        });
        script
    }

    #[expect(clippy::cast_precision_loss, reason = "a made-up time")]
    pub(crate) fn push(&mut self, kind: EventKind) -> &mut Self {
        let sequence = self.events.len() as u64;
        let at_ms = sequence as f64 / 3.0;
        self.events.push(Event { run: self.run, sequence, at_ms, kind });
        self
    }

    /// Both agents of the first layer answer at the same time, with `deltas` pieces altogether.
    pub(crate) fn propose(&mut self, deltas: u32) -> &mut Self {
        let layer = LayerIndex(1);
        self.push(EventKind::LayerStarted { layer, role: LayerRole::Proposers });
        for (agent, model) in [(1, "small"), (2, "medium")] {
            self.push(EventKind::CallStarted {
                call: CallId { layer, agent },
                agent: model.to_owned(),
                model: model.to_owned(),
                endpoint: "local".to_owned(),
                key: Some(key(&format!("{model} of {}", self.run))),
                task: moa_core::CallTask::Answer,
            });
        }
        let mut texts = [String::new(), String::new()];
        for delta in 0..deltas {
            let agent = 1 + delta % 2;
            let text = format!("{delta}é日 ");
            texts[(agent - 1) as usize].push_str(&text);
            self.push(EventKind::CallDelta { call: CallId { layer, agent }, text, tokens: 1 + delta % 3 });
        }
        for (agent, text) in (1..).zip(texts) {
            self.push(EventKind::CallFinished {
                call: CallId { layer, agent },
                outcome: outcome(text.trim()),
            });
        }
        self.push(EventKind::LayerFinished { layer, kept: 2, lost: 0, wall_ms: 12.5 })
    }

    pub(crate) fn finish(&mut self, answer: &str) -> &mut Self {
        self.push(EventKind::RunFinished {
            outcome: RunOutcome {
                answer: answer.to_owned(),
                tool_calls: Vec::new(),
                fallback: None,
                chosen: None,
                finish_reason: FinishReason::Stop,
                degraded: false,
                usage: Usage {
                    prompt_tokens: 90,
                    cached_tokens: 30,
                    completion_tokens: 17,
                    reasoning_tokens: 7,
                    estimated: true,
                    cost_usd: Some(0.25),
                },
                first_token_ms: Some(1.5),
                wall_ms: 99.75,
            },
        })
    }
}

pub(crate) fn outcome(text: &str) -> CallOutcome {
    CallOutcome {
        status: CallStatus::Ok,
        text: text.to_owned(),
        reasoning: String::new(),
        tool_calls: Vec::new(),
        finish_reason: Some(FinishReason::Length),
        error: None,
        usage: Usage { prompt_tokens: 10, cached_tokens: 4, completion_tokens: 3, ..Usage::default() },
        certainty: None,
        first_token_ms: Some(0.1),
        wall_ms: 0.1 + 0.2,
    }
}

/// A whole run that asks and answers.
pub(crate) fn whole_run(
    run: RunId,
    preset: &str,
    prompt: &str,
    answer: &str,
    started_at_unix_ms: u64,
) -> Vec<Event> {
    let mut script = Script::start(run, preset, prompt, started_at_unix_ms);
    script.propose(6).finish(answer);
    script.events
}

/// Records the events.
pub(crate) fn record_all(recorder: &Recorder, events: &[Event]) {
    for event in events {
        recorder.record(event);
    }
}

/// Records the events and waits until they are stored.
pub(crate) fn record(store: &Store, events: &[Event]) {
    let recorder = store.recorder().unwrap();
    record_all(&recorder, events);
    recorder.flush(PATIENCE).unwrap();
}
