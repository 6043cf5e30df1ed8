//! Programs of answers, each run once, however many mixtures it is a candidate of.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use moa_core::extraction::Code;
use moa_core::{CandidateRunner, Example, ExampleRun, Trial};

/// What programs did with the examples of a prompt.
type Known = HashMap<(Arc<[Example]>, Code), Vec<ExampleRun>>;

/// A runner that asks another one only for what is not known yet. What could not be run is asked for again.
pub(super) fn runner(runner: CandidateRunner) -> CandidateRunner {
    let known: Arc<Mutex<Known>> = Arc::default();
    CandidateRunner::new(move |trial| {
        let (known, runner) = (Arc::clone(&known), runner.clone());
        async move {
            let examples: Arc<[Example]> = trial.examples.into();
            let key = |program: &Code| (Arc::clone(&examples), program.clone());
            let programs: Vec<Code> = {
                let known = lock(&known);
                trial.programs.iter().filter(|program| !known.contains_key(&key(program))).cloned().collect()
            };
            if !programs.is_empty() {
                let runs =
                    runner.run(Trial { programs: programs.clone(), examples: examples.to_vec() }).await?;
                lock(&known).extend(programs.iter().map(&key).zip(runs));
            }
            let known = lock(&known);
            let runs =
                trial.programs.iter().map(|program| known.get(&key(program)).cloned().unwrap_or_default());
            Ok(runs.collect())
        }
        .boxed()
    })
}

fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    // The map is whole between any two statements.
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "remembered_tests.rs"]
mod tests;
