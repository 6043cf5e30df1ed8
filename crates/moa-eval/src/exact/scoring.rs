//! From a contender's journal to its marks.

use moa_core::FinishReason;

use super::{Marked, ScoredItem, ScoredSample, Scores, Task, mark};
use crate::runner::{Answer, Record, Stored};

/// Marks all answers of a journal to tasks. Answers to questions that are no task are left out.
#[must_use]
pub fn score_tasks(stored: &Stored<Answer>, tasks: &[Task]) -> Scores {
    let items = tasks.iter().filter_map(|task| {
        let record = stored.records.iter().find(|record| record.item == task.id)?;
        Some(ScoredItem::new(record, |text| (mark(task, text), None)))
    });
    Scores {
        benchmark: stored.header.benchmark.clone(),
        contender: stored.header.contender.clone(),
        items: items.collect(),
    }
}

impl ScoredItem {
    /// The mark of an answer, and those of the samples behind it. `marks` marks a text, and says what is wrong with it if it knows.
    pub fn new(record: &Record<Answer>, mut marks: impl FnMut(&str) -> (Marked, Option<String>)) -> Self {
        let answer = &record.result;
        let samples = answer.samples.iter().map(|sample| {
            let (Marked { verdict, extracted }, _) = marks(&sample.text);
            ScoredSample { verdict, extracted, usage: sample.usage }
        });
        let samples = samples.collect();
        let (Marked { verdict, extracted }, detail) = marks(&answer.text);
        let detail = detail.or_else(|| answer.failure.as_ref().map(|failure| failure.message.clone()));
        Self {
            item: record.item.clone(),
            verdict,
            extracted,
            detail,
            usage: record.usage,
            wall_ms: record.wall_ms,
            is_cut_off: answer.finish_reason == Some(FinishReason::Length),
            degraded: answer.degraded,
            samples,
        }
    }
}
