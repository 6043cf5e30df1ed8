//! A run that never took place, with the texts, speeds and mishaps of real ones.

use moa_core::{
    Agent, CallId, CallOutcome, CallStatus, Conversation, Event, EventKind, Failure, FailureKind,
    FinishReason, Layer, LayerIndex, LayerRole, Mixture, Progress, RunId, RunOutcome, Usage,
};

/// What is to be made up.
pub(crate) struct Run {
    /// Proposers in each layer.
    pub(crate) agents: usize,
    /// Layers, the aggregator's included.
    pub(crate) layers: usize,
    /// How it ends.
    pub(crate) ending: Ending,
}

/// How a run ends.
#[derive(PartialEq, Eq)]
pub(crate) enum Ending {
    /// With an answer.
    Answered,
    /// The aggregator breaks down in the middle of its answer.
    Failed,
    /// Somebody stops it in the second layer.
    Cancelled,
}

const MODELS: [&str; 3] =
    ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct"];

const PROPOSALS: [&str; 3] = [
    "Rust's ownership rules mean that every value has one owner, and that the value is dropped when its owner goes out \
     of scope. Borrowing lets other code use a value without owning it. The compiler checks all of this, so there is \
     no garbage collector.",
    "Ownership is how Rust manages memory without a garbage collector:\n\n1. Each value has **one owner**.\n2. Moving \
     a value gives it a new owner.\n3. `&T` borrows for reading, `&mut T` for writing.\n\nThe borrow checker enforces \
     these rules at compile time.",
    "所有権とは、値ごとに一つの所有者を決める仕組みです。所有者がスコープを抜けると値は破棄されます。🦀 借用には共有参照と\
     可変参照があり、コンパイラが規則を検査します。In short: one owner, many readers or one writer.",
];

const ANSWER: &str = "\
# Ownership in Rust

Every value in Rust has **exactly one owner**; when the owner goes out of scope, the value is *dropped*. There is no garbage \
collector: the compiler inserts the calls that free memory, and it refuses programs in which a value could be used after that.

## The three rules

1. Each value has one owner at a time.
2. Assigning or passing a value **moves** it, unless its type is `Copy`.
3. You may have any number of `&T` *or* one `&mut T`, never both:
   - shared references read,
   - a mutable reference reads and writes.

```rust
fn main() {
    let text = String::from(\"moa\");
    let length = measure(&text); // borrowed, not moved
    println!(\"{text} has {length} bytes\");
}
```

| Kind | Written | Reads | Writes |
|:--|:-:|:-:|--:|
| owner | `T` | yes | yes |
| shared borrow | `&T` | yes | no |
| mutable borrow | `&mut T` | yes | yes |

> 所有権の規則はコンパイル時に検査されるので、実行時の費用はありません。

---

