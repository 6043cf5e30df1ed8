//! Reference lookup on a real model: fewer decode calls, the same words.

use std::num::NonZeroUsize;
use std::sync::Arc;

use moa_core::{ChatEvent, ChatRequest, Conversation, GrowingAnswers, Lookup, Prompt, Reference, Sampling};
use moa_core::{LayerIndex, ModelId};
use moa_llama::{EngineOptions, LlamaEngine, LlamaModel, ModelOptions};

use crate::harness::{Answer, ask, ask_all, model_path, request, request_of, turn};

const PASSAGE: &str = "The keeper of the lighthouse wrote the weather into a thick green book every evening at six. \
     In the year of the great storm he filled forty pages in one night, and the ink froze in the bottle. \
     When the ships came back in spring, their captains asked to read those pages first.";

fn engine(lookup: bool) -> LlamaEngine {
    let mut options = EngineOptions::default();
    options.cores = NonZeroUsize::new(1);
    options.lookup = lookup;
    LlamaEngine::new(options)
}

fn options() -> ModelOptions {
    let mut options = ModelOptions::new("smollm2-135m-instruct", model_path());
    options.context_tokens = Some(2048);
    options
}

/// A question whose answer is mostly in the prompt.
fn quoting(max_tokens: u32) -> ChatRequest {
    let question = format!("Repeat the following text word for word:\n\n{PASSAGE}");
    request(&question, max_tokens, Sampling::greedy())
}

/// A prompt with references, as later layers have it.
fn with_references() -> ChatRequest {
    let reference = |agent: &str| Reference {
        layer: LayerIndex(1),
        agent: agent.to_owned(),
        model: ModelId::new("m"),
        text: PASSAGE.to_owned(),
    };
    let question = Conversation::ask("What does the text about the lighthouse say? Quote it.");
    let prompt = Prompt::new(question, vec![reference("a"), reference("b")], Arc::default());
    request_of(prompt, 80, Sampling::greedy())
}

fn lookup(answer: &Answer) -> Option<Lookup> {
    answer.events.iter().find_map(|event| match event {
        ChatEvent::Lookup(lookup) => Some(*lookup),
        _ => None,
    })
}

/// An answer that drafted much, and the decode calls that it took. On a machine with other work a draft may seem not to pay for a whole
/// answer; what calls take is learned anew with each.
fn ask_until_looked_up(model: &LlamaModel, request: &ChatRequest) -> (Answer, u64) {
    for _ in 0..20 {
        let before = model.stats().decode_calls;
        let answer = ask(model, request.clone());
        if lookup(&answer).is_some_and(|figures| figures.accepted_tokens > 10) {
            return (answer, model.stats().decode_calls - before);
        }
    }
    panic!("nothing was looked up: {:?}", model.stats());
}

#[test]
fn an_answer_that_quotes_needs_fewer_decode_calls_and_says_the_same() {
    let _turn = turn();
    let (with, without) = (engine(true), engine(false));
    let (with, without) = (with.model(options()), without.model(options()));
    for request in [quoting(90), with_references()] {
        let calls_without = without.stats().decode_calls;
        let plain = ask(&without, request.clone());
        let calls_without = without.stats().decode_calls - calls_without;
        let (looked_up, calls_with) = ask_until_looked_up(&with, &request);
        // Both agree but for near-ties, which the size of a call can turn.
        let common = looked_up.text.chars().zip(plain.text.chars()).take_while(|(a, b)| a == b).count();
        assert!(common > 60, "{looked_up:?}\nagainst\n{plain:?}");
        let figures = lookup(&looked_up).unwrap_or_default();
        assert!(
            figures.accepted_tokens > 10 && figures.accepted_tokens <= figures.drafted_tokens,
            "{figures:?}"
        );
        assert_eq!(lookup(&plain), None);
        assert!(calls_with + 10 < calls_without, "{calls_with} calls, without lookup {calls_without}");
        // Every token has its delta all the same, and is counted once.
        assert_eq!(looked_up.tokens, looked_up.usage().completion_tokens);
    }
    let stats = with.stats();
    assert!(stats.accepted_tokens > 20 && stats.accepted_tokens <= stats.drafted_tokens, "{stats:?}");
    assert_eq!(without.stats().drafted_tokens, 0);
}

#[test]
fn an_answer_that_another_gives_too_needs_fewer_decode_calls_and_says_the_same() {
    let _turn = turn();
    let (with, without) = (engine(true), engine(false));
    let (with, without) = (with.model(options()), without.model(options()));
    let question = request("Why is the sea salty?", 90, Sampling::greedy());
    let calls_without = without.stats().decode_calls;
    let plain = ask(&without, question.clone());
    let calls_without = without.stats().decode_calls - calls_without;
    let said = Arc::new(GrowingAnswers::new(1, [plain.text.as_str()]));
    let beside = ChatRequest { peers: said.peers_of(0), ..question };
    let (looked_up, calls_with) = ask_until_looked_up(&with, &beside);
    let common = looked_up.text.chars().zip(plain.text.chars()).take_while(|(a, b)| a == b).count();
    assert!(common > 60, "{looked_up:?}\nagainst\n{plain:?}");
    assert_eq!(looked_up.usage().prompt_tokens, plain.usage().prompt_tokens, "nothing of it is read");
    assert!(calls_with + 10 < calls_without, "{calls_with} calls, without lookup {calls_without}");
}

#[test]
fn drafts_stop_at_the_cap_and_leave_a_prefix_that_can_be_used_again() {
    let _turn = turn();
    let engine = engine(true);
    let model = engine.model(options());
    let whole = ask(&model, quoting(60));
    for cap in [7, 20, 41] {
        let cut = ask(&model, quoting(cap));
        assert!(cut.usage().completion_tokens <= cap, "{cut:?}");
        assert!(whole.text.starts_with(cut.text.get(..20).unwrap_or(&cut.text)), "{cut:?}\nof\n{whole:?}");
    }
    // What was cut off again is not in the cache: the same question finds its whole prompt there and says the same.
    let again = ask(&model, quoting(60));
    assert!(again.usage().cached_tokens + 1 >= again.usage().prompt_tokens, "{:?}", again.usage());
    let common = again.text.chars().zip(whole.text.chars()).take_while(|(a, b)| a == b).count();
    assert!(common > 60, "{again:?}\nagainst\n{whole:?}");
}

#[test]
fn answers_side_by_side_draft_each_for_itself() {
    let _turn = turn();
    let engine = engine(true);
    let model = engine.model(options());
    let requests =
        || vec![quoting(60), request("Name three colours of the rainbow.", 40, Sampling::greedy())];
    let alone: Vec<Answer> = requests().into_iter().map(|request| ask(&model, request)).collect();
    for (together, alone) in ask_all(&model, requests()).iter().zip(&alone) {
        let words =
            |answer: &Answer| answer.text.split_whitespace().take(3).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(together), words(alone));
        assert_eq!(together.tokens, together.usage().completion_tokens);
    }
}
