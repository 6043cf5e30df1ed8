//! The command `moa-mock`: a scripted service, a proxy, a load.

mod cli;
mod complaint;
mod load;
mod log_file;
mod proxy;
mod serve;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::complaint::Complaint;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => complaint.report(),
    }
}

fn run(cli: Cli) -> Result<(), Complaint> {
    if cli.serve.print_example {
        return say(moa_testkit::Script::example());
    }
    // One thread answers thousands of requests a second and leaves the other cores to what is tested.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cli.threads.into())
        .enable_all()
        .build()
        .map_err(|error| Complaint::failed(format!("cannot start the asynchronous runtime: {error}")))?;
    runtime.block_on(async {
        match cli.command {
            None => serve::serve(cli.serve).await,
            Some(Command::Load(arguments)) => load::load(arguments).await,
            Some(Command::Proxy(arguments)) => proxy::proxy(arguments).await,
        }
    })
}

/// Writes to standard output at once.
fn say(text: &str) -> Result<(), Complaint> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Complaint::failed(format!("cannot write the output: {error}")))
}

/// Waits until the program is told to end (SIGINT, SIGTERM).
async fn told_to_end() -> Result<(), Complaint> {
    use tokio::signal::unix::{SignalKind, signal};

    let no_signals = |error| Complaint::failed(format!("cannot listen for signals: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(no_signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(no_signals)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
