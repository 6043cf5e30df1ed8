//! How the answer of a run relates to its proposals, and how each agent's answer changed from layer to layer.

use std::collections::BTreeMap;

use moa_core::{CallTrace, LayerRole, RunEnd, Trace};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::spans::pieces;
use crate::tokens::words;
use crate::{bleu, levenshtein, tf_idf};

/// How the answer relates to the proposals.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Analysis {
    /// Every proposal that could be read, layer by layer.
    pub proposals: Vec<ProposalSimilarity>,
    /// The answer, piece by piece, without gaps.
    pub spans: Vec<Span>,
    /// Each place of a layer, through the layers.
    pub agents: Vec<AgentHistory>,
}

/// How alike the answer and one proposal are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProposalSimilarity {
    /// The layer, counted from 1.
    pub layer: u32,
    /// The agent's name.
    pub agent: String,
    /// The model's id.
    pub model: String,
    /// Measured in three ways.
    pub similarity: Similarity,
}

/// Three measures of likeness, each from 0 to 1.
///
/// # Source
/// Figure 4 of arXiv:2406.04692.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Similarity {
    /// Of 1- to 4-grams, the answer against the proposal.
    pub bleu: f64,
    /// Of words, weighed by how rare they are among all texts of the run.
    pub tf_idf: f64,
    /// Of words in their order.
    pub levenshtein: f64,
}

/// A piece of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Where it begins, in UTF-16 code units, as browsers count.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The proposal of the last layer that has the same words; `None` for what is new.
    pub source: Option<Source>,
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The layer, counted from 1.
    pub layer: u32,
    /// The agent's name.
    pub agent: String,
}

/// What one place said, layer by layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgentHistory {
    /// The agent's name in the first layer.
    pub agent: String,
    /// Its answers, first to last.
    pub answers: Vec<HistoryAnswer>,
}

/// An answer and what changed about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryAnswer {
    /// The layer, counted from 1.
    pub layer: u32,
    /// The answer.
    pub text: String,
    /// Against the answer of the same place one layer before; empty for the first one.
    pub diff: Vec<DiffPart>,
}

/// A piece of a text, or of what was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffPart {
    /// What became of it.
    pub kind: DiffKind,
    /// The piece.
    pub text: String,
}

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffKind {
    /// It stayed.
    Same,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

impl Analysis {
    /// The analysis of a run as far as it went. Without an answer there are no similarities and no spans.
    #[must_use]
    pub fn of(trace: &Trace) -> Self {
        let answer = match &trace.end {
            Some(RunEnd::Finished(outcome)) => outcome.answer.as_str(),
            _ => "",
        };
        let proposals: Vec<&CallTrace> = trace
            .layers
            .iter()
            .filter(|layer| layer.role == LayerRole::Proposers)
            .flat_map(moa_core::LayerTrace::answers)
            .filter(|call| call.outcome.as_ref().is_some_and(|outcome| outcome.status.is_usable()))
            .collect();
        Self {
            proposals: if answer.is_empty() { Vec::new() } else { similarities(answer, &proposals) },
            spans: spans(answer, &proposals),
            agents: histories(&proposals),
        }
    }
}

/// How alike a text and one other are, without regard to the others of a run: BLEU of 1- to 4-grams, from 0 to 1.
#[must_use]
pub fn likeness(text: &str, other: &str) -> f64 {
    bleu::bleu(&words(text), &words(other))
}

fn text_of(call: &CallTrace) -> &str {
    call.outcome.as_ref().map_or("", |outcome| outcome.text.as_str())
}

fn similarities(answer: &str, proposals: &[&CallTrace]) -> Vec<ProposalSimilarity> {
    let answer = words(answer);
    let texts: Vec<Vec<String>> = proposals.iter().map(|call| words(text_of(call))).collect();
    let weighed = tf_idf::similarities(&answer, &texts);
    proposals
        .iter()
        .zip(&texts)
        .zip(weighed)
        .map(|((call, text), tf_idf)| ProposalSimilarity {
            layer: call.call.layer.0,
            agent: call.agent.clone(),
            model: call.model.clone(),
            similarity: Similarity {
                bleu: bleu::bleu(&answer, text),
                tf_idf,
                levenshtein: levenshtein::similarity(&answer, text),
            },
        })
        .collect()
}

/// The pieces of the answer, each with the proposal of the last layer that it was found in: those are what the aggregator read.
fn spans(answer: &str, proposals: &[&CallTrace]) -> Vec<Span> {
    let last = proposals.iter().map(|call| call.call.layer).max();
    let read: Vec<&&CallTrace> = proposals.iter().filter(|call| Some(call.call.layer) == last).collect();
    let texts: Vec<&str> = read.iter().map(|call| text_of(call)).collect();
    let mut spans = Vec::new();
    let mut start = 0;
    for piece in pieces(answer, &texts) {
        let text = answer.get(piece.range).unwrap_or_default();
        let end = start + text.encode_utf16().count();
        let source = piece.proposal.and_then(|place| read.get(place));
        let source = source.map(|call| Source { layer: call.call.layer.0, agent: call.agent.clone() });
        spans.push(Span { start, end, source });
        start = end;
    }
    spans
}

/// The answers of each place of a layer. Agents of later layers need not have the same names, but they have places.
fn histories(proposals: &[&CallTrace]) -> Vec<AgentHistory> {
    let mut places: BTreeMap<u32, AgentHistory> = BTreeMap::new();
    for call in proposals {
        let history = places
            .entry(call.call.agent)
            .or_insert_with(|| AgentHistory { agent: call.agent.clone(), answers: Vec::new() });
        let text = text_of(call).to_owned();
        let before = history.answers.last().map(|answer| answer.text.as_str());
        let diff = before.map(|before| diff(before, &text)).unwrap_or_default();
        history.answers.push(HistoryAnswer { layer: call.call.layer.0, text, diff });
    }
    places.into_values().collect()
}

/// What changed, word by word; neighbours of one kind are one piece.
fn diff(before: &str, after: &str) -> Vec<DiffPart> {
    let mut parts: Vec<DiffPart> = Vec::new();
    let diff = TextDiff::from_words(before, after);
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => DiffKind::Same,
            ChangeTag::Insert => DiffKind::Added,
            ChangeTag::Delete => DiffKind::Removed,
        };
        match parts.last_mut() {
            Some(part) if part.kind == kind => part.text.push_str(change.value()),
            _ => parts.push(DiffPart { kind, text: change.value().to_owned() }),
        }
    }
    parts
}

#[cfg(test)]
#[path = "analysis_tests.rs"]
mod tests;
