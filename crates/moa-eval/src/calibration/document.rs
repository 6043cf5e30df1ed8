//! What came of a calibration, whole: the JSON document, and what the report is drawn from.

use moa_core::RequestKind;
use serde::Serialize;

use super::candidate::Candidate;
use super::equal_tokens::EqualTokens;
use super::expense::{Currency, Expense};
use super::reliability::Reliability;
use super::roles::ModelRow;
use super::scoreboard::Share;
use super::verdict::Confirmed;

/// What came of a calibration.
#[derive(Debug, Clone, Serialize)]
pub struct Calibration {
    /// The sets of questions.
    pub tasks: Vec<TaskRow>,
    /// The kinds of request that they look like.
    pub kinds: Vec<RequestKind>,
    /// In what a candidate is paid for.
    pub currency: Currency,
    /// The temperatures at which models were sampled.
    pub temperatures: Vec<f32>,
    /// So many samples of each.
    pub samples: u32,
    /// The models, the best first.
    pub models: Vec<ModelRow>,
    /// Whose mistakes go with whose.
    pub correlations: Vec<Correlation>,
    /// How many answers that know nothing of each other the models' answers are worth; nothing where no correlation is known.
    pub effective_answers: Option<f64>,
    /// Items of the search of which at least one model's likeliest answer is right: more than any choice among them can reach.
    pub any_right: Option<Share>,
    /// Every candidate, in the order of the search: the best first, those that were thrown out at the end.
    pub candidates: Vec<CandidateRow>,
    /// What the tokens of mixtures would have bought of the best model alone.
    pub equal_tokens: Vec<EqualTokens>,
    /// How far the figures of certainty can be trusted.
    pub reliability: Vec<Reliability>,
    /// The model that is best alone.
    pub best_single: String,
    /// Its share of right answers on the items that nothing was chosen by.
    pub best_single_accuracy: Share,
    /// The finalists on these items, in the order of the search.
    pub finalists: Vec<Confirmed>,
    /// Those that time or money did not suffice to confirm, likewise.
    pub unconfirmed: Vec<String>,
    /// What is recommended: a finalist, or the best single model.
    pub recommended: String,
    /// Why, in a sentence.
    pub reason: String,
    /// The cheapest finalist that is better than the best single model as well, where it costs less than what is recommended.
    pub cheaper: Option<Alternative>,
    /// What a reader has to know.
    pub remarks: Vec<String>,
    /// The mixture that is recommended.
    #[serde(skip)]
    pub recommended_candidate: Candidate,
}

/// A mixture that may be the better choice for some.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alternative {
    /// The name of the candidate.
    pub name: String,
    /// What speaks for it, in a sentence.
    pub reason: String,
    /// The candidate.
    #[serde(skip)]
    pub candidate: Candidate,
}

/// A set of questions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskRow {
    /// Its name.
    pub task: String,
    /// Items to search on.
    pub search: usize,
    /// Items to confirm on.
    pub confirmation: usize,
}

/// Whether two models make the same mistakes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Correlation {
    /// One model.
    pub one: String,
    /// The other one.
    pub other: String,
    /// The correlation of their mistakes; nothing where one of them is always or never right.
    pub phi: Option<f64>,
    /// Items on which both were asked.
    pub n: usize,
    /// Items that both get wrong.
    pub both_wrong: usize,
}

/// A candidate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CandidateRow {
    /// What it is.
    pub name: String,
    /// How it comes to its answer.
    pub kind: String,
    /// The models that it asks.
    pub members: Vec<String>,
    /// On the items to search on, as many of them as it was asked.
    pub search: Option<Measurement>,
    /// On the items to confirm on.
    pub confirmation: Option<Measurement>,
    /// What became of it.
    pub fate: String,
}

/// What a candidate came to on some items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measurement {
    /// Right answers.
    pub accuracy: Share,
    /// The mean of what an item took.
    pub expense: Expense,
    /// Answers that ended because their tokens were used up.
    pub cut_off: usize,
    /// Items of which the rest was not asked, because the answers agreed.
    pub stopped_early: usize,
}
