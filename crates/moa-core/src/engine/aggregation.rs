//! The last layer: the aggregator's answer, or who stands in for it.

use tokio::time::Instant;

use super::budget::Reservation;
use super::execution::{Execution, Proposal, Stop};
use super::layer_run::LayerPlan;
use crate::aggregation::Aggregation;
use crate::conversation::{Conversation, Message};
use crate::event::{CallOutcome, CallStatus, EventKind, Fallback};
use crate::failure::{Failure, FailureKind};
use crate::layer::{CallId, LayerIndex, LayerRole};
use crate::mixture::AggregatorFailure;
use crate::model::FinishReason;
use crate::price::Pricing;
use crate::ranking;
use crate::token_estimate::most_prompt_tokens;
use crate::tool::ToolCall;

/// The most tokens of what stands around an analysis, one for each byte.
const ANALYSIS_TOKENS: u32 = 256;

/// The most tokens of the marks around one reference and of its number, one for two bytes.
const MARK_TOKENS: u32 = 24;

/// The answer of a run, and whose it is.
pub(super) struct AggregatorEnd {
    pub(super) text: String,
    pub(super) tool_calls: Vec<ToolCall>,
    pub(super) finish_reason: FinishReason,
    pub(super) first_token_at_ms: Option<f64>,
    pub(super) fallback: Option<Fallback>,
    /// Whose proposal it is, where one was chosen.
    pub(super) chosen: Option<CallId>,
}

impl<'run> Execution<'run> {
    /// Asks the aggregator for the answer; where it fails before it says anything, the next in line; where all do, takes the best
    /// proposal, if the mixture allows that.
    ///
    /// A reader may have seen the beginning of an answer that breaks off. It is never continued by somebody else: the run fails.
    pub(super) async fn aggregate(
        &mut self,
        layer: LayerIndex,
        read: &[Proposal],
    ) -> Result<AggregatorEnd, Stop> {
        let start = Instant::now();
        self.emitter.emit(EventKind::LayerStarted { layer, role: LayerRole::Aggregator }).await;
        let mut failures = Vec::new();
        let mut end = None;
        let mut has_begun = false;
        for (agent, number) in self.request.mixture.aggregators().zip(1..) {
            let plan = LayerPlan {
                index: layer,
                role: LayerRole::Aggregator,
                agents: std::slice::from_ref(agent),
                first_agent: number,
                quorum: 1,
                wait: None,
                deadline: None,
            };
            let Some(report) = self.ask_agents(&plan, start, read, &[]).await.pop() else { break };
            let CallOutcome { status, text, tool_calls, finish_reason, error, .. } = report.outcome;
            if status == CallStatus::Ok {
                let fallback = (number > 1).then_some(Fallback::Aggregator { call: report.call });
                let finish_reason = finish_reason.unwrap_or(FinishReason::Stop);
                let first_token_at_ms = report.first_token_at_ms;
                end = Some(AggregatorEnd {
                    text,
                    tool_calls,
                    finish_reason,
                    first_token_at_ms,
                    fallback,
                    chosen: None,
                });
                break;
            }
            let error = error.unwrap_or_else(|| Failure::new(FailureKind::ModelError, "no reason was given"));
            has_begun = !text.is_empty();
            let is_over = has_begun || is_final(&error);
            failures.push((agent.name.as_str(), error));
            if is_over {
                break;
            }
        }
        if end.is_none() && !self.request.cancel.is_cancelled() && !has_begun {
            end = self.best_proposal(read);
        }
        self.finish_layer(layer, usize::from(end.is_some()), failures.len(), start).await;
        match end {
            Some(end) => Ok(end),
            None if self.request.cancel.is_cancelled() => Err(Stop::Cancelled),
            None => Err(Stop::Failed(no_answer(&failures))),
        }
    }

    /// The proposal that stands in for an aggregator that failed.
    fn best_proposal(&mut self, read: &[Proposal]) -> Option<AggregatorEnd> {
        // Proposers know nothing of a form that the answer must have; what has not been kept to it must not pass for it.
        let must_have_form = self.request.response_format.is_some();
        if must_have_form || self.request.mixture.on_aggregator_failure == AggregatorFailure::Fail {
            return None;
        }
        let latest = read.iter().map(|proposal| proposal.call.layer).max()?;
        let candidates: Vec<&Proposal> =
            read.iter().filter(|proposal| proposal.call.layer == latest).collect();
        let texts: Vec<(bool, &str)> = candidates
            .iter()
            .map(|proposal| (proposal.is_whole(), proposal.reference.text.as_str()))
            .collect();
        let best = candidates.get(ranking::best(&texts)?)?;
        self.degraded = true;
        Some(AggregatorEnd {
            text: best.reference.text.clone(),
            tool_calls: Vec::new(),
            finish_reason: best.finish_reason,
            first_token_at_ms: None,
            fallback: Some(Fallback::Proposal { call: best.call }),
            chosen: None,
        })
    }

    /// Sets aside what the aggregator can cost at most, before any proposer is asked.
    pub(super) fn reserve_for_aggregator(&self) -> Result<Option<Reservation<'run>>, Failure> {
        let mixture = &self.request.mixture;
        let aggregator = &mixture.aggregator;
        let writes = mixture.asks_aggregator() || self.why_written().is_some();
        if !self.budget.is_capped() || mixture.layers.is_empty() || !writes {
            return Ok(None);
        }
        let call =
            CallId { layer: LayerIndex(u32::try_from(mixture.layer_count()).unwrap_or(u32::MAX)), agent: 1 };
        let pricing = self.models.resolve(call, &aggregator.model).map(|model| model.pricing());
        let Some(Pricing::Known(price)) = pricing else { return Ok(None) };
        let read = mixture.read_at(mixture.layers.len());
        // Another model's tokenizer, and the bound by bytes, may make two of each token that a proposer writes.
        let proposals = read
            .iter()
            .flat_map(|layer| &layer.agents)
            .map(|agent| agent.max_tokens.saturating_mul(2).saturating_add(MARK_TOKENS));
        let instruction = Conversation::new(vec![Message::system(mixture.synthesis.source())]);
        let synthesis = most_prompt_tokens(&instruction);
        let analysis = match mixture.aggregation {
            Aggregation::AnalyseThenWrite => {
                aggregator.max_tokens.saturating_mul(2).saturating_add(ANALYSIS_TOKENS)
            }
            _ => 0,
        };
        let prompt_tokens = proposals
            .fold(most_prompt_tokens(&self.request.conversation), u32::saturating_add)
            .saturating_add(synthesis)
            .saturating_add(analysis);
        let usd = price.at_most(prompt_tokens, aggregator.max_tokens);
        self.budget.reserve(usd, &format!("the aggregator '{}'", aggregator.name)).map(Some)
    }
}

/// Whether asking another aggregator is of no use either.
fn is_final(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::RunDeadline | FailureKind::Cancelled)
}

/// The failure of a run none of whose aggregators gave an answer.
fn no_answer(failures: &[(&str, Failure)]) -> Failure {
    let Some((_, last)) = failures.last() else {
        return Failure::new(FailureKind::ModelError, "the aggregator was not asked");
    };
    let reasons: Vec<String> = failures
        .iter()
        .map(|(agent, failure)| format!("the aggregator '{agent}' gave no answer: {failure}"))
        .collect();
    Failure { message: reasons.join("; "), ..last.clone() }
}
