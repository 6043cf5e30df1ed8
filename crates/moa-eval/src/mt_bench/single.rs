//! The scores of single grading.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::{Judgment, Question, QuestionId};
use crate::statistics::{Bootstrap, Estimate};
use crate::{EvalError, count};

/// The scores of one model. A mean of nothing is left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelScore {
    /// The model.
    pub model: String,
    /// The mean over first turns.
    pub turn_1: Option<f64>,
    /// The mean over second turns.
    pub turn_2: Option<f64>,
    /// The mean over all graded turns, which is not the mean of the two where some lack a grade.
    pub average: Option<f64>,
    /// Graded first turns.
    pub n_turn_1: usize,
    /// Graded second turns.
    pub n_turn_2: usize,
    /// Turns that were judged and got no grade.
    pub n_invalid: usize,
    /// The mean over both turns of each category.
    pub categories: BTreeMap<String, f64>,
}

/// Means per model, best first (models that are equally good by name). Repeated judgments all count.
///
/// # Errors
///
/// Where no judgment has a grade.
///
/// # Source
///
/// `display_result_single` in `show_result.py`. The categories have no script; the article's chart is a mean over both turns.
pub fn score_single(judgments: &[Judgment], questions: &[Question]) -> Result<Vec<ModelScore>, EvalError> {
    let categories: HashMap<&QuestionId, &str> =
        questions.iter().map(|question| (&question.question_id, question.category.as_str())).collect();
    let mut models: BTreeMap<&str, Collected<'_>> = BTreeMap::new();
    for judgment in judgments {
        let collected = models.entry(&judgment.model).or_default();
        let Some(score) = judgment.score.filter(|score| score.is_valid()) else {
            collected.invalid += 1;
            continue;
        };
        let score = score.value();
        collected.all.add(score);
        match judgment.turn {
            1 => collected.first.add(score),
            2 => collected.second.add(score),
            _ => {}
        }
        if let Some(category) = categories.get(&judgment.question_id) {
            collected.categories.entry(category).or_default().add(score);
        }
    }
    if models.values().all(|collected| collected.all.count == 0) {
        return Err(EvalError::NothingToScore { what: "the judgments" });
    }
    let mut scores: Vec<ModelScore> =
        models.into_iter().map(|(model, collected)| collected.score(model)).collect();
    scores.sort_by(|left, right| {
        let rank = |score: &ModelScore| score.average.unwrap_or(f64::NEG_INFINITY);
        rank(right).total_cmp(&rank(left))
    });
    Ok(scores)
}

/// The mean of each model with its interval, where whole questions are drawn: the turns of one question are no independent evidence.
/// Models without a grade are left out.
///
/// # Errors
///
/// Where the bootstrap's options make no sense.
pub fn estimate_single(
    judgments: &[Judgment],
    bootstrap: &Bootstrap,
) -> Result<BTreeMap<String, Estimate>, EvalError> {
    let mut grades: BTreeMap<&str, BTreeMap<&QuestionId, Vec<f64>>> = BTreeMap::new();
    for judgment in judgments {
        if let Some(score) = judgment.score.filter(|score| score.is_valid()) {
            let of_question = grades.entry(&judgment.model).or_default().entry(&judgment.question_id);
            of_question.or_default().push(score.value());
        }
    }
    grades
        .into_iter()
        .map(|(model, questions)| {
            let estimate = bootstrap.mean(questions.values().map(Vec::as_slice))?;
            Ok((model.to_owned(), estimate))
        })
        .collect()
}

#[derive(Default)]
struct Collected<'a> {
    first: Mean,
    second: Mean,
    all: Mean,
    invalid: usize,
    categories: BTreeMap<&'a str, Mean>,
}

impl Collected<'_> {
    fn score(self, model: &str) -> ModelScore {
        let categories = self.categories.into_iter();
        ModelScore {
            model: model.to_owned(),
            turn_1: self.first.value(),
            turn_2: self.second.value(),
            average: self.all.value(),
            n_turn_1: self.first.count,
            n_turn_2: self.second.count,
            n_invalid: self.invalid,
            categories: categories
                .filter_map(|(name, mean)| Some((name.to_owned(), mean.value()?)))
                .collect(),
        }
    }
}

/// A mean with the compensated sum (Kahan) of pandas' `groupby().mean()`, so that it agrees to the last digit.
#[derive(Default)]
struct Mean {
    sum: f64,
    compensation: f64,
    count: usize,
}

impl Mean {
    fn add(&mut self, value: f64) {
        let corrected = value - self.compensation;
        let sum = self.sum + corrected;
        self.compensation = (sum - self.sum) - corrected;
        self.sum = sum;
        self.count += 1;
    }

    fn value(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / count::as_f64(self.count))
    }
}
