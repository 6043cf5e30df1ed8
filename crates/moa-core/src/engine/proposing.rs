//! One layer of proposers: they are asked, and it is decided what of their answers goes on.

use tokio::time::Instant;

use super::choosing::Conclusion;
use super::execution::{Execution, Proposal, Stop};
use super::layer_run::LayerPlan;
use crate::aggregation::AgreedAnswer;
use crate::event::EventKind;
use crate::failure::{Failure, FailureKind};
use crate::layer::{CallId, Layer};
use crate::outlier::outliers;

/// What a layer comes to.
pub(super) struct LayerEnd {
    /// The answers that go on, in the agents' order.
    pub(super) proposals: Vec<Proposal>,
    /// What is settled already, where this was the last layer.
    pub(super) conclusion: Option<Conclusion>,
    /// Whether the layers behind this one are left out.
    pub(super) stops_early: bool,
}

impl Execution<'_> {
    /// Asks the proposers of one layer, from the event of its start to that of its end.
    pub(super) async fn propose(
        &mut self,
        plan: &LayerPlan<'_>,
        layer: &Layer,
        read: &[Proposal],
        is_last: bool,
    ) -> Result<LayerEnd, Stop> {
        let start = Instant::now();
        self.emitter.emit(EventKind::LayerStarted { layer: plan.index, role: plan.role }).await;
        self.next_agent =
            plan.first_agent.saturating_add(u32::try_from(plan.agents.len()).unwrap_or(u32::MAX));
        // Who answers independently reads nothing, and joins those who answered before.
        let (asked_with, beside) = if layer.independent { (&[][..], read) } else { (read, &[][..]) };
        let mut proposals = beside.to_vec();
        let reports = self.ask_agents(plan, start, asked_with, beside).await;
        let joined = proposals.len();
        let mut losses = Vec::new();
        for (agent, report) in plan.agents.iter().zip(reports) {
            match Proposal::of(plan.index, agent, &report) {
                Some(proposal) => proposals.push(proposal),
                None => losses.push((agent.name.as_str(), report.outcome.error)),
            }
        }
        let kept = proposals.len() - joined;
        let (mut conclusion, mut stops_early) = (None, false);
        let is_enough = proposals.len() as u64 >= u64::from(plan.quorum);
        if is_enough && !self.request.cancel.is_cancelled() {
            if self.request.mixture.references.without_outliers {
                self.set_aside_outliers(plan, &mut proposals).await;
            }
            let is_beside = self.request.mixture.residual && !layer.independent;
            let earlier = if is_beside { read } else { &[] };
            let stop = self.stops_early(plan.index, earlier, &proposals).await;
            if let Some(stop) = stop.filter(|stop| stop.then == AgreedAnswer::Answer) {
                conclusion = self.settle_agreed(plan.index, stop, &proposals).await;
            }
            if conclusion.is_none() {
                if let Some(select) = &layer.select {
                    self.select(plan.index, select, &mut proposals).await;
                }
                if is_last || stop.is_some() {
                    conclusion = self.conclude(plan.index, earlier, &proposals).await;
                }
            }
            stops_early = stop.is_some();
        }
        self.finish_layer(plan.index, kept, losses.len(), start).await;
        if self.request.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        // Where the answer is settled, nobody needs to be asked any more.
        let deadline = self.run_deadline().filter(|deadline| Instant::now() >= deadline.at);
        if let Some(deadline) = deadline.filter(|_| !matches!(conclusion, Some(Conclusion::Chosen(_)))) {
            return Err(Stop::Failed(deadline.failure));
        }
        if !is_enough {
            return Err(Stop::Failed(too_few(plan, kept, &losses)));
        }
        Ok(LayerEnd { proposals, conclusion, stops_early })
    }

    async fn set_aside_outliers(&mut self, plan: &LayerPlan<'_>, proposals: &mut Vec<Proposal>) {
        let texts: Vec<&str> = proposals.iter().map(|proposal| proposal.reference.text.as_str()).collect();
        let odd = outliers(&texts, plan.quorum as usize);
        if odd.is_empty() {
            return;
        }
        let calls: Vec<CallId> = odd.iter().filter_map(|place| Some(proposals.get(*place)?.call)).collect();
        proposals.retain(|proposal| !calls.contains(&proposal.call));
        self.emitter.emit(EventKind::ProposalsSetAside { layer: plan.index, calls }).await;
    }
}

/// The failure of a layer that lost too many answers, with the reason of each.
fn too_few(plan: &LayerPlan<'_>, kept: usize, losses: &[(&str, Option<Failure>)]) -> Failure {
    let reasons: Vec<String> = losses
        .iter()
        .map(|(agent, failure)| match failure {
            Some(failure) => format!("{agent}: {failure}"),
            None => format!("{agent}: no reason was given"),
        })
        .collect();
    let message = format!(
        "layer {} needs at least {} answers and got {kept} of {} ({})",
        plan.index,
        plan.quorum,
        plan.agents.len(),
        reasons.join("; ")
    );
    let hint = losses.iter().find_map(|(_, failure)| failure.as_ref()?.hint.clone());
    let is_cap = |failure: &Failure| failure.kind == FailureKind::CostCap;
    let all_capped = losses.iter().all(|(_, failure)| failure.as_ref().is_some_and(is_cap));
    let kind = if all_capped { FailureKind::CostCap } else { FailureKind::TooFewProposals };
    Failure { hint, ..Failure::new(kind, message) }
}
