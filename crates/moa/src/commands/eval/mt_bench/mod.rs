//! `moa eval mt-bench`.

mod files;
mod generate;
mod judge;
mod score;

use clap::Subcommand;

use crate::complaint::Complaint;
use crate::workspace::Workspace;

/// What can be done with MT-Bench.
#[derive(Debug, Subcommand)]
pub(crate) enum MtBenchCommand {
    /// Let contenders answer both turns of the 80 questions; what is answered already is kept
    Generate(generate::MtBenchGenerateArgs),
    /// Let a judge grade the answers, or play games between them; what is judged already is kept
    Judge(judge::MtBenchJudgeArgs),
    /// Compute the scores of a file of judgments, as the official script does; no model is asked
    Score(score::ScoreArgs),
}

pub(crate) async fn execute(workspace: &Workspace, command: MtBenchCommand) -> Result<(), Complaint> {
    match command {
        MtBenchCommand::Generate(arguments) => generate::execute(workspace, &arguments).await,
        MtBenchCommand::Judge(arguments) => judge::execute(workspace, &arguments).await,
        MtBenchCommand::Score(arguments) => score::execute(&arguments),
    }
}
