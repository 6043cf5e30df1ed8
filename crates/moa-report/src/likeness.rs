//! How alike the answers of a mixture and their proposals are, beside how good they are.

use moa_eval::exact::Verdict;
use serde::Serialize;

use crate::board::{Benchmark, Board, Row};
use crate::correlation::spearman;
use crate::facts::answers;
use crate::input::{AnsweredItem, Input};
use crate::measured::Measured;

/// The likeness of one mixture's answers to the proposals of its last layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MixtureLikeness {
    /// The benchmark and who judged.
    pub label: String,
    /// The mixture.
    pub contender: String,
    /// Each agent of the last layer.
    pub agents: Vec<AgentLikeness>,
    /// The likeness to a proposal beside the quality of that proposal, over all of them. Only where proposals were marked.
    pub of_proposals: Option<ProposalQuality>,
}

/// The likeness to one agent's proposals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentLikeness {
    /// The agent.
    pub agent: String,
    /// The mean likeness, from 0 to 1.
    pub likeness: Measured,
    /// Its rank correlation with the score of the answer.
    pub with_answer: Option<Measured>,
}

/// The likeness to proposals by whether they are right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProposalQuality {
    /// The mean likeness to right proposals.
    pub to_right: Option<Measured>,
    /// The mean likeness to others.
    pub to_wrong: Option<Measured>,
    /// The rank correlation of likeness and being right.
    pub correlation: Option<Measured>,
}

/// All mixtures of a board whose proposals are kept.
pub(crate) fn likenesses(input: &Input<'_>, board: &Board) -> Vec<MixtureLikeness> {
    board.rows.iter().filter(|row| row.is_mixture()).filter_map(|row| likeness(input, board, row)).collect()
}

/// One proposal beside the answer that was made of it.
struct Pair {
    agent: String,
    likeness: f64,
    answer_score: Option<f64>,
    is_right: Option<bool>,
}

fn likeness(input: &Input<'_>, board: &Board, row: &Row) -> Option<MixtureLikeness> {
    let set = answers(input, board.benchmark.key(), &row.contender)?;
    let pairs: Vec<Pair> = set.items.iter().flat_map(|item| pairs(input, board, row, item)).collect();
    let mut agents: Vec<AgentLikeness> = Vec::new();
    for pair in &pairs {
        if agents.iter().any(|known| known.agent == pair.agent) {
            continue;
        }
        let of_agent = || pairs.iter().filter(|other| other.agent == pair.agent);
        let values: Vec<f64> = of_agent().map(|of| of.likeness).collect();
        let scored: Vec<(f64, f64)> =
            of_agent().filter_map(|of| Some((of.likeness, of.answer_score?))).collect();
        agents.push(AgentLikeness {
            agent: pair.agent.clone(),
            likeness: Measured::mean_of(&values)?,
            with_answer: spearman(&scored),
        });
    }
    if agents.is_empty() {
        return None;
    }
    let of_proposals = of_proposals(&pairs);
    Some(MixtureLikeness { label: board.label(), contender: row.contender.clone(), agents, of_proposals })
}

fn pairs(input: &Input<'_>, board: &Board, row: &Row, item: &AnsweredItem) -> Vec<Pair> {
    let marks = marks(input, board, row, &item.id);
    let answer_score = row.item(&item.id);
    let turns = item.turns.iter().filter(|turn| !turn.text.trim().is_empty());
    let of_turn = turns.filter_map(|turn| Some((turn, turn.layers.last()?)));
    of_turn
        .flat_map(|(turn, proposals)| {
            let numbered = proposals.iter().enumerate();
            numbered
                .filter(|(_, proposal)| !proposal.text.trim().is_empty())
                .map(move |(place, proposal)| (turn, place, proposal))
        })
        .map(|(turn, place, proposal)| Pair {
            agent: proposal.agent.clone(),
            likeness: (input.likeness)(&turn.text, &proposal.text),
            answer_score,
            is_right: marks.get(place).map(|verdict| *verdict == Verdict::Correct),
        })
        .collect()
}

/// The marks of the proposals of the last layer, where there are some.
fn marks(input: &Input<'_>, board: &Board, row: &Row, item: &str) -> Vec<Verdict> {
    let Benchmark::Exact(benchmark) = &board.benchmark else { return Vec::new() };
    let is_of = |of: &&moa_eval::exact::Scores| of.benchmark == *benchmark && of.contender == row.contender;
    let scored = input.exact.iter().find(is_of).and_then(|of| of.items.iter().find(|of| of.item == item));
    let last = scored.and_then(|scored| scored.layers.last());
    last.map(|layer| layer.iter().map(|proposal| proposal.verdict).collect()).unwrap_or_default()
}

fn of_proposals(pairs: &[Pair]) -> Option<ProposalQuality> {
    let of = |wanted: bool| {
        let values: Vec<f64> =
            pairs.iter().filter(|pair| pair.is_right == Some(wanted)).map(|pair| pair.likeness).collect();
        Measured::mean_of(&values)
    };
    let marked: Vec<(f64, f64)> = pairs
        .iter()
        .filter_map(|pair| Some((pair.likeness, if pair.is_right? { 1.0 } else { 0.0 })))
        .collect();
    if marked.is_empty() {
        return None;
    }
    Some(ProposalQuality { to_right: of(true), to_wrong: of(false), correlation: spearman(&marked) })
}
