//! Deciding between the answers of a layer, and a run whose answer is one of them.

use tokio::time::Instant;

use super::aggregation::AggregatorEnd;
use super::execution::{Execution, Proposal};
use super::judging::{Question, question};
use crate::aggregation::{
    Aggregation, Candidate, Choosing, ChoosingKind, Decision, Reply, choose_by, shortlist,
};
use crate::event::EventKind;
use crate::layer::{LayerIndex, LayerRole};

/// What was done with the last proposals.
pub(super) enum Conclusion {
    /// This one is the answer, so that no aggregator is asked.
    Chosen(Proposal),
    /// These are what is left for the aggregator to read.
    Folded(Vec<Proposal>),
}

impl Execution<'_> {
    /// Leaves the answers that were chosen, in the agents' order.
    pub(super) async fn select(
        &mut self,
        layer: LayerIndex,
        choosing: &Choosing,
        proposals: &mut Vec<Proposal>,
    ) {
        let decision = self.decide(layer, choosing, proposals).await;
        // What the judge was not let say is no decision.
        if self.request.cancel.is_cancelled() {
            return;
        }
        proposals.retain(|proposal| decision.chosen.contains(&proposal.call));
        self.emitter.emit(EventKind::Decided { layer, decision }).await;
    }

    /// What the mixture does with the last proposals before the aggregator reads them, or in its place. `read` are those of earlier layers
    /// that it reads as well.
    pub(super) async fn conclude(
        &mut self,
        layer: LayerIndex,
        read: &[Proposal],
        proposals: &[Proposal],
    ) -> Option<Conclusion> {
        let all = || read.iter().chain(proposals).cloned().collect::<Vec<Proposal>>();
        match &self.request.mixture.aggregation {
            Aggregation::Synthesise => None,
            Aggregation::AnalyseThenWrite => {
                self.analyse(layer, &all()).await;
                None
            }
            Aggregation::SelfMoaSeq { window } => {
                let folded = self.fold(layer, all(), *window).await;
                Some(Conclusion::Folded(folded))
            }
            Aggregation::Choose(choosing) => self.settle(layer, choosing, proposals).await,
        }
    }

    /// Chooses the answer, where one may be chosen.
    pub(super) async fn settle(
        &mut self,
        layer: LayerIndex,
        choosing: &Choosing,
        proposals: &[Proposal],
    ) -> Option<Conclusion> {
        if let Some(reason) = self.why_written() {
            let kind = choosing.by.name().to_owned();
            let reason = format!("{reason}, which no proposal was held to: the aggregator writes the answer");
            let decision =
                Decision { kind, chosen: Vec::new(), reason, settles: false, tie: false, judged: Vec::new() };
            self.emitter.emit(EventKind::Decided { layer, decision }).await;
            return None;
        }
        let mut decision = self.decide(layer, &Choosing { keep: 1, ..choosing.clone() }, proposals).await;
        if self.request.cancel.is_cancelled() {
            return None;
        }
        let chosen = decision.chosen.first().copied();
        decision.settles = chosen.is_some();
        self.emitter.emit(EventKind::Decided { layer, decision }).await;
        let chosen = proposals.iter().find(|proposal| Some(proposal.call) == chosen)?;
        Some(Conclusion::Chosen(chosen.clone()))
    }

    /// Ends the run with a proposal that was chosen: the aggregator's layer begins and ends, and nobody is asked in it.
    pub(super) async fn answer_with(&mut self, layer: LayerIndex, proposal: Proposal) -> AggregatorEnd {
        let start = Instant::now();
        self.emitter.emit(EventKind::LayerStarted { layer, role: LayerRole::Aggregator }).await;
        let end = AggregatorEnd {
            text: proposal.reference.text,
            tool_calls: Vec::new(),
            finish_reason: proposal.finish_reason,
            first_token_at_ms: Some(self.emitter.now_ms()),
            fallback: None,
            chosen: Some(proposal.call),
        };
        self.finish_layer(layer, 1, 0, start).await;
        end
    }

    /// Says that a proposal is the answer where no kind has chosen it.
    pub(super) async fn tell_settled(&self, layer: LayerIndex, kind: &str, reason: &str, chosen: &Proposal) {
        let decision = Decision {
            kind: kind.to_owned(),
            chosen: vec![chosen.call],
            reason: reason.to_owned(),
            settles: true,
            tie: false,
            judged: Vec::new(),
        };
        self.emitter.emit(EventKind::Decided { layer, decision }).await;
    }

    /// Whether it will be decided between the answers of `layer`.
    pub(super) fn chooses(&self, layer: LayerIndex) -> bool {
        let layers = &self.request.mixture.layers;
        let place = layer.0 as usize;
        let selects = place.checked_sub(1).and_then(|place| layers.get(place)?.select.as_ref()).is_some();
        let is_last = place == layers.len();
        selects
            || self.request.mixture.early_stop.is_some()
            || is_last && !self.request.mixture.aggregation.is_synthesis()
    }

    /// Decides between proposals, and asks the judge or runs their programs where that is the way to decide.
    async fn decide(&mut self, layer: LayerIndex, choosing: &Choosing, proposals: &[Proposal]) -> Decision {
        if choosing.by == ChoosingKind::RunCandidates {
            return self.decide_by_running(choosing, proposals).await;
        }
        let candidates: Vec<Candidate<'_>> = proposals.iter().map(Proposal::candidate).collect();
        let compared = shortlist(choosing, candidates);
        let shown = choosing.by.questions(compared.len());
        let judge = self.request.mixture.judge_or_aggregator();
        let questions = shown.iter().map(|shown| {
            let shown_calls = shown.places.iter().filter_map(|place| compared.get(*place));
            let references = shown_calls.filter_map(|candidate| {
                let proposal = proposals.iter().find(|proposal| proposal.call == candidate.call)?;
                Some(proposal.reference.clone())
            });
            let conversation = &self.request.conversation;
            question(choosing.by, shown, judge.system.as_deref(), conversation, references.collect())
        });
        let questions: Vec<Question> = questions.collect();
        let texts = self.ask_judge(layer, &judge, &questions).await;
        let replies: Vec<Reply> = shown.into_iter().zip(texts).collect();
        let mut decision = choose_by(choosing, &compared, &replies);
        // Without a judgment this is not what the mixture would have chosen.
        self.degraded |= !replies.is_empty() && decision.judged.iter().all(|judged| judged.score.is_none());
        if compared.len() < proposals.len() {
            let (some, all) = (compared.len(), proposals.len());
            decision.reason = format!("{}; only {some} of {all} answers were compared", decision.reason);
        }
        decision
    }

    /// Why the answer must be written although the mixture would choose it, if it must.
    pub(super) fn why_written(&self) -> Option<&'static str> {
        if self.request.response_format.is_some() {
            return Some("the answer must have a form");
        }
        self.request.tools.is_some().then_some("the answer may call tools")
    }
}

impl Proposal {
    /// The proposal as it is chosen or not.
    pub(super) fn candidate(&self) -> Candidate<'_> {
        Candidate {
            call: self.call,
            agent: &self.reference.agent,
            model: &self.reference.model,
            is_whole: self.is_whole(),
            text: &self.reference.text,
            certainty: self.certainty,
        }
    }
}
