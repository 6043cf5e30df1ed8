//! Runs the programs of answers in the sandbox, for mixtures that choose by what they do.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::try_join_all;
use moa_core::{CandidateRunner, Example, ExampleRun, Trial};
use moa_eval::sandbox::{Limits, Program, Sandbox, SandboxError};
use tokio::sync::{OnceCell, Semaphore};

/// How long a program may take for all examples of a prompt, its own start included. Examples of prompts are small, and somebody waits.
const WALL: Duration = Duration::from_secs(5);

/// A runner that makes its sandbox when it is first asked, and proves it: most mixtures run nothing. All that it runs, for however many runs of
/// mixtures, is as many programs at a time as there are cores: a program that waits has not started, and loses none of its time.
pub(crate) fn sandboxed() -> CandidateRunner {
    let sandbox: Arc<OnceCell<Sandbox>> = Arc::default();
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let places = Arc::new(Semaphore::new(cores));
    CandidateRunner::new(move |trial| {
        let (sandbox, places) = (Arc::clone(&sandbox), Arc::clone(&places));
        async move {
            let opened = sandbox.get_or_try_init(Sandbox::open).await.cloned();
            match opened {
                Ok(sandbox) => run(&sandbox, &places, trial).await.map_err(|error| reason(&error)),
                Err(error) => Err(reason(&error)),
            }
        }
        .boxed()
    })
}

/// Runs every program on every example; the programs keep their places, whoever is done first.
async fn run(
    sandbox: &Sandbox,
    places: &Arc<Semaphore>,
    trial: Trial,
) -> Result<Vec<Vec<ExampleRun>>, SandboxError> {
    let limits = Limits { wall: WALL, cpu: WALL, ..Limits::default() };
    let examples: Arc<[Example]> = trial.examples.into();
    let programs = trial.programs.into_iter().map(|code| {
        let (sandbox, examples, places) = (sandbox.clone(), Arc::clone(&examples), Arc::clone(places));
        let program = Program { code: code.program, test: String::new(), is_cut_off: code.is_cut_off };
        async move {
            // Nobody closes it.
            let _place = places.acquire().await;
            sandbox.examine(&program, &examples, &limits).await
        }
    });
    try_join_all(programs).await
}

fn reason(error: &SandboxError) -> String {
    match error.hint() {
        Some(hint) => format!("{error} ({hint})"),
        None => error.to_string(),
    }
}

#[cfg(test)]
#[path = "candidates_tests.rs"]
mod tests;
