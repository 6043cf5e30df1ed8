//! Runs mixtures, or single calls, against a service at a rate, and prints one line of JSON for each: when it was due, began and ended, on the
//! clock that `moa-mock` stamps its log with. `orchestration.py` beside this folder starts it, takes the mock's own time off, and compares.

mod cli;
mod direct;
mod mixture;
mod recording;
mod report;

use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use moa_testkit::load::{Arrivals, moments};
use tokio::task::JoinSet;

use crate::cli::{Cli, Contender};
use crate::direct::Direct;
use crate::mixture::MixtureRuns;
use crate::report::{Failure, Line, print};

/// Runs that are not printed: connections are opened and caches filled by them.
const WARM_UP_RUNS: u64 = 5;

fn main() -> Result<(), Failure> {
    let cli = Cli::parse();
    // As many threads as the program `moa` has.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(execute(&cli))
}

async fn execute(cli: &Cli) -> Result<(), Failure> {
    match cli.contender {
        Contender::Direct => {
            let direct = Arc::new(Direct::new(cli)?);
            at_rate(cli, move |run| Arc::clone(&direct).ask(run)).await
        }
        Contender::Mixture => {
            let runs = Arc::new(MixtureRuns::new(cli)?);
            at_rate(cli, move |run| Arc::clone(&runs).ask(run)).await
        }
    }
}

/// Asks at the rate, however long the answers take, and prints what came of it when all have ended.
async fn at_rate<F>(cli: &Cli, ask: impl Fn(u64) -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<Line, String>> + Send + 'static,
{
    for run in 0..WARM_UP_RUNS {
        ask(run).await?;
    }
    let time = Duration::from_secs_f64(f64::from(cli.runs) / cli.rate);
    let mut due = moments(Arrivals::Constant, cli.rate, time, 0)?;
    let mut asked = JoinSet::new();
    let mut run = WARM_UP_RUNS;
    while let Some(moment) = due.recv().await {
        let answer = ask(run);
        asked.spawn(async move { answer.await.map(|line| Line { due_ns: moment.as_nanos(), ..line }) });
        run += 1;
    }
    while let Some(line) = asked.join_next().await {
        print(&line??)?;
    }
    Ok(())
}
