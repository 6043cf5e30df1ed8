//! `moa eval`: benchmarks, from the questions to the table that compares.
//!
//! ```text
//! arguments ─ tasks (GSM8K, people's own) ─┐
//!             human_eval ──────────────────┼─ generation: contenders x questions -> moa_eval::runner -> answers on disk
//!                                          └─ scores of them, in the same folder -> compare
//! ```
//!
//! `folder` says which file holds what, `contender` what a contender's name means, `progress` how the work is shown, `table` how results are.

mod alpaca_eval;
mod arguments;
pub(crate) mod columns;
mod compare;
mod concurrency;
mod contender;
pub(crate) mod data;
mod fetch;
pub(crate) mod figures;
mod flask;
pub(crate) mod folder;
pub(crate) mod generation;
pub(crate) mod human_eval;
pub(crate) mod input;
mod judging;
mod mt_bench;
pub(crate) mod progress;
mod report;
mod scores;
mod sources;
mod table;
mod tasks;

pub(crate) use self::arguments::{EvalCommand, TableFormat};
use crate::complaint::Complaint;
use crate::workspace::Workspace;

/// The level of the intervals that stand beside scores.
const CONFIDENCE: f64 = 0.95;

/// Does what the command line says.
pub(crate) async fn execute(workspace: &Workspace, command: EvalCommand) -> Result<(), Complaint> {
    match command {
        EvalCommand::AlpacaEval(command) => alpaca_eval::execute(workspace, command).await,
        EvalCommand::MtBench(command) => mt_bench::execute(workspace, command).await,
        EvalCommand::Flask(command) => flask::execute(workspace, command).await,
        EvalCommand::Gsm8k(arguments) => tasks::gsm8k(workspace, arguments).await,
        EvalCommand::Humaneval(arguments) => human_eval::execute(workspace, arguments).await,
        EvalCommand::Tasks { file, command } => tasks::own(workspace, &file, command).await,
        EvalCommand::Compare(arguments) => compare::execute(&arguments),
        EvalCommand::Report(arguments) => report::execute(&arguments),
    }
}

/// A benchmark's file, prompt or number that cannot be used.
pub(crate) fn eval_complaint(error: &moa_eval::EvalError) -> Complaint {
    Complaint::failed(error).with_hint(error.hint())
}

/// Results that cannot be kept or found.
pub(crate) fn runner_complaint(error: &moa_eval::runner::RunnerError) -> Complaint {
    Complaint::failed(error).with_hint(error.hint())
}
