//! Several calls at once: the same answers as alone, one prefill for a shared prompt, prefixes used again.

use std::sync::Arc;

use futures::StreamExt;
use futures::executor::block_on;
use futures::future::join;
use moa_core::{ChatEvent, ChatModel, Conversation, Message, Prompt, Sampling};
use moa_llama::{EngineOptions, LlamaEngine, LlamaModel, ModelOptions};

use crate::harness::{Answer, ask, ask_all, engine_and_model, listen, model_path, request, request_of, turn};

const QUESTIONS: [&str; 4] = [
    "What is the capital of France?",
    "Name three colours of the rainbow.",
    "Why is the sky blue?",
    "Write one sentence about cats.",
];

/// A prompt of several hundred tokens.
fn long_question() -> String {
    let facts = (1..24).map(|n| format!("Fact {n}: item number {n} weighs {} grams.", n * 7));
    format!("{}\nWhich item is the heaviest?", facts.collect::<Vec<_>>().join("\n"))
}

/// The words that two answers have in common at the start.
fn common_words(a: &str, b: &str) -> usize {
    a.split_whitespace().zip(b.split_whitespace()).take_while(|(a, b)| a == b).count()
}

/// Without drafts no cells are given back while an answer is written, so that those of each answer lie in the order of its tokens.
fn without_lookup() -> (LlamaEngine, Arc<LlamaModel>) {
    let mut options = EngineOptions::default();
    options.lookup = false;
    let engine = LlamaEngine::new(options);
    let model = engine.model(ModelOptions::new("smollm2-135m-instruct", model_path()));
    (engine, model)
}

#[test]
fn answers_in_a_batch_are_those_that_are_given_alone() {
    let _turn = turn();
    let (_engine, model) = without_lookup();
    let requests = || QUESTIONS.map(|question| request(question, 40, Sampling::greedy()));
    let alone: Vec<Answer> = requests().into_iter().map(|request| ask(&model, request)).collect();
    let (_engine, fresh) = without_lookup();
    let together = ask_all(&fresh, requests().to_vec());
    assert!(
        fresh.stats().decode_calls < model.stats().decode_calls / 2,
        "the answers were really decoded together: {:?}",
        fresh.stats()
    );
    if moa_kernels::is_supported() {
        let texts = |answers: &[Answer]| answers.iter().map(|answer| answer.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&alone), texts(&together), "our kernels compute a token alike whoever is beside it");
        return;
    }
    let mut different = 0;
    for (alone, together) in alone.iter().zip(&together) {
        assert_eq!(alone.usage().prompt_tokens, together.usage().prompt_tokens);
        if alone.text != together.text {
            // Sums differ in their last bits with the size of a batch, so that a near-tie may fall the other way; from there on the
            // texts differ. A mix-up of sequences would show in the first words, and in all answers.
            different += 1;
            assert!(common_words(&alone.text, &together.text) >= 3, "{alone:?} against {together:?}");
        }
    }
    assert!(different <= 2, "{different} of 4 answers differ: {together:?}");
}

#[test]
fn sampling_does_not_depend_on_the_neighbours() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|_| {});
    let sampling = |seed| Sampling { temperature: 0.8, seed: Some(seed), ..Sampling::default() };
    let mine = || request("Invent a name for a ship.", 8, sampling(11));
    let calm = ask_all(
        &model,
        vec![mine(), request(QUESTIONS[0], 8, sampling(1)), request(QUESTIONS[1], 8, sampling(2))],
    );
    let other = ask_all(
        &model,
        vec![mine(), request(QUESTIONS[2], 8, sampling(3)), request(QUESTIONS[3], 8, sampling(4))],
    );
    assert_eq!(common_words(&calm[0].text, &other[0].text), calm[0].text.split_whitespace().count());
}

#[test]
fn samples_of_one_prompt_cost_one_prefill() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|_| {});
    let samples = 6;
    let requests = (0..samples).map(|seed| {
        let sampling = Sampling { temperature: 1.0, seed: Some(seed), ..Sampling::default() };
        request(&long_question(), 12, sampling)
    });
    let answers = ask_all(&model, requests.collect());
    let prompt_tokens = u64::from(answers[0].usage().prompt_tokens);
    assert!(prompt_tokens > 250, "{prompt_tokens}");
    // One whole prompt, and the last token of it for each further sample.
    assert_eq!(model.stats().prefill_tokens, prompt_tokens + samples - 1);
    let mut cached: Vec<u32> = answers.iter().map(|answer| answer.usage().cached_tokens).collect();
    cached.sort_unstable();
    assert_eq!(cached[0], 0);
    assert!(cached[1..].iter().all(|cached| u64::from(*cached) == prompt_tokens - 1), "{cached:?}");
    assert!(
        u64::from(model.stats().peak_kv_cells) < 2 * prompt_tokens,
        "the cells are shared: {:?}",
        model.stats()
    );
    let texts: std::collections::HashSet<_> = answers.iter().map(|answer| answer.text.as_str()).collect();
    assert!(texts.len() > 1, "the samples differ: {texts:?}");
}

#[test]
fn many_samples_share_even_the_few_tokens_that_an_earlier_prompt_lacks() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|_| {});
    let greedy = |question| request(question, 2, Sampling::greedy());
    let before = ask(&model, greedy("Name three colours of the rainbow.")).usage().prompt_tokens;
    let samples = ask_all(&model, vec![greedy("Name three large cities in the south of France."); 6]);
    let usages: Vec<_> = samples.iter().map(Answer::usage).collect();
    let held = usages.iter().map(|usage| usage.cached_tokens).min().unwrap();
    let lacking = u64::from(usages[0].prompt_tokens - held);
    assert!(held > 0 && (10..=17).contains(&lacking), "too few for one alone to wait: {usages:?}");
    // Once, and the last token of it for each further sample; twice where two had begun before the others arrived.
    let computed = model.stats().prefill_tokens - u64::from(before);
    assert!(computed <= 2 * lacking + 4, "{computed} of {lacking} each: {usages:?}");
}

