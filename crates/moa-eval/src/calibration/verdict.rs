//! What is recommended, and why.

use serde::Serialize;

use super::scoreboard::Share;
use crate::statistics::Estimate;

/// Cheaper by less than this share is as dear: what a call takes varies from time to time.
const LEAST_SAVING: f64 = 0.05;

/// A finalist beside the best single model, on the items that nothing was chosen by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confirmed {
    /// The finalist.
    pub candidate: String,
    /// Its share of right answers.
    pub accuracy: Share,
    /// That of the best single model on the same items.
    pub accuracy_of_best: Share,
    /// The difference, this one minus the best single model; the interval is a paired bootstrap's over items.
    pub difference: Estimate,
    /// The confidence of that interval: higher where several finalists were tried, so that together they err as seldom as one.
    pub confidence: f64,
    /// The same, task by task, where there are several.
    pub by_task: Vec<TaskDifference>,
    /// What it costs, as a share of what the best single model costs.
    pub cost_ratio: Option<f64>,
    /// How long it takes, likewise.
    pub time_ratio: Option<f64>,
    /// What the measurement allows to say.
    pub finding: Finding,
}

/// The difference on one task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskDifference {
    /// The task.
    pub task: String,
    /// The finalist's share of right answers.
    pub accuracy: Share,
    /// The best single model's.
    pub accuracy_of_best: Share,
    /// The difference with its interval, with the same confidence.
    pub difference: Estimate,
}

/// What a measurement allows to say of a finalist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// It is right more often: the whole interval lies above zero, and it is measurably worse on none of the tasks.
    Better,
    /// It is right as often on these items, and cheaper.
    AsGoodAndCheaper,
    /// Neither.
    NotBetter,
}

impl Finding {
    /// What the figures allow to say.
    #[must_use]
    pub fn of(difference: &Estimate, by_task: &[TaskDifference], cost_ratio: Option<f64>) -> Self {
        if by_task.iter().any(|task| task.difference.interval.high < 0.0) {
            return Self::NotBetter;
        }
        // Of one item the draws are all the same, so that its interval says nothing.
        if difference.items > 1 && difference.interval.low > 0.0 {
            return Self::Better;
        }
        let is_cheaper = cost_ratio.is_some_and(|ratio| ratio <= 1.0 - LEAST_SAVING);
        if difference.mean >= 0.0 && is_cheaper { Self::AsGoodAndCheaper } else { Self::NotBetter }
    }
}

/// The finalist that is recommended, by its place: the first that is better, or else the first that is as good and cheaper; nobody
/// where there is none. The order is that of the search, so that the items that confirm choose nothing.
#[must_use]
pub fn recommended(finalists: &[Confirmed]) -> Option<usize> {
    let first = |finding: Finding| finalists.iter().position(|finalist| finalist.finding == finding);
    first(Finding::Better).or_else(|| first(Finding::AsGoodAndCheaper))
}

/// The confidence of each of several intervals that are to hold together with 95 % (Bonferroni).
#[must_use]
pub fn confidence(finalists: usize) -> f64 {
    1.0 - 0.05 / crate::count::as_f64(finalists.max(1))
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
