//! Leaving out what need not be asked, because the answers agree already.

use super::choosing::Conclusion;
use super::execution::{Execution, Proposal};
use crate::aggregation::{
    Aggregation, AgreedAnswer, AgreementMeasure, Candidate, Choosing, ChoosingKind, EarlyStop, Saved,
    Standings, agreement,
};
use crate::event::EventKind;
use crate::layer::LayerIndex;

/// Sums of shares that ought to be equal may differ by this.
const ROUNDING: f64 = 1e-9;

impl Execution<'_> {
    /// Looks at how far the answers of a layer agree, and tells; whether what comes after is left out.
    pub(super) async fn stops_early(
        &mut self,
        layer: LayerIndex,
        read: &[Proposal],
        proposals: &[Proposal],
    ) -> Option<EarlyStop> {
        let stop = self.request.mixture.early_stop?;
        let saved = self.savings(stop, layer, read.len() + proposals.len())?;
        let (agreement, unknown) = match stop.measure {
            // What cannot be tried cannot be told apart later either.
            AgreementMeasure::Examples => (self.examples_passed(proposals).await, true),
            measure => {
                let candidates: Vec<Candidate<'_>> = proposals.iter().map(Proposal::candidate).collect();
                (agreement(measure, &candidates), false)
            }
        };
        // What was broken off says nothing.
        if self.request.cancel.is_cancelled() {
            return None;
        }
        let agrees = agreement.map_or(unknown, |agreement| agreement + ROUNDING >= stop.agreement);
        let saved = agrees.then_some(saved);
        self.emitter
            .emit(EventKind::AgreementMeasured { layer, agreement, wanted: stop.agreement, saved })
            .await;
        agrees.then_some(stop)
    }

    /// One of the answers that agree, as the answer of the run.
    pub(super) async fn settle_agreed(
        &mut self,
        layer: LayerIndex,
        stop: EarlyStop,
        proposals: &[Proposal],
    ) -> Option<Conclusion> {
        match stop.measure {
            AgreementMeasure::Answer { form } => {
                let by = ChoosingKind::Vote { answer: form };
                self.settle(layer, &Choosing { by, keep: 1, prefer: Vec::new() }, proposals).await
            }
            AgreementMeasure::Examples => {
                // As the mixture chooses at its end, where it chooses by programs.
                let by = ChoosingKind::RunCandidates;
                let prefer = match &self.request.mixture.aggregation {
                    Aggregation::Choose(choosing) if choosing.by == by => choosing.prefer.clone(),
                    _ => Vec::new(),
                };
                self.settle(layer, &Choosing { by, keep: 1, prefer }, proposals).await
            }
            AgreementMeasure::Words => {
                if self.why_written().is_some() {
                    return None;
                }
                let candidates: Vec<Candidate<'_>> = proposals.iter().map(Proposal::candidate).collect();
                let best = Standings::of(&candidates, &[]).best(0..candidates.len())?;
                let chosen = proposals.get(best)?;
                let reason = "it agrees most with the others by its words";
                self.tell_settled(layer, "agreement", reason, chosen).await;
                Some(Conclusion::Chosen(chosen.clone()))
            }
        }
    }

    /// What is not asked when the run goes from `layer` straight to its end; nothing where that would be the same.
    fn savings(&self, stop: EarlyStop, layer: LayerIndex, read: usize) -> Option<Saved> {
        let mixture = &self.request.mixture;
        let left_out = mixture.layers.get(layer.0 as usize..).unwrap_or_default();
        let agents = || left_out.iter().flat_map(|layer| &layer.agents);
        let mut saved = Saved {
            layers: u32::try_from(left_out.len()).unwrap_or(u32::MAX),
            calls: u32::try_from(agents().count()).unwrap_or(u32::MAX),
            completion_tokens_at_most: agents().map(|agent| u64::from(agent.max_tokens)).sum(),
        };
        if stop.then == AgreedAnswer::Answer && mixture.asks_aggregator() && self.why_written().is_none() {
            let calls = u32::try_from(mixture.aggregation.calls(read)).unwrap_or(u32::MAX);
            saved.layers = saved.layers.saturating_add(1);
            saved.calls = saved.calls.saturating_add(calls);
            saved.completion_tokens_at_most += u64::from(calls) * u64::from(mixture.aggregator.max_tokens);
        }
        (saved.calls > 0).then_some(saved)
    }
}
