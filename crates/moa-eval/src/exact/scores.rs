//! Marked answers, and what they come to.

use moa_core::Usage;
use serde::{Deserialize, Serialize};

use super::Verdict;
use super::vote::elected;
use crate::statistics::{Interval, ItemScore, wilson};
use crate::{EvalError, count};

/// The level of confidence of the interval of a share.
const CONFIDENCE: f64 = 0.95;

/// All marks of one contender.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// The benchmark.
    pub benchmark: String,
    /// The contender.
    pub contender: String,
    /// The marks, in the order of the items.
    pub items: Vec<ScoredItem>,
}

/// One marked answer, and what it took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoredItem {
    /// The item.
    pub item: String,
    /// What was asked, so that the marks can be read by themselves.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// The right answer, where it is a text that an answer is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Whether the answer is right.
    pub verdict: Verdict,
    /// What was taken for the answer.
    pub extracted: Option<String>,
    /// What is wrong with it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Tokens and cost, those of proposals and samples included.
    pub usage: Usage,
    /// From the question to the answer, in milliseconds.
    pub wall_ms: f64,
    /// Whether the answer ended because its tokens were used up.
    pub is_cut_off: bool,
    /// Whether a proposal was lost, shortened or partial, or the answer is not the aggregator's.
    pub degraded: bool,
    /// The samples that voted, marked one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<ScoredSample>,
    /// The proposals behind the answer, marked one by one, layer by layer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Vec<ScoredProposal>>,
}

/// One proposal of a layer. One that was lost is marked as invalid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoredProposal {
    /// The agent's name.
    pub agent: String,
    /// Whether it is right.
    pub verdict: Verdict,
    /// What was taken for its answer.
    pub extracted: Option<String>,
    /// Tokens and cost.
    pub usage: Usage,
}

/// One sample of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoredSample {
    /// Whether it is right.
    pub verdict: Verdict,
    /// What was taken for its answer.
    pub extracted: Option<String>,
    /// Tokens and cost.
    pub usage: Usage,
    /// Whether it was cut short.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut_off: bool,
}

/// What the marks of one contender come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreSummary {
    /// The benchmark.
    pub benchmark: String,
    /// The contender.
    pub contender: String,
    /// Items.
    pub n: usize,
    /// Right answers.
    pub right: usize,
    /// Wrong answers.
    pub wrong: usize,
    /// Answers in which nothing was found that could be marked. They count as not right.
    pub invalid: usize,
    /// The share of right answers.
    pub accuracy: f64,
    /// Where it lies, with 95 % confidence (Wilson).
    pub interval: Interval,
    /// Answers that ended because their tokens were used up.
    pub cut_off: usize,
    /// Answers of mixtures that were not complete.
    pub degraded: usize,
    /// Tokens read for an item, on average.
    pub prompt_tokens_per_item: f64,
    /// Tokens written for an item, on average.
    pub completion_tokens_per_item: f64,
    /// Milliseconds from question to answer, on average; items that were worked on at the same time shared the machine.
    pub wall_ms_per_item: f64,
    /// US dollars for an item, on average, where a price is known.
    pub cost_usd_per_item: Option<f64>,
}

impl Scores {
    /// What the marks come to.
    ///
    /// # Errors
    /// Where there are none.
    pub fn summary(&self) -> Result<ScoreSummary, EvalError> {
        let items = &self.items;
        let count_of = |verdict| items.iter().filter(|item| item.verdict == verdict).count();
        let (n, right) = (items.len(), count_of(Verdict::Correct));
        let interval = wilson(right, n, CONFIDENCE)?;
        let items_f64 = count::as_f64(n);
        let mean = |value: &dyn Fn(&ScoredItem) -> f64| items.iter().map(value).sum::<f64>() / items_f64;
        let costs: Vec<f64> = items.iter().filter_map(|item| item.usage.cost_usd).collect();
        Ok(ScoreSummary {
            benchmark: self.benchmark.clone(),
            contender: self.contender.clone(),
            n,
            right,
            wrong: count_of(Verdict::Incorrect),
            invalid: count_of(Verdict::Invalid),
            accuracy: count::as_f64(right) / items_f64,
            interval,
            cut_off: items.iter().filter(|item| item.is_cut_off).count(),
            degraded: items.iter().filter(|item| item.degraded).count(),
            prompt_tokens_per_item: mean(&|item| f64::from(item.usage.prompt_tokens)),
            completion_tokens_per_item: mean(&|item| f64::from(item.usage.completion_tokens)),
            wall_ms_per_item: mean(&|item| item.wall_ms),
            cost_usd_per_item: (!costs.is_empty()).then(|| costs.iter().sum::<f64>() / items_f64),
        })
    }

    /// The marks as scores; where `invalid_counts`, an answer without anything to mark is a wrong one, otherwise it has no score.
    #[must_use]
    pub fn item_scores(&self, invalid_counts: bool) -> Vec<ItemScore> {
        let score = |item: &ScoredItem| ItemScore {
            item: item.item.clone(),
            score: item.verdict.score().or(invalid_counts.then_some(0.0)),
        };
        self.items.iter().map(score).collect()
    }

    /// The same contender with no more tokens than `base` wrote: of each item only as many samples vote, from the first one on, as fit into the
    /// tokens that `base` wrote for it, at least one. Contenders without samples stay as they are, and so do items that `base` has not.
    #[must_use]
    pub fn at_tokens_of(&self, base: &Self) -> Self {
        let budget = |item: &str| {
            let of_base = base.items.iter().find(|of_base| of_base.item == item);
            of_base.map(|of_base| of_base.usage.completion_tokens)
        };
        let items = self.items.iter().map(|item| match budget(&item.item) {
            Some(tokens) if !item.samples.is_empty() => item.with_samples_within(tokens),
            _ => item.clone(),
        });
        Self { items: items.collect(), ..self.clone() }
    }
}

impl ScoredItem {
    fn with_samples_within(&self, tokens: u32) -> Self {
        let mut usage = Usage::default();
        let mut samples: Vec<ScoredSample> = Vec::new();
        for sample in &self.samples {
            let written = usage.completion_tokens.saturating_add(sample.usage.completion_tokens);
            if !samples.is_empty() && written > tokens {
                break;
            }
            usage += sample.usage;
            samples.push(sample.clone());
        }
        let answers = samples.iter().map(|sample| sample.extracted.as_deref()).collect();
        let is_whole: Vec<bool> = samples.iter().map(|sample| !sample.is_cut_off).collect();
        let chosen = samples.get(elected(answers, &is_whole));
        Self {
            verdict: chosen.map_or(self.verdict, |chosen| chosen.verdict),
            extracted: chosen.map_or_else(|| self.extracted.clone(), |chosen| chosen.extracted.clone()),
            usage,
            samples,
            ..self.clone()
        }
    }
}
