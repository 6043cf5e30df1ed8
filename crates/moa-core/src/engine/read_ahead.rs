//! Letting the next layer read while this one still writes.
//!
//! What the next layer will read is known piece by piece: the first proposal as it is written, then the second, and so on in the agents'
//! order. A model in this process can read that much already, so that little is left to read when the last proposal is there.
//! Nothing depends on it: a proposal that is dropped or shortened after all has cost the reading and changes no prompt.

use super::call::CallReport;
use super::execution::{Execution, Proposal};
use super::layer_prompts::LayerPrompts;
use super::layer_run::LayerPlan;
use crate::agent::Agent;
use crate::growing_answers::{GrowingAnswers, TOLD_BYTES};
use crate::layer::{CallId, LayerIndex, LayerRole};
use crate::model::{FinishReason, ReadAhead};
use crate::reference::Reference;

/// The reading for one layer, while the layer before it is asked. Dropping it stops what is not read yet; what was read stays with the
/// models.
pub(super) struct ReadingAhead<'layer> {
    /// One agent of each kind of reader.
    readers: Vec<(&'layer Agent, CallId)>,
    /// What earlier layers wrote and the next one reads first.
    kept: &'layer [Proposal],
    /// How far the layer was when it was last read.
    known: Known,
    readings: Vec<ReadAhead>,
}

/// How far a layer is, as a reader in the agents' order sees it.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// The agents, from the first on, who all have ended.
    ended: usize,
    /// What the one after them has written.
    open_bytes: usize,
}

impl<'layer> ReadingAhead<'layer> {
    /// For the layer behind that of `plan`, whose own agents read `read`.
    pub(super) fn new(execution: &Execution<'layer>, plan: &LayerPlan<'_>, read: &'layer [Proposal]) -> Self {
        let mixture = &execution.request.mixture;
        let place = |layer: LayerIndex| usize::try_from(layer.0).unwrap_or(usize::MAX).saturating_sub(1);
        let is_independent =
            |layer: LayerIndex| mixture.layers.get(place(layer)).is_some_and(|layer| layer.independent);
        let agents =
            match (plan.role, usize::try_from(plan.index.0).ok().and_then(|next| mixture.layers.get(next))) {
                // Nobody reads what the aggregator writes.
                (LayerRole::Aggregator, _) => &[],
                // Nobody knows yet which answers go on, if any do.
                _ if execution.chooses(plan.index) => &[],
                // An order that is drawn for each agent is known when all proposals are there.
                _ if mixture.references.shuffled => &[],
                // What independent answers join comes first, and is not known here.
                _ if is_independent(plan.index) => &[],
                // Nobody there reads what is written here.
                (LayerRole::Proposers, Some(next)) if next.independent => &[],
                (LayerRole::Proposers, Some(next)) => next.agents.as_slice(),
                // Tools stand at the beginning of a prompt, in the model's own way.
                (LayerRole::Proposers, None) if execution.request.tools.is_some() => &[],
                (LayerRole::Proposers, None) => std::slice::from_ref(&mixture.aggregator),
            };
        let layer = LayerIndex(plan.index.0.saturating_add(1));
        let mut readers: Vec<(&Agent, CallId)> = Vec::new();
        for (agent, number) in agents.iter().zip(1..) {
            let reads_the_same = |other: &Agent| other.model == agent.model && other.system == agent.system;
            if !readers.iter().any(|(other, _)| reads_the_same(other)) {
                readers.push((agent, CallId { layer, agent: number }));
            }
        }
        let kept = if mixture.residual { read } else { &[] };
        Self { readers, kept, known: Known::default(), readings: Vec::new() }
    }

    /// Whether anybody reads.
    pub(super) fn is_wanted(&self) -> bool {
        !self.readers.is_empty()
    }

    /// Reads what is known now: the proposals of the agents, from the first on, who all have ended, and what the next one has written.
    pub(super) fn read(
        &mut self,
        execution: &Execution<'layer>,
        plan: &LayerPlan<'_>,
        reports: &[CallReport],
        growing: &GrowingAnswers,
    ) {
        let ended = |number: u32| reports.iter().find(|report| report.call.agent == number);
        let in_order: Vec<&CallReport> = (plan.first_agent..).map_while(ended).collect();
        // Behind the last of them nothing comes that could be read ahead.
        let Some(open) = open_proposal(plan, in_order.len(), growing) else { return };
        let known = Known { ended: in_order.len(), open_bytes: open.reference.text.len() };
        if !known.is_worth_reading_after(self.known) {
            return;
        }
        self.known = known;
        let complete = plan.agents.iter().zip(in_order);
        let complete: Vec<Proposal> =
            complete.filter_map(|(agent, report)| Proposal::of(plan.index, agent, report)).collect();
        let references = self.kept.iter().chain(&complete).chain([&open]);
        let mut prompts = LayerPrompts::new(execution.request, &execution.synthesis, references);
        let mut readings = Vec::new();
        // Who never reads, as behind an endpoint, is not bothered again.
        self.readers.retain(|(agent, call)| {
            let Some(model) = execution.models.resolve(*call, &agent.model) else { return false };
            let (prompt, _) = prompts.of(agent, *call, Some(model.as_ref()));
            match model.read_ahead(prompt, agent.max_tokens) {
                ReadAhead::Never => false,
                reading => {
                    readings.push(reading);
                    true
                }
            }
        });
        // Those before end only now: the new ones go on from where they are.
        self.readings = readings;
    }
}

impl Known {
    fn is_worth_reading_after(self, before: Self) -> bool {
        self.ended > before.ended || self.open_bytes >= before.open_bytes + TOLD_BYTES
    }
}

/// What the first agent who has not ended has written so far, which may be nothing.
fn open_proposal(plan: &LayerPlan<'_>, place: usize, growing: &GrowingAnswers) -> Option<Proposal> {
    let agent = plan.agents.get(place)?;
    let number = plan.first_agent.saturating_add(u32::try_from(place).ok()?);
    Some(Proposal {
        call: CallId { layer: plan.index, agent: number },
        finish_reason: FinishReason::Length,
        reference: Reference {
            layer: plan.index,
            agent: agent.name.clone(),
            model: agent.model.clone(),
            text: growing.of(place)?.text(),
        },
        certainty: None,
    })
}
