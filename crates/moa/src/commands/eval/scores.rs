//! Answers found, scores kept and shown.

use std::fs;
use std::path::{Path, PathBuf};

use moa_eval::exact::{ScoreSummary, Scores};
use moa_eval::runner::{Answer, Stored, read_journal};

use super::arguments::{ScoreArgs, TableFormat};
use super::folder::ResultsFolder;
use super::table::{Column, print};
use super::{eval_complaint, runner_complaint};
use crate::complaint::Complaint;

/// The answers to a benchmark that lie in the folder, by contender.
pub(super) fn answers(benchmark: &str, arguments: &ScoreArgs) -> Result<Vec<Stored<Answer>>, Complaint> {
    let folder = ResultsFolder::new(&arguments.output);
    let paths: Vec<PathBuf> = if arguments.contenders.is_empty() {
        folder.all(benchmark, "answers.jsonl")?
    } else {
        arguments.contenders.iter().map(|contender| folder.answers(benchmark, contender)).collect()
    };
    if paths.is_empty() {
        return Err(Complaint::usage(format!(
            "there are no answers to {benchmark} in {}",
            arguments.output.display()
        ))
        .with_hint(Some("`generate` makes them".to_owned())));
    }
    paths.iter().map(|path| read_journal(path).map_err(|error| runner_complaint(&error))).collect()
}

/// Writes the scores beside the answers and prints what they come to.
pub(super) fn keep_and_show(all: &[Scores], arguments: &ScoreArgs) -> Result<(), Complaint> {
    let folder = ResultsFolder::new(&arguments.output);
    for scores in all {
        let path = folder.scores(&scores.benchmark, &scores.contender);
        let text = serde_json::to_vec_pretty(scores).map_err(Complaint::failed)?;
        fs::write(&path, text)
            .map_err(|error| Complaint::failed(format!("cannot write {}: {error}", path.display())))?;
    }
    let summaries = all.iter().map(Scores::summary).collect::<Result<Vec<ScoreSummary>, _>>();
    let summaries = summaries.map_err(|error| eval_complaint(&error))?;
    match arguments.format {
        TableFormat::Json => crate::commands::print_json(&summaries),
        format => print(format, &columns(), &summaries),
    }
}

/// Reads the scores of one contender.
pub(super) fn read(path: &Path) -> Result<Scores, Complaint> {
    let bytes = fs::read(path).map_err(|error| {
        Complaint::usage(format!("cannot read {}: {error}", path.display()))
            .with_hint(Some("`moa eval BENCHMARK score` makes it from the answers".to_owned()))
    })?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Complaint::failed(format!("{} holds no scores: {error}", path.display())))
}

/// A column of what the marks of a contender come to.
type Shown = Column<ScoreSummary>;

/// What a table shows of each contender.
pub(super) fn columns() -> Vec<Shown> {
    vec![
        Shown::text("contender", |row| row.contender.clone()),
        Shown::number("n", |row| row.n.to_string()),
        Shown::number("right", |row| row.right.to_string()),
        Shown::number("accuracy", |row| format!("{:.3}", row.accuracy)),
        Shown::number("low", |row| format!("{:.3}", row.interval.low)),
        Shown::number("high", |row| format!("{:.3}", row.interval.high)),
        Shown::number("wrong", |row| row.wrong.to_string()),
        Shown::number("invalid", |row| row.invalid.to_string()),
        Shown::number("cut off", |row| row.cut_off.to_string()),
        Shown::number("degraded", |row| row.degraded.to_string()),
        Shown::number("read/item", |row| format!("{:.0}", row.prompt_tokens_per_item)),
        Shown::number("written/item", |row| format!("{:.0}", row.completion_tokens_per_item)),
        Shown::number("s/item", |row| format!("{:.2}", row.wall_ms_per_item / 1_000.0)),
        Shown::number("$/item", |row| {
            row.cost_usd_per_item.map_or_else(|| "-".to_owned(), |cost| format!("{cost:.6}"))
        }),
    ]
}
