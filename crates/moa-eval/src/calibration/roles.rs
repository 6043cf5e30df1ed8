//! What each model is good for: as a proposer, as an aggregator, and how far its own word can be trusted.

use serde::Serialize;

use super::documenting::Facts;
use super::expense::Expense;
use super::reliability::{CertaintyFigure, Reliability, bins};
use super::scoreboard::{CONFIDENCE, Scored, Share};
use crate::statistics::{Bootstrap, Estimate};
use crate::{EvalError, count};

/// A model in its roles.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelRow {
    /// The model.
    pub model: String,
    /// What tells it from every other one.
    pub identity: String,
    /// Its likeliest answers, on the items of the search.
    pub proposer: Share,
    /// On the items that nothing was chosen by.
    pub proposer_confirmation: Option<Share>,
    /// What an item takes.
    pub expense: Expense,
    /// Its samples, temperature by temperature.
    pub sampled: Vec<SampledRow>,
    /// What it writes when it reads the likeliest answer of every model; nothing where it is the only one.
    pub aggregator: Option<Share>,
    /// What it gains by reading them, beside its own likeliest answer to the same items.
    pub gain: Option<Estimate>,
}

/// The samples of a model at one temperature.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampledRow {
    /// The temperature.
    pub temperature: f32,
    /// The mean share of right answers over all samples; the interval is a bootstrap's over items.
    pub accuracy: Option<Estimate>,
    /// The mean share of the samples that give the most frequent answer.
    pub agreement: Option<f64>,
}

/// Every model in its roles, the best first.
pub(super) fn models(facts: &Facts<'_>) -> Result<Vec<ModelRow>, EvalError> {
    let row = |(agent, single): (&moa_core::Agent, &usize)| {
        let aggregator = facts.roles.iter().copied().find(|place| {
            facts.board.row(*place).is_some_and(|row| row.candidate.mixture.aggregator.model == agent.model)
        });
        Ok(ModelRow {
            model: agent.model.to_string(),
            identity: facts.bench.identity(&agent.model),
            proposer: facts
                .board
                .share(*single, facts.searched)
                .ok_or(EvalError::NothingToScore { what: "the items of the search" })?,
            proposer_confirmation: facts.board.share(*single, facts.confirmed),
            expense: facts.board.expense(*single, facts.searched),
            sampled: sampled(facts, agent),
            aggregator: aggregator.and_then(|place| facts.board.share(place, facts.searched)),
            gain: aggregator
                .and_then(|place| facts.board.difference(*single, place, facts.searched, CONFIDENCE).ok()),
        })
    };
    facts.roster.agents.iter().zip(facts.singles).map(row).collect()
}

/// The rows of a model's samples at one temperature.
fn draws<'a>(
    facts: &'a Facts<'_>,
    agent: &moa_core::Agent,
    temperature: f32,
) -> Vec<&'a super::scoreboard::Row> {
    let is_of = |row: &&super::scoreboard::Row| {
        let asked = &row.candidate.mixture.aggregator;
        asked.model == agent.model && asked.sampling.temperature.total_cmp(&temperature).is_eq()
    };
    facts.draws.rows.iter().filter(is_of).collect()
}

fn sampled(facts: &Facts<'_>, agent: &moa_core::Agent) -> Vec<SampledRow> {
    let row = |temperature: &f32| {
        let rows = draws(facts, agent, *temperature);
        let of_item = |item: &usize| -> Vec<f64> {
            let scored = rows.iter().filter_map(|row| row.scored.get(item));
            scored.map(|scored| if scored.is_right { 1.0 } else { 0.0 }).collect()
        };
        let groups: Vec<Vec<f64>> = facts.searched.iter().map(of_item).collect();
        let agreements: Vec<f64> =
            votes(facts, agent, *temperature).filter_map(|scored| scored.agreement).collect();
        SampledRow {
            temperature: *temperature,
            accuracy: Bootstrap::default().mean(groups.iter().map(Vec::as_slice)).ok(),
            agreement: (!agreements.is_empty()).then(|| count::mean(&agreements)),
        }
    };
    facts.roster.temperatures.iter().map(row).collect()
}

/// The votes among all samples of a model at a temperature, of each item of the search.
fn votes<'a>(
    facts: &'a Facts<'_>,
    agent: &moa_core::Agent,
    temperature: f32,
) -> impl Iterator<Item = &'a Scored> {
    let samples = facts.roster.samples as usize;
    let model = agent.model.clone();
    let vote = facts.board.rows.iter().find(move |row| {
        let agents =
            row.candidate.mixture.layers.first().map(|layer| layer.agents.as_slice()).unwrap_or_default();
        let is_sample = |asked: &moa_core::Agent| {
            asked.model == model && asked.sampling.temperature.total_cmp(&temperature).is_eq()
        };
        row.candidate.kind == "vote" && agents.len() == samples && agents.iter().all(is_sample)
    });
    vote.into_iter().flat_map(|row| facts.searched.iter().filter_map(|item| row.scored.get(item)))
}

/// How far the figures of certainty can be trusted, model by model.
pub(super) fn reliabilities(facts: &Facts<'_>) -> Vec<Reliability> {
    let mut all = Vec::new();
    for (agent, single) in facts.roster.agents.iter().zip(facts.singles) {
        let greedy = facts.board.row(*single).into_iter();
        let sampled =
            facts.roster.temperatures.iter().flat_map(|temperature| draws(facts, agent, *temperature));
        let answers: Vec<&Scored> = greedy.chain(sampled).flat_map(|row| row.scored.values()).collect();
        let figures = |figure: fn(&Scored) -> Option<f64>| -> Vec<(f64, bool)> {
            answers.iter().filter_map(|scored| Some((figure(scored)?, scored.is_right))).collect()
        };
        let agreements =
            facts.roster.temperatures.iter().flat_map(|temperature| votes(facts, agent, *temperature));
        let measured = [
            (CertaintyFigure::TokenProbability, figures(|scored| Some(scored.certainty?.mean_logprob.exp()))),
            (CertaintyFigure::Entropy, figures(|scored| scored.certainty?.mean_entropy)),
            (
                CertaintyFigure::Agreement,
                agreements.filter_map(|scored| Some((scored.agreement?, scored.is_right))).collect(),
            ),
        ];
        for (figure, answers) in measured {
            let bins = bins(&answers);
            if !bins.is_empty() {
                all.push(Reliability { figure, model: agent.model.to_string(), bins });
            }
        }
    }
    all.sort_by_key(|of| of.figure);
    all
}
