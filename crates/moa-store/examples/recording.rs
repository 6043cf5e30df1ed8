//! Measures what recording costs the thread that runs a mixture, and how long it takes to find an answer again:
//!
//! ```text
//! cargo run --release --package moa-store --example recording
//! ```
//!
//! Each event is timed alone, the clock's own cost included (printed first). The disk is that of the temporary folder; set TMPDIR
//! to measure another one.

use std::hint::black_box;
use std::time::{Duration, Instant};

use moa_core::{
    Agent, CallId, CallOutcome, CallStatus, ContentKey, Conversation, ConversationDigest, Event, EventKind,
    FinishReason, KeyedContent, Layer, LayerIndex, Mixture, RunId, Sampling, Usage,
};
use moa_store::{Recorder, Store};
use rusqlite::Connection;

const DELTAS: u64 = 200_000;
const DELTAS_PER_CALL: u64 = 400;
const ANSWERS: u64 = 100_000;
const LOOK_UPS: u64 = 5_000;
const PATIENCE: Duration = Duration::from_mins(5);

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    report("the clock alone", &mut times(DELTAS, |_| ()));

    let store = Store::open(folder.path().join("idle.db"))?;
    record_run(&store, "disk idle")?;

    let path = folder.path().join("stalled.db");
    let store = Store::open(&path)?;
    let other = Connection::open(&path)?;
    other.execute_batch("BEGIN EXCLUSIVE")?;
    record_run(&store, "writer stalled")?;
    other.execute_batch("COMMIT")?;

    let store = Store::open(folder.path().join("answers.db"))?;
    find_answers(&store)
}

/// Records a long run and reports what each kind of event cost.
fn record_run(store: &Store, what: &str) -> Result<(), Failure> {
    let recorder = store.recorder()?;
    let run = RunId::from_u128(1);
    recorder.record(&start(run));
    let mut sequence = 1;
    let mut next = |kind| {
        let event = Event { run, sequence, at_ms: 1.0, kind };
        sequence += 1;
        event
    };
    let (mut deltas, mut ends) = (Vec::new(), Vec::new());
    for number in 0..DELTAS / DELTAS_PER_CALL {
        recorder.record(&next(asked(number)));
        for _ in 0..DELTAS_PER_CALL {
            let event = next(EventKind::CallDelta { call: CALL, text: "token ".to_owned(), tokens: 1 });
            deltas.push(time(&recorder, &event));
        }
        let event = next(answered());
        ends.push(time(&recorder, &event));
    }
    report(&format!("{what}: a piece of an answer"), &mut deltas);
    report(&format!("{what}: the end of a call (2 KB)"), &mut ends);
    let health = recorder.health();
    say(&format!("{what}: {} bytes wait, {} events lost", health.waiting_bytes, health.lost_events));
    Ok(())
}

/// Stores many answers and finds some of them again.
fn find_answers(store: &Store) -> Result<(), Failure> {
    let recorder = store.recorder()?;
    let run = RunId::from_u128(2);
    let begun = Instant::now();
    recorder.record(&start(run));
    for number in 0..ANSWERS {
        let event = |offset, kind| Event { run, sequence: 1 + 2 * number + offset, at_ms: 1.0, kind };
        recorder.record(&event(0, asked(number)));
        recorder.record(&event(1, answered()));
        // The queue is bounded; nobody asks this fast.
        if number % 1_000 == 0 {
            recorder.flush(PATIENCE)?;
        }
    }
    recorder.flush(PATIENCE)?;
    say(&format!("{ANSWERS} answers of 2 KB stored in {:.1} s", begun.elapsed().as_secs_f64()));
    let mut misses = 0;
    let mut found = times(LOOK_UPS, |turn| {
        // A step that shares no factor with the count goes through all of it in no order.
        let key = key(turn * 61_803 % ANSWERS);
        misses += u64::from(!matches!(store.answer(&key), Ok(Some(_))));
    });
    report(&format!("an answer among {ANSWERS} (naming it included)"), &mut found);
    let mut missing = times(LOOK_UPS, |turn| drop(black_box(store.answer(&key(ANSWERS + turn)))));
    report("an answer that is not there", &mut missing);
    say(&format!("{misses} answers were not found"));
    Ok(())
}

const CALL: CallId = CallId { layer: LayerIndex(1), agent: 1 };

fn start(run: RunId) -> Event {
    let layer = Layer::new(vec![Agent::new("small", 64)]);
    let kind = EventKind::RunStarted {
        mixture: Box::new(Mixture::new("measured", vec![layer], Agent::new("large", 64))),
        conversation: Conversation::ask("How long does it take?"),
        seed: 1,
        started_at_unix_ms: 1_000,
        max_cost_usd: None,
        unused_fields: serde_json::Map::new(),
        notes: Vec::new(),
    };
    Event { run, sequence: 0, at_ms: 0.0, kind }
}

fn asked(number: u64) -> EventKind {
    EventKind::CallStarted {
        call: CALL,
        agent: "small".to_owned(),
        model: "small".to_owned(),
        endpoint: "local".to_owned(),
        key: Some(key(number)),
        task: moa_core::CallTask::Answer,
    }
}

fn answered() -> EventKind {
    let outcome = CallOutcome {
        status: CallStatus::Ok,
        text: "word ".repeat(400),
        reasoning: String::new(),
        tool_calls: Vec::new(),
        finish_reason: Some(FinishReason::Stop),
        error: None,
        usage: Usage { prompt_tokens: 900, completion_tokens: 400, ..Usage::default() },
        certainty: None,
        first_token_ms: Some(80.0),
        wall_ms: 4_000.0,
    };
    EventKind::CallFinished { call: CALL, outcome }
}

fn key(number: u64) -> ContentKey {
    ContentKey::of(&KeyedContent {
        model: "small",
        conversation: &ConversationDigest::of(&Conversation::ask(format!("Question {number}?"))),
        sampling: &Sampling::default(),
        run_seed: None,
        sample: 0,
        max_tokens: 64,
        tools: None,
        response_format: None,
    })
}

fn time(recorder: &Recorder, event: &Event) -> Duration {
    let begun = Instant::now();
    recorder.record(event);
    begun.elapsed()
}

fn times(turns: u64, mut work: impl FnMut(u64)) -> Vec<Duration> {
    let timed = |turn| {
        let begun = Instant::now();
        work(turn);
        begun.elapsed()
    };
    (0..turns).map(timed).collect()
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: f64| {
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let index = (share * (times.len() as f64 - 1.0)).round() as usize;
        times.get(index).copied().unwrap_or_default()
    };
    let mean = times.iter().sum::<Duration>() / u32::try_from(times.len().max(1)).unwrap_or(u32::MAX);
    say(&format!(
        "{what}: median {:?}, mean {mean:?}, 99% {:?}, 99.9% {:?}, most {:?} ({} times)",
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0),
        times.len()
    ));
}

#[expect(clippy::print_stdout, reason = "what this program is for")]
fn say(line: &str) {
    println!("{line}");
}
