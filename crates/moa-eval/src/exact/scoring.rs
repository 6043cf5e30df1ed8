//! From a contender's journal to its marks.

use moa_core::FinishReason;

use super::{Marked, ScoredItem, ScoredProposal, ScoredSample, Scores, Task, mark};
use crate::runner::{Answer, Proposal, Record, Stored};

/// Marks all answers of a journal to tasks. Answers to questions that are no task are left out.
#[must_use]
pub fn score_tasks(stored: &Stored<Answer>, tasks: &[Task]) -> Scores {
    let marked = tasks.iter().filter_map(|task| {
        let record = stored.records.iter().find(|record| record.item == task.id)?;
        let marked = ScoredItem::new(record, &task.prompt, |text| (mark(task, text), None));
        Some(ScoredItem { expected: Some(task.answers.join(" or ")), ..marked })
    });
    Scores {
        benchmark: stored.header.benchmark.clone(),
        contender: stored.header.contender.clone(),
        items: marked.collect(),
    }
}

impl ScoredItem {
    /// The mark of an answer to a question, and those of the samples and proposals behind it. `marks` marks a text, and says what is wrong
    /// with it if it knows.
    pub fn new(
        record: &Record<Answer>,
        question: &str,
        mut marks: impl FnMut(&str) -> (Marked, Option<String>),
    ) -> Self {
        let answer = &record.result;
        let samples = answer.samples.iter().map(|sample| {
            let (Marked { verdict, extracted }, _) = marks(&sample.text);
            ScoredSample { verdict, extracted, usage: sample.usage, is_cut_off: sample.is_cut_off }
        });
        let samples = samples.collect();
        let proposal = |proposal: &Proposal, marks: &mut dyn FnMut(&str) -> (Marked, Option<String>)| {
            let (Marked { verdict, extracted }, _) = marks(&proposal.text);
            ScoredProposal { agent: proposal.agent.clone(), verdict, extracted, usage: proposal.usage }
        };
        let layers = answer.layers.iter();
        let layers = layers.map(|layer| layer.iter().map(|of| proposal(of, &mut marks)).collect()).collect();
        let (Marked { verdict, extracted }, detail) = marks(&answer.text);
        let detail = detail.or_else(|| answer.failure.as_ref().map(|failure| failure.message.clone()));
        Self {
            item: record.item.clone(),
            question: question.to_owned(),
            expected: None,
            verdict,
            extracted,
            detail,
            usage: record.usage,
            wall_ms: record.wall_ms,
            is_cut_off: answer.finish_reason == Some(FinishReason::Length),
            degraded: answer.degraded,
            samples,
            layers,
        }
    }
}
