//! `moa eval compare`: contenders beside each other.

use moa_eval::exact::{AgainstBase, ComparisonRow, Scores, comparison};
use moa_eval::statistics::Bootstrap;

use super::arguments::{CompareArgs, TableFormat};
use super::folder::ResultsFolder;
use super::table::{Column, print};
use super::{eval_complaint, scores};
use crate::complaint::Complaint;

pub(super) fn execute(arguments: &CompareArgs) -> Result<(), Complaint> {
    let all = chosen(arguments)?;
    let Some(base) = arguments.base.clone().or_else(|| all.first().map(|first| first.contender.clone()))
    else {
        return Err(none(arguments));
    };
    let of_base = all.iter().find(|scores| scores.contender == base);
    let all: Vec<Scores> = match of_base {
        Some(of_base) if arguments.equal_tokens => {
            all.iter().map(|scores| scores.at_tokens_of(of_base)).collect()
        }
        _ => all,
    };
    let table = comparison(&all, &base, &Bootstrap::default()).map_err(|error| eval_complaint(&error))?;
    match arguments.format {
        TableFormat::Json => return crate::commands::print_json(&table),
        TableFormat::Csv => {}
        TableFormat::Text => {
            let tokens = if arguments.equal_tokens { ", votes at the tokens of the base" } else { "" };
            crate::commands::print(&format!(
                "{}: {} items that all have answered; differences from {base}{tokens}; intervals of 95 %\n\n",
                table.benchmark, table.items
            ))?;
        }
    }
    print(arguments.format, &columns(), &table.rows)
}

/// The scores that the command line names, in its order; all of the folder where it names none.
fn chosen(arguments: &CompareArgs) -> Result<Vec<Scores>, Complaint> {
    let folder = ResultsFolder::new(&arguments.output);
    let paths = match &arguments.benchmark {
        Some(benchmark) => folder.all(benchmark, "scores.json")?,
        None => folder.all_benchmarks("scores.json")?,
    };
    let there = paths.iter().map(|path| scores::read(path)).collect::<Result<Vec<Scores>, Complaint>>()?;
    if there.is_empty() {
        return Err(none(arguments));
    }
    if let Some(other) = there.iter().find(|scores| scores.benchmark != there[0].benchmark) {
        let message = format!(
            "{} has scores of {} and of {}",
            arguments.output.display(),
            there[0].benchmark,
            other.benchmark
        );
        return Err(Complaint::usage(message).with_hint(Some("choose one with --benchmark".to_owned())));
    }
    if arguments.contenders.is_empty() {
        return Ok(there);
    }
    let mut wanted = arguments.contenders.clone();
    // A base that is not in the list is shown all the same: without it the differences mean nothing.
    wanted.extend(arguments.base.clone().filter(|base| !arguments.contenders.contains(base)));
    let find = |name: &String| {
        there.iter().find(|scores| scores.contender == *name).cloned().ok_or_else(|| {
            let names: Vec<&str> = there.iter().map(|scores| scores.contender.as_str()).collect();
            Complaint::usage(format!("there are no scores of '{name}' in {}", arguments.output.display()))
                .with_hint(Some(format!("there are those of {}", names.join(", "))))
        })
    };
    wanted.iter().map(find).collect()
}

fn none(arguments: &CompareArgs) -> Complaint {
    Complaint::usage(format!("there are no scores in {}", arguments.output.display()))
        .with_hint(Some("`moa eval BENCHMARK score` makes them".to_owned()))
}

fn columns() -> Vec<Column<ComparisonRow>> {
    let against = |name, cell: fn(&AgainstBase) -> String| {
        Column::number(name, move |row: &ComparisonRow| {
            row.against_base.as_ref().map_or_else(|| "-".to_owned(), cell)
        })
    };
    let mut columns: Vec<Column<ComparisonRow>> =
        scores::columns().into_iter().map(|column| column.of(|row: &ComparisonRow| &row.summary)).collect();
    columns.extend([
        against("wins", |row| row.wins.to_string()),
        against("ties", |row| row.ties.to_string()),
        against("losses", |row| row.losses.to_string()),
        against("apart", |row| row.invalid.to_string()),
        against("difference", |row| format!("{:+.3}", row.difference.mean)),
        against("from", |row| format!("{:+.3}", row.difference.interval.low)),
        against("to", |row| format!("{:+.3}", row.difference.interval.high)),
        against("p", |row| row.mcnemar.map_or_else(|| "-".to_owned(), |test| format!("{:.4}", test.p_value))),
    ]);
    columns
}
