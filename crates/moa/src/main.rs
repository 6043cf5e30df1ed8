//! The command `moa`.

mod attachment;
mod candidates;
mod chat;
mod cli;
mod commands;
mod complaint;
mod discreet;
mod estimate;
mod fetch;
mod input;
mod interrupt;
mod local;
mod logging;
mod memory_plan;
mod peak_memory;
mod remote;
mod reuse;
mod run;
mod served;
mod telemetry;
mod workspace;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;
use crate::complaint::Complaint;
use crate::interrupt::{Interrupts, Signals};
use crate::telemetry::Telemetry;
use crate::workspace::Workspace;

fn main() -> ExitCode {
    moa_terminal::restore_terminal_on_panic();
    let cli = Cli::parse();
    logging::start(cli.global.verbose);
    // Before the runtime, since its client has one of its own.
    let telemetry = Telemetry::start();
    let workspace = Workspace { global: cli.global, interrupts: Interrupts::default(), telemetry };
    let result = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Complaint::failed(format!("cannot start the asynchronous runtime: {error}")))
        .and_then(|runtime| {
            let result =
                runtime.block_on(interruptible(commands::execute(cli.command, &workspace), &workspace));
            // A thread that waits for standard input must not hold up the end of the program.
            runtime.shutdown_background();
            result
        });
    workspace.telemetry.finish();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => complaint.report(),
    }
}

/// Gives a command up when a signal asks for it; all that commands do can be given up at any moment.
async fn interruptible(
    command: impl Future<Output = Result<(), Complaint>>,
    workspace: &Workspace,
) -> Result<(), Complaint> {
    let deaf = |error| Complaint::failed(format!("cannot listen for signals: {error}"));
    // Before the command begins: what it shows may be answered with Ctrl-C at once.
    let signals = Signals::new().map_err(deaf)?;
    tokio::select! {
        result = command => result,
        left = workspace.interrupts.fatal(signals) => {
            // The thread that waits for input is given up, with the terminal as its editor has set it.
            moa_terminal::restore_terminal();
            Err(Complaint::interrupted(left.map_err(deaf)?))
        }
    }
}
