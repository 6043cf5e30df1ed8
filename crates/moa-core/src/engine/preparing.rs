//! What is done with the last proposals before the aggregator reads them: they are analysed, or read a few at a time.

use super::execution::{Execution, Proposal};
use super::judging::{Question, text_of};
use super::layer_prompts::LayerPrompts;
use crate::aggregation::{Candidate, Standings, windows};
use crate::comparing::analysed;
use crate::event::CallStatus;
use crate::layer::{CallId, LayerIndex};
use crate::model::FinishReason;
use crate::reference::Reference;
use crate::task::CallTask;

impl Execution<'_> {
    /// Lets the aggregator compare the proposals first. What it finds stands beside them when it writes; where that fails, it writes
    /// without.
    pub(super) async fn analyse(&mut self, layer: LayerIndex, read: &[Proposal]) {
        if read.len() < 2 {
            return;
        }
        let aggregator = self.request.mixture.aggregator.clone();
        let references = read.iter().map(|proposal| proposal.reference.clone()).collect();
        let prompt = analysed(aggregator.system.as_deref(), &self.request.conversation, references);
        let question = Question { name: "analysis".to_owned(), task: CallTask::Analyse, prompt };
        let reports = self.ask_beside(layer, &aggregator, &[question]).await;
        self.analysis = reports.into_iter().find_map(text_of);
    }

    /// Lets the aggregator read the proposals at most `window` at a time; gives what is left to read.
    pub(super) async fn fold(
        &mut self,
        layer: LayerIndex,
        read: Vec<Proposal>,
        window: u32,
    ) -> Vec<Proposal> {
        let (folds, rest) = windows(read.len(), window as usize);
        let mut so_far: Option<Proposal> = None;
        for (fold, number) in folds.into_iter().zip(1_u32..) {
            let fresh = read.get(fold).unwrap_or_default().iter().cloned();
            let part: Vec<Proposal> = so_far.take().into_iter().chain(fresh).collect();
            so_far = self.fold_once(layer, &part, number).await;
        }
        let rest = read.get(rest).unwrap_or_default().iter().cloned();
        so_far.into_iter().chain(rest).collect()
    }

    /// One answer out of some; the one that stands best where the aggregator fails.
    async fn fold_once(&mut self, layer: LayerIndex, part: &[Proposal], number: u32) -> Option<Proposal> {
        let aggregator = self.request.mixture.aggregator.clone();
        let id = CallId { layer, agent: self.next_agent };
        let model = self.models.resolve(id, &aggregator.model).cloned();
        let prompt = {
            let mut prompts = LayerPrompts::new(self.request, &self.synthesis, part);
            prompts.of(&self.request.mixture.aggregator, id, model.as_deref()).0
        };
        let question = Question { name: format!("window {number}"), task: CallTask::Fold, prompt };
        let reports = self.ask_beside(layer, &aggregator, &[question]).await;
        let report = reports.into_iter().find(|report| report.outcome.status == CallStatus::Ok);
        let Some(report) = report else { return best_of(part) };
        let finish_reason = report.outcome.finish_reason.unwrap_or(FinishReason::Stop);
        let reference = Reference {
            layer,
            agent: aggregator.name.clone(),
            model: aggregator.model.clone(),
            text: report.outcome.text,
        };
        let certainty = report.outcome.certainty.as_deref().copied();
        Some(Proposal { call: report.call, finish_reason, reference, certainty })
    }
}

fn best_of(part: &[Proposal]) -> Option<Proposal> {
    let candidates: Vec<Candidate<'_>> = part.iter().map(Proposal::candidate).collect();
    let best = Standings::of(&candidates, &[]).best(0..part.len())?;
    part.get(best).cloned()
}
