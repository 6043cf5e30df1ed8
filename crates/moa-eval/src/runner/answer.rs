//! One contender's answer to one conversation, with what led to it.

use futures::future::join_all;
use moa_core::{
    CallOutcome, CallStatus, Certainty, Conversation, Failure, FailureKind, FinishReason, LayerRole, RunEnd,
    Trace, Usage,
};
use serde::{Deserialize, Serialize};

use super::contender::Contender;
use super::item::{Done, Undone};
use crate::calls::{Calls, shared_samples};

/// Chooses among samples: gives the place of the one that is the answer.
pub type Choose<'a> = dyn Fn(&[Vote<'_>]) -> usize + Send + Sync + 'a;

/// A sample as those see it who choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote<'a> {
    /// The answer.
    pub text: &'a str,
    /// Whether it came to its end, and was not cut short.
    pub is_whole: bool,
}

/// An answer, and what led to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The answer; empty where there is none that asking again would bring.
    pub text: String,
    /// Why it ended.
    pub finish_reason: Option<FinishReason>,
    /// Why there is no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Whether a proposal was lost, shortened or partial, or the answer is not the aggregator's.
    pub degraded: bool,
    /// The tokens of the answer itself, without those of the proposals.
    pub answer_tokens: u32,
    /// How sure its model was of it, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certainty: Option<Certainty>,
    /// The proposals, layer by layer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Vec<Proposal>>,
    /// The samples that voted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<Sample>,
}

/// What one agent proposed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// The agent's name.
    pub agent: String,
    /// The model's id.
    pub model: String,
    /// What became of it.
    pub status: CallStatus,
    /// The proposal.
    pub text: String,
    /// Tokens and cost.
    pub usage: Usage,
    /// From the question to the end of the proposal, in milliseconds.
    pub wall_ms: f64,
}

/// One of several answers that vote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The answer.
    pub text: String,
    /// Tokens and cost.
    pub usage: Usage,
    /// Whether it was cut short.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut_off: bool,
    /// How sure its model was of it, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certainty: Option<Certainty>,
}

impl Contender {
    /// Answers the last question of a conversation. A refusal that would repeat itself (nothing was answered, the question is too long)
    /// is an empty answer; other failures are for the next run to try again.
    ///
    /// # Errors
    /// Where the answer could not be had.
    ///
    /// # Cancel safety
    /// Dropping the future stops every model.
    pub async fn answer(
        &self,
        conversation: &Conversation,
        seed: u64,
        calls: &Calls,
        choose: &Choose<'_>,
    ) -> Result<Done<Answer>, Undone> {
        let Some(votes) = self.votes else { return self.answer_once(conversation, seed, 0, calls).await };
        let sample = |number| self.answer_once(conversation, seed, number, calls);
        let (samples, usage) = all_or_undone(join_all((0..votes).map(sample)).await)?;
        let votes: Vec<Vote<'_>> = samples.iter().map(|sample| sample.result.vote()).collect();
        let chosen = choose(&votes);
        let wall_ms = samples.iter().map(|sample| sample.wall_ms).fold(0.0, f64::max);
        let degraded = samples.iter().any(|sample| sample.result.degraded);
        let votes = samples.iter().map(|sample| Sample {
            text: sample.result.text.clone(),
            usage: sample.usage,
            is_cut_off: !sample.result.vote().is_whole,
            certainty: sample.result.certainty,
        });
        let votes = votes.collect();
        let chosen = samples
            .into_iter()
            .nth(chosen)
            .ok_or_else(|| Failure::new(FailureKind::ModelError, "the vote chose none of the samples"))
            .map_err(|failure| Undone { failure, usage })?;
        let result = Answer { degraded, samples: votes, ..chosen.result };
        Ok(Done { result, usage, wall_ms })
    }

    /// The answer, as the sample of this number.
    async fn answer_once(
        &self,
        conversation: &Conversation,
        seed: u64,
        number: u32,
        calls: &Calls,
    ) -> Result<Done<Answer>, Undone> {
        let mixture = shared_samples(&self.mixture, seed, number);
        let trace = calls.run(&mixture, conversation, seed.wrapping_add(u64::from(number))).await?;
        done(&trace)
    }
}

