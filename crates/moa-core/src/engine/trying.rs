//! Running the programs that answers give on the examples that the prompt gives.

use std::collections::BTreeSet;

use super::deadline::Deadline;
use super::execution::{Execution, Proposal};
use crate::aggregation::{Candidate, Choosing, Decision, Tried, TriedPrograms, choose_by_running};
use crate::extraction::Code;
use crate::trial::{Example, ExampleRun, Start, Trial, examples, functions};

/// What programs of a run did, so that none is run twice: when it is looked at whether more answers are needed, and when it is chosen.
#[derive(Debug, Default)]
pub(super) struct TriedBefore {
    examples: Vec<Example>,
    known: Vec<(Code, Vec<ExampleRun>)>,
}

impl TriedBefore {
    /// The programs of a trial that were not tried on its examples. What was tried on others is forgotten.
    fn unknown(&mut self, trial: &Trial) -> Vec<Code> {
        if self.examples != trial.examples {
            self.examples.clone_from(&trial.examples);
            self.known.clear();
        }
        let is_known = |program: &Code| self.known.iter().any(|(known, _)| known == program);
        trial.programs.iter().filter(|program| !is_known(program)).cloned().collect()
    }

    fn runs(&self, program: &Code) -> Vec<ExampleRun> {
        self.known
            .iter()
            .find(|(known, _)| known == program)
            .map(|(_, runs)| runs.clone())
            .unwrap_or_default()
    }
}

impl Execution<'_> {
    /// Decides between proposals by what their programs do.
    pub(super) async fn decide_by_running(
        &mut self,
        choosing: &Choosing,
        proposals: &[Proposal],
    ) -> Decision {
        let candidates: Vec<Candidate<'_>> = proposals.iter().map(Proposal::candidate).collect();
        // One answer is the answer, and none is none, whatever its program does.
        let tried = if candidates.len() < 2 {
            Tried::NotRun("there was nothing to compare".to_owned())
        } else {
            self.try_programs(&candidates).await
        };
        // This is not what the mixture would have chosen.
        self.degraded |= matches!(tried, Tried::Refused(_));
        choose_by_running(choosing, &candidates, &tried)
    }

    /// The share of the prompt's examples that the best program among the proposals passes; nothing where none can be tried, because the
    /// prompt gives no example, no proposal has a program, or nobody runs programs.
    pub(super) async fn examples_passed(&mut self, proposals: &[Proposal]) -> Option<f64> {
        let candidates: Vec<Candidate<'_>> = proposals.iter().map(Proposal::candidate).collect();
        match self.try_programs(&candidates).await {
            Tried::Run(tried) => Some(tried.most_passed()),
            Tried::NotRun(_) | Tried::Refused(_) => None,
        }
    }

    async fn try_programs(&mut self, candidates: &[Candidate<'_>]) -> Tried {
        let prompt = self.request.conversation.last_user_message().unwrap_or_default();
        let start = Start::of(prompt);
        let given: Vec<Option<Code>> =
            candidates.iter().map(|candidate| start.program(candidate.text)).collect();
        if given.iter().all(Option::is_none) {
            return Tried::NotRun("no answer has a program".to_owned());
        }
        let defined = given.iter().flatten().flat_map(|code| functions(&code.program));
        let names: BTreeSet<String> = functions(prompt).chain(defined).map(str::to_owned).collect();
        let examples = examples(prompt, &names);
        if examples.is_empty() {
            return Tried::NotRun("the prompt gives no example that could be run".to_owned());
        }
        let mut programs: Vec<Code> = Vec::new();
        let places = given.into_iter().map(|code| {
            let code = code?;
            let known = programs.iter().position(|known| *known == code);
            Some(known.unwrap_or_else(|| {
                programs.push(code);
                programs.len() - 1
            }))
        });
        let places: Vec<Option<usize>> = places.collect();
        let count = examples.len();
        match self.run_once(Trial { programs, examples }).await {
            Ok(runs) => Tried::Run(TriedPrograms { examples: count, programs: places, runs }),
            Err(reason) => Tried::Refused(format!("nothing was run: {reason}")),
        }
    }

    /// Runs those programs of a trial that this run has not tried yet.
    async fn run_once(&mut self, trial: Trial) -> Result<Vec<Vec<ExampleRun>>, String> {
        let programs = self.tried.unknown(&trial);
        if !programs.is_empty() {
            let examples = trial.examples.clone();
            let runs = self.run_trial(Trial { programs: programs.clone(), examples }).await?;
            self.tried.known.extend(programs.into_iter().zip(runs));
        }
        Ok(trial.programs.iter().map(|program| self.tried.runs(program)).collect())
    }

    /// Runs programs until they are done, the run's time is over or it is stopped.
    async fn run_trial(&self, trial: Trial) -> Result<Vec<Vec<ExampleRun>>, String> {
        let Some(runner) = self.models.candidate_runner() else {
            return Err("there is no sandbox for programs".to_owned());
        };
        let deadline = self.run_deadline();
        tokio::select! {
            biased;
            () = self.request.cancel.cancelled() => Err("the run was stopped".to_owned()),
            failure = Deadline::wait_for(deadline.as_ref()) => Err(failure.message),
            report = runner.run(trial) => report,
        }
    }
}
