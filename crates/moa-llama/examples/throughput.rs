//! Measures prefill and decode of GGUF models: 1 and 2 threads, 1 to 8 sequences, and two models side by side.
//!
//! `cargo run --release -p moa-llama --example throughput -- FILE [FILE]`
//!
//! `CORES=2` names the threads, `SEQUENCES=1,8,16` says how many answers at once, each of them with a model loaded for so many. `PROMPT_TOKENS=80` and `ANSWER_TOKENS=40` say how long both are. `ONLY_PAIR=1` measures only the two side by side, `POLL=50` lets idle compute threads spin, `SHOW=1` prints the answers.

#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "a measuring tool")]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use futures::executor::block_on;
use futures::future::join_all;
use moa_core::{
    CallId, ChatEvent, ChatModel, ChatRequest, Conversation, Failure, LayerIndex, Prompt, Sampling,
};
use moa_llama::{EngineOptions, LlamaEngine, LlamaModel, ModelOptions};

const ROUNDS: usize = 3;

fn main() -> Result<(), Failure> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    println!("{:?}", moa_llama::system_info());
    let only_pair = std::env::var_os("ONLY_PAIR").is_some();
    for path in paths.iter().filter(|_| !only_pair) {
        println!("\n{}", path.display());
        for cores in counts("CORES", "1,2") {
            for sequences in counts("SEQUENCES", "1,4,8") {
                let engine = engine(cores);
                let mut options = ModelOptions::new("model", path);
                options.parallel_sequences = u32::try_from(sequences).unwrap_or(u32::MAX);
                let model = engine.model(options);
                block_on(model.load(|_| {}))?;
                let runs = (0..ROUNDS).map(|round| block_on(measure(&model, sequences, round)));
                let runs = runs.collect::<Result<Vec<Speed>, Failure>>()?;
                let load_seconds = model.stats().load_time.as_secs_f64();
                println!(
                    "  {cores} threads, {sequences} sequences: {}, loaded in {load_seconds:.2} s",
                    median(&runs)
                );
            }
        }
    }
    if let [first, second, ..] = paths.as_slice() {
        side_by_side(first, second)?;
    }
    Ok(())
}

/// Two models one after the other with all cores, and at the same time with the cores shared.
fn side_by_side(first: &PathBuf, second: &PathBuf) -> Result<(), Failure> {
    let engine = engine(2);
    let models = [first, second].map(|path| engine.model(ModelOptions::new("model", path)));
    for model in &models {
        block_on(model.load(|_| {}))?;
        println!(
            "  {} alone, 2 threads: {}",
            model.path().display(),
            median(&[block_on(measure(model, 1, 100))?])
        );
    }
    println!("\nboth models, {} tokens each", answer_tokens());
    for round in 0..ROUNDS {
        let start = Instant::now();
        for model in &models {
            block_on(measure(model, 1, 200 + round))?;
        }
        let in_turn = start.elapsed().as_secs_f64();
        let start = Instant::now();
        for result in block_on(join_all(models.iter().map(|model| measure(model, 1, 300 + round)))) {
            result?;
        }
        let together = start.elapsed().as_secs_f64();
        println!(
            "  one after the other {in_turn:.2} s, together {together:.2} s, {:.2} x",
            in_turn / together
        );
    }
    println!("  most cores in use: {}", engine.most_cores_in_use());
    Ok(())
}

/// The numbers that a variable lists.
fn counts(variable: &str, otherwise: &str) -> Vec<usize> {
    let written = std::env::var(variable).unwrap_or_else(|_| otherwise.to_owned());
    written.split(',').filter_map(|count| count.trim().parse().ok()).collect()
}

fn engine(cores: usize) -> LlamaEngine {
    let mut options = EngineOptions::default();
    options.cores = NonZeroUsize::new(cores);
    options.poll = std::env::var("POLL").ok().and_then(|poll| poll.parse().ok()).unwrap_or(0);
    LlamaEngine::new(options)
}

fn answer_tokens() -> u32 {
    counts("ANSWER_TOKENS", "40").first().and_then(|tokens| u32::try_from(*tokens).ok()).unwrap_or(40)
}

/// Tokens per second.
#[derive(Debug, Clone, Copy)]
struct Speed {
    prefill: f64,
    decode: f64,
    /// From the first question to the last answer, in seconds.
    whole: f64,
}

fn median(runs: &[Speed]) -> String {
    let middle = |of: fn(&Speed) -> f64| {
        let mut values: Vec<f64> = runs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        (values[values.len() / 2], values[0], values[values.len() - 1])
    };
    let (prefill, ..) = middle(|speed| speed.prefill);
    let (decode, low, high) = middle(|speed| speed.decode);
    let (whole, ..) = middle(|speed| speed.whole);
    format!(
        "prefill {prefill:.0} tok/s, decode {decode:.1} tok/s ({low:.1} to {high:.1}), all in {whole:.2} s"
    )
}

/// Answers to different prompts at the same time.
async fn measure(model: &Arc<LlamaModel>, sequences: usize, salt: usize) -> Result<Speed, Failure> {
    let before = model.stats();
    let start = Instant::now();
    for result in join_all((0..sequences).map(|n| answer(model, salt * 100 + n))).await {
        result?;
    }
    let after = model.stats();
    let per_second = |tokens: u64, seconds: f64| tokens as f64 / seconds;
    Ok(Speed {
        prefill: per_second(
            after.prefill_tokens - before.prefill_tokens,
            after.prefill_time.saturating_sub(before.prefill_time).as_secs_f64(),
        ),
        decode: per_second(
            after.decode_tokens - before.decode_tokens,
            after.decode_time.saturating_sub(before.decode_time).as_secs_f64(),
        ),
        whole: start.elapsed().as_secs_f64(),
    })
}

async fn answer(model: &Arc<LlamaModel>, salt: usize) -> Result<(), Failure> {
    // A salt in front, so that no prefix is shared.
    let text = format!(
        "{salt} {}\nWrite a story of many pages that begins like this.",
        "and then it rained ".repeat(counts("PROMPT_TOKENS", "80").first().copied().unwrap_or(80) / 4)
    );
    let call = CallId { layer: LayerIndex(1), agent: 1 };
    let prompt = Prompt::plain(Conversation::ask(text));
    let request = ChatRequest::alone(call, prompt, Sampling::greedy(), answer_tokens());
    let mut stream = model.stream(request);
    let mut text = String::new();
    while let Some(event) = stream.next().await {
        if let ChatEvent::Delta { text: delta, .. } = event? {
            text.push_str(&delta);
        }
    }
    if std::env::var_os("SHOW").is_some() {
        println!("    {text:?}");
    }
    Ok(())
}