#[test]
fn shared_cells_give_the_answer_that_own_cells_give() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|_| {});
    let greedy = || request(&long_question(), 16, Sampling::greedy());
    let own = || {
        // The prompt's own cells: all but the last token are in the cache, which is then computed alone, as it is for a sample.
        ask(&model, greedy());
        ask(&model, greedy())
    };
    let own = own();
    let (_engine, fresh) = engine_and_model(|_| {});
    let answers = ask_all(&fresh, vec![greedy(), greedy(), greedy()]);
    let shared: Vec<&Answer> = answers.iter().filter(|answer| answer.usage().cached_tokens > 0).collect();
    assert_eq!(shared.len(), 2);
    for answer in shared {
        assert!(common_words(&own.text, &answer.text) >= 3, "{} against {}", own.text, answer.text);
    }
}

fn follow_up(model: &LlamaModel, turns: &mut Vec<Message>, question: &str) -> Answer {
    turns.push(Message::user(question));
    let prompt = Prompt::plain(Conversation::new(turns.clone()));
    let answer = ask(model, request_of(prompt, 16, Sampling::greedy()));
    turns.push(Message::assistant(answer.text.trim()));
    answer
}

#[test]
fn a_conversation_computes_only_what_is_new() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|_| {});
    let mut turns = Vec::new();
    let first = follow_up(&model, &mut turns, &long_question());
    assert_eq!(first.usage().cached_tokens, 0);
    let before = model.stats().prefill_tokens;
    let second = follow_up(&model, &mut turns, "And the lightest?");
    let usage = second.usage();
    assert!(usage.cached_tokens >= first.usage().prompt_tokens - 1, "{usage:?}");
    let computed = model.stats().prefill_tokens - before;
    assert_eq!(computed, u64::from(usage.prompt_tokens - usage.cached_tokens));
    assert_eq!(second.prefill_steps()[0].0, usage.cached_tokens, "the progress begins with what was cached");
    // The same without a cache.
    let (_engine, fresh) = engine_and_model(|_| {});
    turns.truncate(3);
    let prompt = Prompt::plain(Conversation::new(turns));
    let plain = ask(&fresh, request_of(prompt, 16, Sampling::greedy()));
    assert!(common_words(&plain.text, &second.text) >= 2, "{plain:?} against {second:?}");
}

#[test]
fn a_common_beginning_is_computed_once_for_different_questions() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|_| {});
    let requests =
        ["Which is lightest?", "How many items are there?", "What does item 5 weigh?"].map(|question| {
            let turns = vec![Message::system(long_question()), Message::user(question)];
            request_of(Prompt::plain(Conversation::new(turns)), 8, Sampling::greedy())
        });
    let answers = ask_all(&model, requests.to_vec());
    let cached: u32 = answers.iter().map(|answer| answer.usage().cached_tokens).sum();
    let longest = answers.iter().map(|answer| answer.usage().prompt_tokens).max().unwrap();
    assert!(cached > 2 * (longest - 40), "{cached} of {longest}");
}

#[test]
fn more_calls_than_places_wait_and_are_all_answered() {
    let _turn = turn();
    let (_engine, model) = engine_and_model(|options| options.parallel_sequences = 2);
    let requests = (0..7).map(|n| request(&format!("What is {n} plus {n}?"), 8, Sampling::greedy()));
    let answers = ask_all(&model, requests.collect());
    assert!(answers.iter().all(|answer| !answer.text.is_empty()), "{answers:?}");
    assert_eq!(model.stats().requests, 7);
}

#[test]
fn the_cache_grows_under_running_answers_without_losing_them() {
    let _turn = turn();
    // An answer is under way when a prompt arrives that the first cells cannot hold.
    let (_engine, model) = engine_and_model(|_| {});
    let story = || request("Write a very long story about a dragon.", 120, Sampling::greedy());
    let reference = ask(&model, story());
    let (_engine, fresh) = engine_and_model(|_| {});
    let (under_way, long) = block_on(async {
        let mut stream = fresh.stream(story());
        let mut begun = String::new();
        while begun.is_empty() {
            if let Some(Ok(ChatEvent::Delta { text, .. })) = stream.next().await {
                begun.push_str(&text);
            }
        }
        let before = fresh.stats().kv_cells;
        let long = request(&"many words ".repeat(before as usize / 2), 4, Sampling::greedy());
        let (mut rest, long) = join(listen(stream), listen(fresh.stream(long))).await;
        rest.text.insert_str(0, &begun);
        (rest, (long, before))
    });
    assert!(long.0.finish.is_some(), "{:?}", long.0);
    assert!(fresh.stats().kv_cells > long.1, "{:?}", fresh.stats());
    // Lost cells would show as nonsense; near-ties may fall otherwise in a batch.
    assert!(
        common_words(&reference.text, &under_way.text) >= 3,
        "{} against {}",
        reference.text,
        under_way.text
    );
    assert!(under_way.text.matches("dragon").count() >= 2, "{}", under_way.text);
    // Nothing was computed twice.
    let computed =
        reference.usage().prompt_tokens + long.0.usage().prompt_tokens - long.0.usage().cached_tokens;
    assert_eq!(fresh.stats().prefill_tokens, u64::from(computed));
}
