//! `moa eval report`: a folder of results as one page, with its figures and data beside it.

mod found;
mod journals;

use std::path::{Path, PathBuf};

use clap::Args;
use moa_report::{AlpacaInput, Input, Report, report};

use self::found::Found;
use super::data::write_whole;
use super::figures::FigureArgs;
use super::input::{self, InputFile};
use super::{alpaca_eval, figures, flask, mt_bench};
use crate::commands::print;
use crate::complaint::Complaint;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  moa eval report -o results\n  moa eval report -o results --base qwen2.5-coder-1.5b-instruct --to report\n  moa eval report --leaderboard weighted_alpaca_eval_gpt4_turbo_leaderboard.csv --to report"
)]
pub(crate) struct ReportArgs {
    /// Folder of the results: answers, scores, judgments, as the other commands write them
    #[arg(short, long, value_name = "FOLDER", required_unless_present = "leaderboard")]
    output: Option<PathBuf>,

    /// Folder that gets the report; `report` in the folder of the results where it is not given
    #[arg(long, value_name = "FOLDER", required_unless_present = "output")]
    to: Option<PathBuf>,

    /// The contender that mixtures are laid beside; the best one that is no mixture where it is not given
    #[arg(long, value_name = "CONTENDER")]
    base: Option<String>,

    /// Folder of the benchmarks' own files, in place of the fetched ones
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,

    /// `AlpacaEval`'s leaderboard, in place of the one among the benchmark's files
    #[arg(long, value_name = "CSV")]
    leaderboard: Option<PathBuf>,

    /// `AlpacaEval`'s table of gamed rows, in place of the one among the benchmark's files; without any there is no length-controlled win rate
    #[arg(long, value_name = "CSV")]
    gamed: Option<PathBuf>,

    /// The heading
    #[arg(long, value_name = "TEXT", default_value = "Is the mixture better?")]
    title: String,

    #[command(flatten)]
    pictures: FigureArgs,
}

pub(crate) fn execute(arguments: &ReportArgs) -> Result<(), Complaint> {
    let found = read(arguments)?;
    let warnings = found.remarks.clone();
    let report = report(&input(arguments, found));
    input::warn(&warnings);
    let folder = match (&arguments.to, &arguments.output) {
        (Some(to), _) => to.clone(),
        (None, Some(output)) => output.join("report"),
        // Clap sees to it that one of them is there.
        (None, None) => return Err(Complaint::usage("--to names the folder of the report")),
    };
    write(&report, &folder, &arguments.pictures)
}

/// Everything in the folder that belongs into the report.
fn read(arguments: &ReportArgs) -> Result<Found, Complaint> {
    let mut found = Found::default();
    let data = arguments.data.as_deref();
    found.alpaca = AlpacaInput {
        leaderboard: alpaca_eval::leaderboard(arguments.leaderboard.as_deref(), data)?,
        gamed: alpaca_eval::gamed(arguments.gamed.as_deref(), data)?,
        difficulty: alpaca_eval::difficulty(data)?,
        files: Vec::new(),
    };
    found.mt_bench.questions = mt_bench::questions(data)?;
    if let Some(output) = &arguments.output {
        if !output.is_dir() {
            return Err(Complaint::usage(format!("there is no folder {}", output.display())).with_hint(
                Some("--output names the folder that the other commands of `moa eval` wrote to".to_owned()),
            ));
        }
        journals::read(output, &mut found);
        alpaca_eval::read_results(output, &mut found);
        mt_bench::read_results(output, &mut found);
        flask::read_results(output, &mut found);
        if found.is_empty() {
            return Err(Complaint::failed(format!("there are no results in {}", output.display()))
                .with_hint(Some(
                "`moa eval BENCHMARK generate`, `judge` and `score` make them; docs/evaluation.md says how"
                    .to_owned(),
            )));
        }
    }
    Ok(found)
}

fn input(arguments: &ReportArgs, found: Found) -> Input<'static> {
    let Found { answers, alpaca, mt_bench, flask, exact, mut remarks, read, .. } = found;
    if !read.is_empty() {
        remarks.push(format!("Read: {}.", read.join(", ")));
    }
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string();
    Input {
        title: arguments.title.clone(),
        made_at: now,
        base: arguments.base.clone(),
        answers,
        alpaca,
        mt_bench,
        flask,
        exact,
        likeness: &moa_export::likeness,
        likeness_name: "BLEU (1- to 4-grams)",
        remarks,
    }
}

fn write(report: &Report, folder: &Path, pictures: &FigureArgs) -> Result<(), Complaint> {
    let mut json = serde_json::to_string_pretty(&report.findings).map_err(Complaint::failed)?;
    json.push('\n');
    write_whole(&folder.join("report.json"), json)?;
    figures::write(&report.figures, folder, pictures)?;
    // The page comes last: where it is, everything is.
    let page = folder.join("report.html");
    write_whole(&page, &report.html)?;
    print(&format!("{}\n", page.display()))
}

/// Reads a benchmark's file that may not be there.
pub(super) fn optional<T>(
    path: Option<PathBuf>,
    parse: impl FnOnce(&[u8]) -> Result<T, moa_eval::EvalError>,
) -> Result<Option<T>, Complaint> {
    path.map(|path| InputFile::read(&path)?.parse(parse)).transpose()
}

pub(super) use self::found::Found as Results;
