//! What a folder of results holds of MT-Bench, for the report.

use std::path::Path;

use moa_eval::mt_bench::{Question, read_judgments, read_questions};
use moa_eval::runner::{Record, read_journal};
use moa_report::{AnswerSet, AnsweredItem};

use super::files::{BENCHMARK, QUESTIONS, Results};
use super::generate::Dialogue;
use crate::commands::eval::data::DataFolder;
use crate::commands::eval::report;
use crate::complaint::Complaint;

pub(crate) fn questions(data: Option<&Path>) -> Result<Vec<Question>, Complaint> {
    let path = DataFolder::new(BENCHMARK, data)?.find(&QUESTIONS);
    Ok(report::optional(path, read_questions)?.unwrap_or_default())
}

/// Adds the answers and all judges' single grades.
pub(crate) fn read_results(output: &Path, found: &mut report::Results) {
    let results = Results::new(output);
    for path in results.answer_journals() {
        match read_journal::<Dialogue>(&path) {
            Ok(stored) => {
                found.note(&path);
                let items = stored.records.into_iter().map(item).collect();
                found.add_answers(AnswerSet {
                    benchmark: BENCHMARK.to_owned(),
                    contender: stored.header.contender,
                    items,
                });
            }
            Err(error) => found.remarks.push(format!("left out: {error}")),
        }
    }
    for path in results.all_judgments("single") {
        let Some(judgments) = found.file(&path, read_judgments) else { continue };
        for mut judgment in judgments {
            judgment.model = found.name_of(&judgment.model);
            found.mt_bench.judgments.push(judgment);
        }
    }
}

fn item(record: Record<Dialogue>) -> AnsweredItem {
    let Record { item, usage, wall_ms, result, .. } = record;
    AnsweredItem { id: item, turns: result.turns, usage, wall_ms }
}
