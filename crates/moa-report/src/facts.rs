//! What answers took: lengths, tokens, time, money.

use serde::Serialize;

use crate::input::{AnswerSet, Input};
use crate::measured::{Measured, as_f64};

/// Means over the items of a contender. What no file says is nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Facts {
    /// The length of an answer in characters.
    pub characters: Option<Measured>,
    /// Tokens written for an item, those of proposals and samples included.
    pub written_tokens: Option<Measured>,
    /// Tokens read for an item.
    pub read_tokens: Option<Measured>,
    /// Seconds from question to answer; items that were worked on at the same time shared the machine.
    pub seconds: Option<Measured>,
    /// US dollars for an item; nothing where the price of a model is not known.
    pub cost_usd: Option<Measured>,
    /// Answers that ended because their tokens were used up.
    pub cut_off: Option<usize>,
    /// Answers that lack a proposal, or are not the aggregator's.
    pub degraded: Option<usize>,
}

/// The answers of one contender to one benchmark, if there is a journal of them.
pub(crate) fn answers<'a>(input: &'a Input<'_>, benchmark: &str, contender: &str) -> Option<&'a AnswerSet> {
    input.answers.iter().find(|set| set.benchmark == benchmark && set.contender == contender)
}

/// The models whose proposals an answer was made of, each once.
pub(crate) fn members(set: Option<&AnswerSet>) -> Vec<String> {
    let mut members: Vec<String> = Vec::new();
    let turns = set.into_iter().flat_map(|set| &set.items).flat_map(|item| &item.turns);
    for proposal in turns.flat_map(|turn| turn.layers.iter().flatten()) {
        if !members.contains(&proposal.model) {
            members.push(proposal.model.clone());
        }
    }
    members
}

impl Facts {
    /// What a journal says.
    pub(crate) fn of(set: Option<&AnswerSet>) -> Self {
        let Some(set) = set else { return Self::default() };
        let of_items = |value: &dyn Fn(usize) -> f64| {
            let values: Vec<f64> = (0..set.items.len()).map(value).collect();
            Measured::mean_of(&values)
        };
        let item = |place: usize| set.items.get(place);
        let usage = |place: usize| item(place).map(|item| item.usage).unwrap_or_default();
        let lengths: Vec<f64> = set
            .items
            .iter()
            .flat_map(|item| &item.turns)
            .map(|turn| as_f64(turn.text.chars().count()))
            .collect();
        let costs: Option<Vec<f64>> = set.items.iter().map(|item| item.usage.cost_usd).collect();
        let turns = || set.items.iter().flat_map(|item| &item.turns);
        let is_cut_off =
            |reason: Option<moa_core::FinishReason>| reason == Some(moa_core::FinishReason::Length);
        Self {
            characters: Measured::mean_of(&lengths),
            written_tokens: of_items(&|place| f64::from(usage(place).completion_tokens)),
            read_tokens: of_items(&|place| f64::from(usage(place).prompt_tokens)),
            seconds: of_items(&|place| item(place).map_or(0.0, |item| item.wall_ms / 1e3)),
            cost_usd: costs.and_then(|costs| Measured::mean_of(&costs)),
            cut_off: Some(turns().filter(|turn| is_cut_off(turn.finish_reason)).count()),
            degraded: Some(turns().filter(|turn| turn.degraded).count()),
        }
    }

    /// With the lengths of these texts, where no journal told them.
    pub(crate) fn with_texts<'a>(mut self, texts: impl Iterator<Item = &'a str>) -> Self {
        if self.characters.is_none() {
            let lengths: Vec<f64> = texts.map(|text| as_f64(text.chars().count())).collect();
            self.characters = Measured::mean_of(&lengths);
        }
        self
    }
}
