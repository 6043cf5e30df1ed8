//! Runs mixtures on items, and says what came of it and what it took.

use std::sync::Arc;

use moa_core::{
    Agent, CallTrace, Certainty, ContentKey, Conversation, ConversationDigest, Failure, FailureKind,
    FinishReason, KeyedContent, Mixture, ModelId, Models, RunEnd, Trace,
};

use super::expense::Expense;
use crate::calls::{CallBook, Calls, KeptCall, is_settled};

/// Where a model of this machine says that it runs.
const LOCAL: &str = "local";

/// Runs mixtures. Calls whose answers the book has are answered from there at once.
pub struct Workbench {
    calls: Calls,
}

/// What a mixture made of an item.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The answer; empty where there is none that asking again would bring.
    pub text: String,
    /// Whether it ended because its tokens were used up.
    pub is_cut_off: bool,
    /// What it took, calls that were known included with what they took when they were asked.
    pub expense: Expense,
    /// How sure its model was of the answer, where it is one model's.
    pub certainty: Option<Certainty>,
    /// The share of the proposals that give the answer, where they voted.
    pub agreement: Option<f64>,
    /// Whether layers were left out because the answers agreed.
    pub stopped_early: bool,
    /// Calls that somebody had to be asked for.
    pub asked: usize,
}

impl Workbench {
    /// Models, and the book that knows and keeps their answers.
    #[must_use]
    pub fn new(models: Models, book: &Arc<CallBook>) -> Self {
        Self { calls: Calls::new(models, book) }
    }

    /// What tells a model from every other one.
    #[must_use]
    pub fn identity(&self, model: &ModelId) -> String {
        self.calls.models().get(model).map_or_else(String::new, |model| model.identity())
    }

    /// Whether all models run on this machine.
    #[must_use]
    pub fn is_local(&self, models: &[ModelId]) -> bool {
        models.iter().all(|id| self.calls.models().get(id).is_some_and(|model| model.endpoint() == LOCAL))
    }

    /// The name of the call that asks an agent the conversation alone.
    #[must_use]
    pub fn key(&self, agent: &Agent, conversation: &Conversation) -> ContentKey {
        ContentKey::of(&KeyedContent {
            model: &self.identity(&agent.model),
            conversation: &ConversationDigest::of(conversation),
            sampling: &agent.sampling,
            run_seed: None,
            sample: 0,
            max_tokens: agent.max_tokens,
            tools: None,
            response_format: None,
        })
    }

    /// The answer of an agent to the conversation alone, if it is known.
    #[must_use]
    pub fn known(&self, agent: &Agent, conversation: &Conversation) -> Option<KeptCall> {
        self.calls.book().get(&self.key(agent, conversation))
    }

    /// Runs a mixture. Answers that asking again would bring again are kept, failures of other kinds are not.
    ///
    /// # Errors
    /// Where a call failed that may succeed when it is made again, or an answer cannot be kept.
    ///
    /// # Cancel safety
    /// Dropping the future stops every model; what was answered is kept.
    pub async fn run(&self, mixture: &Mixture, conversation: &Conversation) -> Result<Ran, Failure> {
        let trace = self.calls.run(mixture, conversation, 0).await?;
        self.ran(&trace)
    }

    fn ran(&self, trace: &Trace) -> Result<Ran, Failure> {
        if let Some(failure) = trace.calls().filter(|call| !is_settled(call)).map(error_of).next() {
            return Err(failure);
        }
        let text = match &trace.end {
            Some(RunEnd::Finished(outcome)) => outcome.answer.clone(),
            // Every call was settled, so that asking again would end the same.
            Some(RunEnd::Failed { failure, .. }) if failure.kind != FailureKind::InvalidRequest => {
                String::new()
            }
            Some(RunEnd::Failed { failure, .. }) => return Err(failure.clone()),
            Some(RunEnd::Cancelled { .. }) | None => {
                return Err(Failure::new(FailureKind::Cancelled, "the run was stopped"));
            }
        };
        let answering = trace.settled().and_then(|call| trace.call(call)).or_else(|| trace.calls().last());
        let answering = answering.and_then(|call| call.outcome.as_ref());
        let agreements = trace.layers.iter().filter_map(|layer| layer.agreement);
        Ok(Ran {
            text,
            // A proposal that was chosen may be cut short although the run ended well.
            is_cut_off: answering.is_some_and(|outcome| outcome.finish_reason == Some(FinishReason::Length)),
            expense: self.expense(trace),
            certainty: answering.and_then(|outcome| outcome.certainty.as_deref().copied()),
            agreement: agreement(trace),
            stopped_early: agreements.into_iter().any(|measured| measured.saved.is_some()),
            asked: trace.calls().filter(|call| !call.reused).count(),
        })
    }

    /// What the calls of a run took when they were asked.
    fn expense(&self, trace: &Trace) -> Expense {
        let mut expense = Expense::default();
        for layer in &trace.layers {
            let mut slowest_ms: f64 = 0.0;
            for (call, key, outcome) in layer.calls.iter().filter_map(parts) {
                let kept = self.calls.book().get(key);
                let (outcome, machine_ms) =
                    kept.as_ref().map_or((outcome, 0.0), |kept| (&kept.outcome, kept.machine_ms));
                expense.count(&outcome.usage);
                if call.endpoint == LOCAL {
                    expense.machine_ms += machine_ms;
                    expense.wall_ms += machine_ms;
                } else {
                    slowest_ms = slowest_ms.max(outcome.wall_ms);
                }
            }
            expense.wall_ms += slowest_ms;
        }
        expense
    }
}

fn parts(call: &CallTrace) -> Option<(&CallTrace, &ContentKey, &moa_core::CallOutcome)> {
    Some((call, call.key.as_ref()?, call.outcome.as_ref()?))
}

fn error_of(call: &CallTrace) -> Failure {
    let stopped = || Failure::new(FailureKind::Cancelled, "the call was stopped");
    call.outcome.as_ref().map_or_else(stopped, |outcome| outcome.error.clone().unwrap_or_else(stopped))
}

/// The share of the proposals that voted for the answer.
fn agreement(trace: &Trace) -> Option<f64> {
    let decisions = trace.layers.iter().flat_map(|layer| &layer.decisions);
    let decision = decisions.into_iter().find(|decision| decision.settles && decision.kind == "vote")?;
    let chosen = decision.chosen.first()?;
    let votes = decision.judged.iter().find(|judged| judged.call == *chosen)?.score.unwrap_or(0.0);
    let proposals = u32::try_from(decision.judged.len()).ok().filter(|count| *count > 0)?;
    Some(votes / f64::from(proposals))
}
