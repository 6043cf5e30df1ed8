//! Runs of which it is known beforehand that their first answer is enough.

use super::request::RunRequest;
use crate::agent::Agent;
use crate::aggregation::{AgreedAnswer, AgreementMeasure};
use crate::mixture::Mixture;
use crate::trial::may_have_examples;

/// The request; where its mixture stops at the first answer whatever that is, with the agent that gives it alone in the mixture's place. The answer
/// is the same, and is told as it is written, which no proposal is.
pub(super) fn foreseen(request: RunRequest) -> RunRequest {
    let Some(agent) = only_agent(&request).cloned() else { return request };
    let RunRequest { mixture, .. } = &request;
    let alone =
        Mixture { deadline: mixture.deadline, ..Mixture::new(mixture.name.clone(), Vec::new(), agent) };
    RunRequest { mixture: alone, ..request }
}

/// The one agent of the first layer, where its answer ends the run: more are asked only where a program fails the examples of the question, and the
/// question has none.
fn only_agent(request: &RunRequest) -> Option<&Agent> {
    let mixture = &request.mixture;
    let stop = mixture.early_stop?;
    let ends = stop.measure == AgreementMeasure::Examples && stop.then == AgreedAnswer::Answer;
    let first = mixture.layers.first()?;
    let [agent] = first.agents.as_slice() else { return None };
    // What was written until a deadline is a proposal, and no answer of an aggregator.
    let is_unhurried = first.deadline.is_none() && agent.deadline.is_none();
    // What must have a form or may call tools is written by the aggregator.
    let is_free = request.response_format.is_none() && request.tools.is_none();
    let question = request.conversation.last_user_message().unwrap_or_default();
    (ends && is_free && is_unhurried && mixture.layers.len() > 1 && !may_have_examples(question))
        .then_some(agent)
}
