//! Runs the programs of answers in the sandbox, for mixtures that choose by what they do.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use moa_core::{CandidateRunner, Example, ExampleRun, Trial};
use moa_eval::sandbox::{Limits, Program, Sandbox, SandboxError};
use tokio::sync::OnceCell;

/// How long a program may take for all examples of a prompt, its own start included. Examples of prompts are small, and somebody waits.
const WALL: Duration = Duration::from_secs(5);

/// A runner that makes its sandbox when it is first asked, and proves it: most mixtures run nothing.
pub(crate) fn sandboxed() -> CandidateRunner {
    let sandbox: Arc<OnceCell<Sandbox>> = Arc::default();
    CandidateRunner::new(move |trial| {
        let sandbox = Arc::clone(&sandbox);
        async move {
            let opened = sandbox.get_or_try_init(Sandbox::open).await.cloned();
            match opened {
                Ok(sandbox) => run(sandbox, trial).await.map_err(|error| reason(&error)),
                Err(error) => Err(reason(&error)),
            }
        }
        .boxed()
    })
}

/// Runs as many programs at a time as there are cores.
async fn run(sandbox: Sandbox, trial: Trial) -> Result<Vec<Vec<ExampleRun>>, SandboxError> {
    let limits = Limits { wall: WALL, cpu: WALL, ..Limits::default() };
    let examples: Arc<[Example]> = trial.examples.into();
    let at_once = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let programs = trial.programs.into_iter().map(move |code| {
        let (sandbox, examples) = (sandbox.clone(), Arc::clone(&examples));
        let program = Program { code: code.program, test: String::new(), is_cut_off: code.is_cut_off };
        async move { sandbox.examine(&program, &examples, &limits).await }
    });
    stream::iter(programs).buffered(at_once).try_collect().await
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