See [the book](https://doc.rust-lang.org/book/) for more.";

struct Script {
    events: Vec<(f64, EventKind)>,
}

impl Script {
    fn at(&mut self, ms: f64, kind: EventKind) {
        self.events.push((ms, kind));
    }

    /// One call from its start to its end; gives when it ended.
    fn call(&mut self, id: CallId, name: &str, model: &str, start_ms: f64, text: &str, fate: Fate) -> f64 {
        let agent = f64::from(id.agent);
        self.at(
            start_ms,
            EventKind::CallStarted {
                call: id,
                agent: name.to_owned(),
                model: model.to_owned(),
                endpoint: "local".to_owned(),
                key: None,
                task: moa_core::CallTask::Answer,
            },
        );
        let mut at_ms = start_ms;
        if id.layer.0 == 1 {
            for percent in (0..=100).step_by(10) {
                at_ms += 40.0 + 10.0 * agent;
                self.at(at_ms, EventKind::CallProgress { call: id, progress: Progress::Loading { percent } });
            }
        }
        if id.agent > 3 {
            self.at(at_ms, EventKind::CallProgress { call: id, progress: Progress::Queued });
            at_ms += 1_500.0;
        }
        let total_tokens = 96 + 1_184 * (id.layer.0 - 1);
        for step in 1..=8 {
            at_ms += 30.0 + 20.0 * agent;
            let done_tokens = total_tokens * step / 8;
            let progress = Progress::Prefill { done_tokens, total_tokens, cached_tokens: total_tokens / 4 };
            self.at(at_ms, EventKind::CallProgress { call: id, progress });
        }
        let first_token_ms = at_ms - start_ms;
        let pieces = pieces(text);
        let is_used = matches!(fate, Fate::Breaks(_));
        let (written, error) = match fate {
            Fate::Answers => (pieces.len(), None),
            Fate::Breaks(failure) | Fate::BreaksForGood(failure) => (pieces.len() / 2, Some(failure)),
            Fate::Fails(failure) => (0, Some(failure)),
        };
        for piece in &pieces[..written] {
            at_ms += 25.0 + 12.0 * agent;
            self.at(at_ms, EventKind::CallDelta { call: id, text: piece.clone(), tokens: 1 });
        }
        let status = match (&error, written) {
            (None, _) => CallStatus::Ok,
            (Some(_), _) if is_used => CallStatus::Partial,
            (Some(_), _) => CallStatus::Failed,
        };
        let outcome = CallOutcome {
            status,
            text: pieces[..written].concat().trim().to_owned(),
            reasoning: String::new(),
            tool_calls: Vec::new(),
            finish_reason: error.is_none().then_some(FinishReason::Stop),
            error,
            usage: Usage {
                prompt_tokens: total_tokens,
                cached_tokens: total_tokens / 4,
                completion_tokens: u32::try_from(written).unwrap_or(u32::MAX),
                ..Usage::default()
            },
            certainty: None,
            first_token_ms: (written > 0).then_some(first_token_ms),
            wall_ms: at_ms - start_ms,
        };
        self.at(at_ms, EventKind::CallFinished { call: id, outcome });
        at_ms
    }
}

/// What becomes of a call.
enum Fate {
    Answers,
    /// What there is of the answer is used.
    Breaks(Failure),
    BreaksForGood(Failure),
    Fails(Failure),
}

/// Pieces of about the size of tokens.
fn pieces(text: &str) -> Vec<String> {
    const CHARACTERS: usize = 4;
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(CHARACTERS).map(|piece| piece.iter().collect()).collect()
}

/// The events of a made-up run, in the order of their times.
pub(crate) fn events(run: &Run) -> Vec<Event> {
    let layers: Vec<Layer> =
        (1..run.layers).map(|_| Layer::new((0..run.agents).map(agent).collect())).collect();
    let mixture = Mixture::new("local", layers, Agent::new(MODELS[2], 512));
    let mut script = Script { events: Vec::new() };
    script.at(
        0.0,
        EventKind::RunStarted {
            mixture: Box::new(mixture.clone()),
            conversation: Conversation::ask("What is ownership in Rust?"),
            seed: 42,
            started_at_unix_ms: 0,
            max_cost_usd: None,
            unused_fields: serde_json::Map::new(),
            notes: Vec::new(),
        },
    );
    let mut at_ms = 5.0;
    for (number, layer) in (1..).zip(&mixture.layers) {
        at_ms = propose(&mut script, run, number, layer, at_ms);
    }
    let index = LayerIndex(u32::try_from(run.layers).unwrap_or(u32::MAX));
    let (answer_at_ms, aggregated) = aggregate(&mut script, run, index, at_ms);
    let end = match run.ending {
        Ending::Answered => EventKind::RunFinished {
            outcome: RunOutcome {
                answer: ANSWER.to_owned(),
                tool_calls: Vec::new(),
                fallback: None,
                chosen: None,
                finish_reason: FinishReason::Stop,
                degraded: true,
                usage: usage(&script),
                first_token_ms: Some(answer_at_ms),
                wall_ms: aggregated,
            },
        },
        Ending::Failed => EventKind::RunFailed {
            failure: Failure::new(
                FailureKind::ModelError,
                format!("the aggregator '{}' gave no answer: the model ran out of memory", MODELS[2]),
            )
            .with_hint("choose a smaller model, or lower context-tokens"),
            usage: usage(&script),
            wall_ms: aggregated,
        },
        Ending::Cancelled => EventKind::RunCancelled { usage: usage(&script), wall_ms: aggregated },
    };
    script.at(aggregated, end);
    script.events.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let numbered = script.events.into_iter().zip(0..);
    numbered.map(|((at_ms, kind), sequence)| Event { run: RunId::nil(), sequence, at_ms, kind }).collect()
}

fn agent(number: usize) -> Agent {
    let mut agent = Agent::new(MODELS[number % MODELS.len()], 256);
    if number >= MODELS.len() {
        agent.name = format!("sample-{}", number + 1);
    }
    agent
}

fn propose(script: &mut Script, run: &Run, number: u32, layer: &Layer, start_ms: f64) -> f64 {
    let index = LayerIndex(number);
    script.at(start_ms, EventKind::LayerStarted { layer: index, role: LayerRole::Proposers });
    let (mut end_ms, mut lost) = (start_ms, 0);
    for (place, agent) in layer.agents.iter().enumerate() {
        let id = CallId { layer: index, agent: u32::try_from(place + 1).unwrap_or(u32::MAX) };
        let slow =
            || Failure::new(FailureKind::CallDeadline, "agent 'b' was not done within its deadline of 60s");
        let fate = match (number, place, run.agents) {
            (2, 0, _) => Fate::Breaks(slow()),
            (1, 4, _) => {
                Fate::Fails(Failure::new(FailureKind::ModelUnavailable, "no model 'phi-4' is set up"))
            }
            _ => Fate::Answers,
        };
        lost += u32::from(matches!(fate, Fate::Fails(_)));
        let text = match number {
            1 => PROPOSALS[place % PROPOSALS.len()].to_owned(),
            _ => format!("{} {}", PROPOSALS[place % 3], PROPOSALS[(place + 1) % 3]),
        };
        end_ms = end_ms.max(script.call(id, &agent.name, agent.model.as_str(), start_ms, &text, fate));
    }
    let kept = u32::try_from(layer.agents.len()).unwrap_or(u32::MAX) - lost;
    script.at(end_ms, EventKind::LayerFinished { layer: index, kept, lost, wall_ms: end_ms - start_ms });
    end_ms
}

/// The aggregator's layer: when its first token came and when it ended.
fn aggregate(script: &mut Script, run: &Run, index: LayerIndex, start_ms: f64) -> (f64, f64) {
    if run.ending == Ending::Cancelled {
        return (start_ms, start_ms);
    }
    script.at(start_ms, EventKind::LayerStarted { layer: index, role: LayerRole::Aggregator });
    let id = CallId { layer: index, agent: 1 };
    let fate = match run.ending {
        Ending::Failed => {
            Fate::BreaksForGood(Failure::new(FailureKind::ModelError, "the model ran out of memory"))
        }
        _ => Fate::Answers,
    };
    let end_ms = script.call(id, MODELS[2], MODELS[2], start_ms, ANSWER, fate);
    let kept = u32::from(run.ending == Ending::Answered);
    script.at(
        end_ms,
        EventKind::LayerFinished { layer: index, kept, lost: 1 - kept, wall_ms: end_ms - start_ms },
    );
    let first = script
        .events
        .iter()
        .find(|(_, kind)| matches!(kind, EventKind::CallDelta { call, .. } if *call == id));
    (first.map_or(end_ms, |(at_ms, _)| *at_ms), end_ms)
}

fn usage(script: &Script) -> Usage {
    let mut usage = Usage::default();
    for (_, kind) in &script.events {
        if let EventKind::CallFinished { outcome, .. } = kind {
            usage += outcome.usage;
        }
    }
    usage
}
