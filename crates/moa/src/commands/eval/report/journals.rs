//! The journals of answers and the marks beside them.

use std::path::Path;

use moa_eval::runner::{Answer, Record, read_journal};
use moa_report::{AnswerSet, AnsweredItem};

use super::found::Found;
use crate::commands::eval::folder::ResultsFolder;
use crate::commands::eval::scores;

pub(super) fn read(output: &Path, found: &mut Found) {
    let folder = ResultsFolder::new(output);
    for path in folder.all_benchmarks("answers.jsonl").unwrap_or_default() {
        match read_journal::<Answer>(&path) {
            Ok(stored) => {
                found.note(&path);
                let items = stored.records.into_iter().map(item).collect();
                let (benchmark, contender) = (stored.header.benchmark, stored.header.contender);
                found.add_answers(AnswerSet { benchmark, contender, items });
            }
            Err(error) => found.remarks.push(format!("left out: {error}")),
        }
    }
    for path in folder.all_benchmarks("scores.json").unwrap_or_default() {
        match scores::read(&path) {
            Ok(scores) => {
                found.note(&path);
                found.exact.push(scores);
            }
            Err(complaint) => found.remarks.push(format!("left out: {complaint}")),
        }
    }
    let unmarked = |set: &&AnswerSet| {
        let is_judged = ["alpaca-eval", "flask", "flask-hard"].contains(&set.benchmark.as_str());
        !is_judged
            && !found.exact.iter().any(|of| of.benchmark == set.benchmark && of.contender == set.contender)
    };
    let remarks: Vec<String> = found
        .answers
        .iter()
        .filter(unmarked)
        .map(|set| {
            format!("the answers of {} to {} are not marked: `score` does it", set.contender, set.benchmark)
        })
        .collect();
    found.remarks.extend(remarks);
}

fn item(record: Record<Answer>) -> AnsweredItem {
    let Record { item, usage, wall_ms, result, .. } = record;
    AnsweredItem { id: item, turns: vec![result], usage, wall_ms }
}
