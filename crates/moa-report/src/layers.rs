//! What each layer gains: how good the proposals of each layer are, beside the answer.

use moa_eval::exact::{ScoredItem, Scores, Verdict};
use moa_eval::statistics::wilson;
use serde::Serialize;

use crate::measured::{Measured, as_f64};

/// The layers of one mixture on one benchmark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerGain {
    /// The benchmark.
    pub benchmark: String,
    /// The mixture.
    pub contender: String,
    /// The layers of proposals, first to last.
    pub layers: Vec<LayerPoint>,
    /// The answer, in per cent.
    pub answer: Measured,
}

/// One layer. All numbers are percentages of right proposals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerPoint {
    /// Counted from 1.
    pub layer: usize,
    /// Each agent.
    pub agents: Vec<(String, Measured)>,
    /// All proposals of the layer; whole items are drawn.
    pub mean: Measured,
    /// Items for which at least one proposal is right: what an aggregator that always chose well would come to.
    pub any: Measured,
}

/// The layers of a contender, if it has some whose proposals were marked.
pub(crate) fn layer_gain(scores: &Scores) -> Option<LayerGain> {
    let depth = scores.items.iter().map(|item| item.layers.len()).max()?;
    let layers: Vec<LayerPoint> = (0..depth).filter_map(|layer| layer_point(&scores.items, layer)).collect();
    if layers.is_empty() {
        return None;
    }
    let summary = scores.summary().ok()?;
    Some(LayerGain {
        benchmark: scores.benchmark.clone(),
        contender: scores.contender.clone(),
        layers,
        answer: Measured::new(summary.accuracy, Some(summary.interval), summary.n).times(100.0),
    })
}

fn layer_point(items: &[ScoredItem], layer: usize) -> Option<LayerPoint> {
    let mut agents: Vec<(String, usize, usize)> = Vec::new();
    let (mut marks, mut any) = (Vec::new(), 0);
    for proposals in items.iter().filter_map(|item| item.layers.get(layer)).filter(|of| !of.is_empty()) {
        let mut of_item = Vec::new();
        for proposal in proposals {
            let is_right = proposal.verdict == Verdict::Correct;
            of_item.push(if is_right { 1.0 } else { 0.0 });
            let place = agents.iter().position(|(agent, ..)| *agent == proposal.agent).unwrap_or_else(|| {
                agents.push((proposal.agent.clone(), 0, 0));
                agents.len() - 1
            });
            if let Some((_, right, all)) = agents.get_mut(place) {
                *right += usize::from(is_right);
                *all += 1;
            }
        }
        any += usize::from(of_item.contains(&1.0));
        marks.push(of_item);
    }
    let agents = agents.into_iter().filter_map(|(agent, right, all)| Some((agent, share(right, all)?)));
    let mean = Measured::mean(marks.iter().map(Vec::as_slice))?.times(100.0);
    Some(LayerPoint { layer: layer + 1, agents: agents.collect(), mean, any: share(any, marks.len())? })
}

/// A percentage with Wilson's interval.
fn share(right: usize, all: usize) -> Option<Measured> {
    let interval = wilson(right, all, 0.95).ok()?;
    Some(Measured::new(as_f64(right) / as_f64(all), Some(interval), all).times(100.0))
}