impl Answer {
    fn vote(&self) -> Vote<'_> {
        let is_cut_short =
            matches!(self.finish_reason, Some(FinishReason::Length | FinishReason::ContentFilter));
        Vote { text: &self.text, is_whole: !is_cut_short }
    }
}

/// All samples and what they took, or the first failure with what all of them took.
fn all_or_undone(samples: Vec<Result<Done<Answer>, Undone>>) -> Result<(Vec<Done<Answer>>, Usage), Undone> {
    let mut usage = Usage::default();
    let (mut done, mut failure) = (Vec::new(), None);
    for sample in samples {
        match sample {
            Ok(sample) => {
                usage += sample.usage;
                done.push(sample);
            }
            Err(undone) => {
                usage += undone.usage;
                failure.get_or_insert(undone.failure);
            }
        }
    }
    failure.map_or(Ok((done, usage)), |failure| Err(Undone { failure, usage }))
}

/// What a run has come to.
fn done(trace: &Trace) -> Result<Done<Answer>, Undone> {
    // A proposal that the cap forbade makes another mixture of it: no answer of this one.
    let of_cap = trace
        .calls()
        .filter_map(|call| call.outcome.as_ref()?.error.as_ref())
        .find(|failure| failure.kind == FailureKind::CostCap);
    if let Some(failure) = of_cap {
        return Err(Undone { failure: failure.clone(), usage: usage(trace) });
    }
    match &trace.end {
        Some(RunEnd::Finished(outcome)) => {
            let layers = trace.layers.iter().filter(|layer| layer.role == LayerRole::Proposers);
            let proposals = layers.map(|layer| layer.answers().filter_map(proposal).collect());
            let aggregator = trace.layers.iter().filter(|layer| layer.role == LayerRole::Aggregator);
            let mut written =
                aggregator.flat_map(|layer| &layer.calls).filter_map(|call| call.outcome.as_ref());
            let chosen = outcome.chosen.and_then(|call| trace.call(call)?.outcome.as_ref());
            let answering = chosen.or_else(|| written.next_back());
            let answer_tokens = answering.map_or(0, |outcome| outcome.usage.completion_tokens);
            let certainty = answering.and_then(|outcome| outcome.certainty.as_deref().copied());
            let result = Answer {
                text: outcome.answer.clone(),
                finish_reason: Some(outcome.finish_reason),
                failure: None,
                degraded: outcome.degraded,
                answer_tokens,
                certainty,
                layers: proposals.collect(),
                samples: Vec::new(),
            };
            Ok(Done { result, usage: outcome.usage, wall_ms: outcome.wall_ms })
        }
        Some(RunEnd::Failed { failure, usage, wall_ms }) if is_final(failure.kind) => {
            let result = Answer {
                text: String::new(),
                finish_reason: None,
                failure: Some(failure.clone()),
                degraded: false,
                answer_tokens: 0,
                certainty: None,
                layers: Vec::new(),
                samples: Vec::new(),
            };
            Ok(Done { result, usage: *usage, wall_ms: *wall_ms })
        }
        Some(RunEnd::Failed { failure, .. }) => Err(Undone { failure: failure.clone(), usage: usage(trace) }),
        Some(RunEnd::Cancelled { .. }) | None => {
            let failure = Failure::new(FailureKind::Cancelled, "the run was stopped");
            Err(Undone { failure, usage: usage(trace) })
        }
    }
}

/// What a run took, whatever its end.
fn usage(trace: &Trace) -> Usage {
    match &trace.end {
        Some(RunEnd::Finished(outcome)) => outcome.usage,
        Some(RunEnd::Failed { usage, .. } | RunEnd::Cancelled { usage, .. }) => *usage,
        None => Usage::default(),
    }
}

fn proposal(call: &moa_core::CallTrace) -> Option<Proposal> {
    let CallOutcome { status, text, usage, wall_ms, .. } = call.outcome.clone()?;
    Some(Proposal { agent: call.agent.clone(), model: call.model.clone(), status, text, usage, wall_ms })
}

/// Whether asking again would bring the same.
fn is_final(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::EmptyAnswer | FailureKind::ContentFiltered | FailureKind::ContextOverflow)
}
