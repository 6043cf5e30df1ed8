//! Letting the next layer read while this one still writes.
//!
//! What the next layer will read is known piece by piece: the first proposal when it is complete, then the second, and so on in the agents'
//! order. A model in this process can read that much already, so that little is left to read when the last proposal is there.
//! Nothing depends on it: a proposal that is dropped or shortened after all has cost the reading and changes no prompt.

use super::execution::{Execution, Proposal};
use super::layer_prompts::LayerPrompts;
use super::layer_run::LayerPlan;
use crate::agent::Agent;
use crate::layer::{CallId, LayerIndex, LayerRole};
use crate::model::ReadAhead;

/// The reading for one layer, while the layer before it is asked. Dropping it stops what is not read yet; what was read stays with the
/// models.
pub(super) struct ReadingAhead<'layer> {
    /// One agent of each kind of reader.
    readers: Vec<(&'layer Agent, CallId)>,
    /// What earlier layers wrote and the next one reads first.
    kept: &'layer [Proposal],
    proposals: usize,
    readings: Vec<ReadAhead>,
}

impl<'layer> ReadingAhead<'layer> {
    /// For the layer behind that of `plan`, whose own agents read `read`.
    pub(super) fn new(execution: &Execution<'layer>, plan: &LayerPlan<'_>, read: &'layer [Proposal]) -> Self {
        let mixture = &execution.request.mixture;
        let agents =
            match (plan.role, usize::try_from(plan.index.0).ok().and_then(|next| mixture.layers.get(next))) {
                // Nobody reads what the aggregator writes.
                (LayerRole::Aggregator, _) => &[],
                // An order that is drawn for each agent is known when all proposals are there.
                _ if mixture.references.shuffled => &[],
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
        Self { readers, kept, proposals: 0, readings: Vec::new() }
    }

    /// Whether anybody reads.
    pub(super) fn is_wanted(&self) -> bool {
        !self.readers.is_empty()
    }

    /// Reads what is known now: the first `proposals` of the layer.
    pub(super) fn read(&mut self, execution: &Execution<'layer>, proposals: &[Proposal]) {
        if proposals.len() <= self.proposals {
            return;
        }
        self.proposals = proposals.len();
        let known = self.kept.iter().chain(proposals);
        let mut prompts = LayerPrompts::new(execution.request, &execution.synthesis, known);
        let mut readings = Vec::new();
        // Who does not read now, as behind an endpoint, is not bothered again.
        self.readers.retain(|(agent, call)| {
            let Some(model) = execution.models.resolve(*call, &agent.model) else { return false };
            let (prompt, _) = prompts.of(agent, *call, Some(model.as_ref()));
            let reading = model.read_ahead(prompt, agent.max_tokens);
            let reads = reading.is_some();
            readings.extend(reading);
            reads
        });
        // Those before end only now: the new ones go on from where they are.
        self.readings = readings;
    }
}
