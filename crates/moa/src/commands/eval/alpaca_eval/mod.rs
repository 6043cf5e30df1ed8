//! `moa eval alpaca-eval`.

mod files;
mod generate;
mod judge;
mod score;
mod stored;

use clap::Subcommand;

use super::judging::JudgeArgs;
use crate::complaint::Complaint;
use crate::workspace::Workspace;

/// What can be done with `AlpacaEval` 2.0.
#[derive(Debug, Subcommand)]
pub(crate) enum AlpacaEvalCommand {
    /// Let contenders answer the 805 instructions; what is answered already is kept
    Generate(generate::AlpacaGenerateArgs),
    /// Let a judge compare the answers with the baseline's; what is judged already is kept
    Judge(JudgeArgs),
    /// Compute the win rates of a file of annotations, as the official package does; no model is asked
    Score(Box<score::ScoreArgs>),
}

pub(crate) async fn execute(workspace: &Workspace, command: AlpacaEvalCommand) -> Result<(), Complaint> {
    match command {
        AlpacaEvalCommand::Generate(arguments) => generate::execute(workspace, &arguments).await,
        AlpacaEvalCommand::Judge(arguments) => judge::execute(workspace, &arguments).await,
        AlpacaEvalCommand::Score(arguments) => score::execute(&arguments),
    }
}
