//! What can be typed after `moa calibrate`.

use std::path::PathBuf;

use clap::Args;

use super::budget::{Budget, parse};
use crate::commands::eval::TableFormat;
use crate::commands::eval::figures::FigureArgs;

#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Examples:\n  moa calibrate --tasks gsm8k\n  moa calibrate --tasks gsm8k,humaneval --budget 3h --max-tokens 400\n  moa calibrate --tasks questions.jsonl --models qwen2.5-coder-0.5b-instruct,qwen2.5-coder-1.5b-instruct --limit 40\n  moa calibrate --tasks questions.jsonl --models openai:gpt-4o-mini,groq:llama-3.1-8b-instant --budget '1h,$2'\n  moa ask --config calibration/calibrated.toml --preset calibrated \"...\"\n\nThe same command goes on where it was stopped. docs/calibration.md says what is measured and how it is decided."
)]
pub(crate) struct CalibrateArgs {
    /// What to measure on: gsm8k, humaneval, or files of your own questions (see docs/evaluation.md)
    #[arg(long, value_name = "NAME|FILE", value_delimiter = ',', required = true)]
    pub(crate) tasks: Vec<String>,

    /// The models that may take part; those of the default preset where none is named
    #[arg(short, long, value_name = "MODEL", value_delimiter = ',')]
    pub(crate) models: Vec<String>,

    /// Most time, most money in US dollars, or both: 45m, 3h, '$2', '3h,$2'. Without it everything is tried
    #[arg(long, value_name = "TIME|USD", value_parser = parse)]
    pub(crate) budget: Option<Budget>,

    /// Folder that keeps every answer, and gets the preset, the figures and the page
    #[arg(short, long, value_name = "FOLDER", default_value = "calibration")]
    pub(crate) output: PathBuf,

    /// What the preset is called
    #[arg(long, value_name = "NAME", default_value = "calibrated")]
    pub(crate) name: String,

    /// Only the first so many questions of each set
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,

    /// Samples of each model at each temperature
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=32))]
    pub(crate) samples: u32,

    /// Temperatures at which models are sampled; each takes the samples anew. The likeliest answer is always taken too
    #[arg(short, long, value_name = "T", value_delimiter = ',', default_value = "0.7", value_parser = temperature)]
    pub(crate) temperature: Vec<f32>,

    /// Most tokens of every answer and proposal; chosen by the models where it is not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_tokens: Option<u32>,

    /// Makes the samples repeatable
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    /// Candidates that are confirmed on the other half of the questions
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) finalists: u32,

    /// Most candidates that are tried of those that ask a model beside the proposals
    #[arg(long, value_name = "N", default_value_t = 32)]
    pub(crate) most_asking: u32,

    /// Questions that are worked on at the same time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) concurrency: u32,

    /// Tell what it would take, as far as that is known, and ask nobody
    #[arg(long)]
    pub(crate) estimate: bool,

    /// Ask anew what was answered for another folder
    #[arg(long)]
    pub(crate) no_cache: bool,

    /// Fetch missing models without asking
    #[arg(short, long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) pictures: FigureArgs,

    /// In what form to print what came of it
    #[arg(short, long, value_enum, default_value_t = TableFormat::Text)]
    pub(crate) format: TableFormat,
}

fn temperature(written: &str) -> Result<f32, String> {
    let value: f32 = written.parse().map_err(|_| "write it like 0.7".to_owned())?;
    if value > 0.0 && value <= 2.0 { Ok(value) } else { Err("it must be above 0 and at most 2".to_owned()) }
}
