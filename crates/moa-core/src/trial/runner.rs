//! Who runs programs that models wrote.

use std::fmt;
use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::example::{Example, ExampleRun};
use crate::extraction::Code;

/// Programs, and the examples on which each of them is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The programs, in Python, each once.
    pub programs: Vec<Code>,
    /// The examples, in the order in which the prompt gives them: what one says may build on those before.
    pub examples: Vec<Example>,
}

/// What a trial came to: of each program what it did with each example, as far as it came; or why nothing could be run, in words.
pub type TrialReport = Result<Vec<Vec<ExampleRun>>, String>;

/// Runs programs that models wrote, and that nobody has read. It sees to it that they can do no harm and come to an end.
///
/// The engine has none of its own: it starts no processes.
#[derive(Clone)]
pub struct CandidateRunner {
    run: Arc<dyn Fn(Trial) -> BoxFuture<'static, TrialReport> + Send + Sync>,
}

impl CandidateRunner {
    /// A runner that does it by `run`. Dropping its future stops the programs.
    pub fn new(run: impl Fn(Trial) -> BoxFuture<'static, TrialReport> + Send + Sync + 'static) -> Self {
        Self { run: Arc::new(run) }
    }

    /// Nobody runs programs here, for a reason that completes "nothing was run: ".
    pub fn refusing(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self::new(move |_| std::future::ready(Err(reason.clone())).boxed())
    }

    /// Tries the programs: of each, in the order of the trial, what it did with each example, as far as it came.
    ///
    /// # Errors
    /// Why nothing could be run, in words.
    ///
    /// # Cancel safety
    /// Dropping the future stops the programs.
    #[must_use]
    pub fn run(&self, trial: Trial) -> BoxFuture<'static, TrialReport> {
        (self.run)(trial)
    }
}

impl fmt::Debug for CandidateRunner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CandidateRunner").finish_non_exhaustive()
    }
}
