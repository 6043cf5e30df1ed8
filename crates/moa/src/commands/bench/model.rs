//! `moa models bench`: how fast a model is on this machine.

use std::fmt::Write as _;

use futures::StreamExt as _;
use futures::future::try_join_all;
use moa_config::Config;
use moa_core::{CallId, ChatEvent, ChatModel as _, ChatRequest, Conversation, LayerIndex, Prompt, Sampling};
use moa_llama::{LlamaModel, ModelStats};
use moa_terminal::quantities;
use serde::Serialize;

use crate::complaint::Complaint;
use crate::local::LocalModels;
use crate::workspace::{Workspace, config_complaint};

/// Long enough for a prefill that can be timed; asks for more text than any cap, so that every answer is full.
const PARAGRAPH: &str = "A lighthouse stands on a cliff above a cold sea. Its keeper counts the ships that pass, writes the weather into a \
     book and keeps the lamp burning. In winter nobody comes for weeks, and the keeper talks to the gulls.";

#[derive(Serialize)]
struct Measured {
    model: String,
    load_ms: f64,
    weight_bytes: u64,
    kv_bytes: u64,
    parallel: u32,
    prefill_tokens: u64,
    prefill_tokens_per_second: f64,
    decode_tokens: u64,
    decode_tokens_per_second: f64,
}

/// What is to be measured, and how.
pub(crate) struct BenchRequest<'a> {
    pub(crate) name: &'a str,
    pub(crate) tokens: u32,
    /// Answers written at the same time.
    pub(crate) parallel: u32,
    pub(crate) json: bool,
    /// Whether the model may be fetched without asking.
    pub(crate) yes: bool,
}

pub(crate) async fn execute(
    workspace: &Workspace,
    config: &Config,
    request: BenchRequest<'_>,
) -> Result<(), Complaint> {
    let BenchRequest { name, tokens, parallel, json, yes } = request;
    let (id, resolved) = config.model(name).map_err(|error| config_complaint(&error))?;
    let mut local = LocalModels::new(workspace, config, yes)?;
    // How often a text repeats itself says nothing of the model's speed.
    local.change_engine(|options| options.lookup = false);
    let model = local.alone(&id, &resolved).await?;
    model.load(|_| {}).await?;
    // The first decode calls touch pages and fill caches of the processor: they are not counted.
    ask(&model, 0, 8).await?;
    let before = model.stats();
    let start = std::time::Instant::now();
    try_join_all((1..=parallel).map(|number| ask(&model, number, tokens))).await?;
    let wall = start.elapsed().as_secs_f64();
    let measured = measure(id.as_str(), parallel, &before, &model.stats(), wall);
    if json {
        return crate::commands::print_json(&measured);
    }
    crate::commands::print(&describe(&measured))
}

/// Asks for an answer of exactly the cap, unless the model ends before it.
pub(super) async fn ask(model: &LlamaModel, number: u32, tokens: u32) -> Result<(), Complaint> {
    let text =
        format!("Story {number}. {}\n\nContinue this story at great length.", [PARAGRAPH; 6].join("\n"));
    let mut stream = model.stream(ChatRequest::alone(
        CallId { layer: LayerIndex(1), agent: number },
        Prompt::plain(Conversation::ask(text)),
        Sampling { seed: Some(1), ..Sampling::greedy() },
        tokens,
    ));
    while let Some(event) = stream.next().await {
        if let ChatEvent::Finished { .. } = event? {
            break;
        }
    }
    Ok(())
}

fn measure(id: &str, parallel: u32, before: &ModelStats, after: &ModelStats, wall: f64) -> Measured {
    let prefill_tokens = after.prefill_tokens - before.prefill_tokens;
    let decode_tokens = after.decode_tokens - before.decode_tokens;
    let prefill = after.prefill_time.saturating_sub(before.prefill_time).as_secs_f64();
    Measured {
        model: id.to_owned(),
        load_ms: after.load_time.as_secs_f64() * 1_000.0,
        weight_bytes: after.weight_bytes,
        kv_bytes: after.kv_bytes,
        parallel,
        prefill_tokens,
        prefill_tokens_per_second: per_second(prefill_tokens, prefill),
        decode_tokens,
        decode_tokens_per_second: per_second(decode_tokens, wall - prefill),
    }
}

fn per_second(tokens: u64, seconds: f64) -> f64 {
    if seconds > 0.0 { f64::from(u32::try_from(tokens).unwrap_or(u32::MAX)) / seconds } else { 0.0 }
}

fn describe(measured: &Measured) -> String {
    let mut text = String::new();
    let mut row = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<10} {value}");
    };
    row("model", measured.model.clone());
    row("load", quantities::milliseconds(measured.load_ms));
    row(
        "memory",
        format!(
            "{} weights, {} cache",
            quantities::bytes(measured.weight_bytes),
            quantities::bytes(measured.kv_bytes)
        ),
    );
    row(
        "prefill",
        format!(
            "{} ({})",
            quantities::tokens_per_second(measured.prefill_tokens_per_second),
            quantities::counted(measured.prefill_tokens, "token")
        ),
    );
    let together = if measured.parallel > 1 {
        format!(", {} answers at the same time", measured.parallel)
    } else {
        String::new()
    };
    row(
        "decode",
        format!(
            "{} ({}{together})",
            quantities::tokens_per_second(measured.decode_tokens_per_second),
            quantities::counted(measured.decode_tokens, "token")
        ),
    );
    text
}
