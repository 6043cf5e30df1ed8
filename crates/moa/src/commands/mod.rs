//! The commands, one file each.

mod ask;
mod bench;
pub(crate) mod calibrate;
mod chat;
mod config;
mod doctor;
pub(crate) mod eval;
mod models;
mod presets;
mod replay;
mod resume;
mod runs;
mod serve;

use std::io::{self, Write as _};

use clap::CommandFactory as _;

use crate::cli::{Cli, Command};
use crate::complaint::Complaint;
use crate::workspace::Workspace;

/// Does what the command line says.
pub(crate) async fn execute(command: Command, workspace: &Workspace) -> Result<(), Complaint> {
    match command {
        Command::Ask(arguments) => ask::execute(workspace, arguments).await,
        Command::Chat(arguments) => chat::execute(workspace, arguments).await,
        Command::Serve(arguments) => serve::execute(workspace, arguments).await,
        Command::Models(command) => models::execute(workspace, command).await,
        Command::Presets(command) => presets::execute(workspace, command),
        Command::Config(command) => config::execute(workspace, command),
        Command::Runs(command) => runs::execute(workspace, command).await,
        Command::Eval(command) => eval::execute(workspace, command).await,
        Command::Calibrate(arguments) => calibrate::execute(workspace, arguments).await,
        Command::Bench(arguments) => bench::execute(workspace, arguments).await,
        Command::Doctor => doctor::execute(workspace),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "moa", &mut script);
            Ok(io::stdout().write_all(&script)?)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            Ok(io::stdout().write_all(&page)?)
        }
    }
}

/// Prints a value as JSON on stdout.
fn print_json(value: &impl serde::Serialize) -> Result<(), Complaint> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Complaint::failed(format!("cannot write JSON: {error}")))?;
    text.push('\n');
    Ok(io::stdout().write_all(text.as_bytes())?)
}

/// Prints text on stdout.
fn print(text: &str) -> Result<(), Complaint> {
    Ok(io::stdout().write_all(text.as_bytes())?)
}
