//! A file of samples in the official form: each completion run with its tests, and the results written as the official script does.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::StreamExt as _;
use moa_eval::EvalError;
use moa_eval::exact::{Problem, Sample, pass_at_k, read_samples, write_results};
use moa_eval::runner::Progress;
use moa_eval::sandbox::{Limits, Outcome, Program, Sandbox};
use moa_eval::statistics::{Bootstrap, Interval};
use serde::Serialize;

use super::{BENCHMARK, complaint, open};
use crate::commands::eval::arguments::TableFormat;
use crate::commands::eval::columns::{Columns, csv, interval, number};
use crate::commands::eval::data::write_whole;
use crate::commands::eval::eval_complaint;
use crate::commands::eval::input::{self, InputFile};
use crate::commands::eval::progress::{ProgressLine, describe};
use crate::commands::{print, print_json};
use crate::complaint::Complaint;

/// The numbers of samples for which the official script tells the chance that one of them is right.
const K: [usize; 3] = [1, 10, 100];

/// What is to be done with a file of samples.
pub(super) struct SamplesRequest<'a> {
    pub(super) file: &'a Path,
    pub(super) timeout: Duration,
    pub(super) ignore_incomplete: bool,
    pub(super) format: TableFormat,
}

/// What the samples come to.
#[derive(Serialize)]
struct SamplesScore {
    samples: usize,
    passed: usize,
    problems: usize,
    /// By `pass@k`, for each k of which every problem has enough samples.
    #[serde(flatten)]
    pass: BTreeMap<String, PassAt>,
}

/// A mean over problems.
#[derive(Serialize)]
struct PassAt {
    value: f64,
    /// Where it lies, with a confidence of 95 %, problems being drawn.
    interval: Interval,
}

pub(super) async fn score(problems: &[Problem], request: &SamplesRequest<'_>) -> Result<(), Complaint> {
    let samples = InputFile::read(request.file)?.parse(read_samples)?;
    let by_id: BTreeMap<&str, &Problem> =
        problems.iter().map(|problem| (problem.task_id.as_str(), problem)).collect();
    let mut programs = Vec::new();
    for sample in &samples {
        let Some(problem) = by_id.get(sample.task_id.as_str()) else {
            let message = format!("{}: there is no problem {:?}", request.file.display(), sample.task_id);
            return Err(Complaint::failed(message)
                .with_hint(Some("--data names another file of problems".to_owned())));
        };
        programs.push(Program {
            code: format!("{}{}", problem.prompt, sample.completion),
            test: format!("\n{}\ncheck({})", problem.test, problem.entry_point),
            is_cut_off: false,
        });
    }
    check_complete(problems, &samples, request)?;
    let sandbox = open().await?;
    let outcomes = outcomes(&sandbox, &programs, request.timeout).await?;
    let passed: Vec<bool> = outcomes.iter().map(|outcome| *outcome == Outcome::Passed).collect();
    let texts: Vec<String> = outcomes.iter().map(official).collect();
    let path = results_path(request.file);
    let written = samples.iter().zip(texts.iter().map(String::as_str)).zip(passed.iter().copied());
    let written = written.map(|((sample, text), passed)| (sample, text, passed));
    let text = write_results(written).map_err(|error| eval_complaint(&error))?;
    write_whole(&path, text)?;
    input::eprint(&format!("results: {}\n", path.display()));
    show(&summary(&samples, &passed).map_err(|error| eval_complaint(&error))?, request.format)
}

/// The official script refuses a file that leaves problems out.
fn check_complete(
    problems: &[Problem],
    samples: &[Sample],
    request: &SamplesRequest<'_>,
) -> Result<(), Complaint> {
    let is_attempted = |problem: &&Problem| samples.iter().any(|sample| sample.task_id == problem.task_id);
    let missing = problems.len() - problems.iter().filter(is_attempted).count();
    if missing == 0 {
        return Ok(());
    }
    let message = format!("{missing} of {} problems have no sample", problems.len());
    if request.ignore_incomplete {
        input::warn(&[format!("{message}; they count nowhere")]);
        return Ok(());
    }
    Err(Complaint::failed(format!("{}: {message}", request.file.display()))
        .with_hint(Some("--ignore-incomplete scores those that there are".to_owned())))
}

/// How each program ends, in the order of the samples.
async fn outcomes(
    sandbox: &Sandbox,
    programs: &[Program],
    timeout: Duration,
) -> Result<Vec<Outcome>, Complaint> {
    let at_once = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let limits = Limits { wall: timeout, cpu: timeout, ..Limits::default() };
    let mut line = ProgressLine::new(format!("{BENCHMARK} tests"));
    let mut progress = Progress { total: programs.len(), ..Progress::default() };
    let start = std::time::Instant::now();
    let runs = programs.iter().map(|program| sandbox.run(program, &limits));
    let mut runs = std::pin::pin!(futures::stream::iter(runs).buffered(at_once));
    let mut outcomes = Vec::new();
    while let Some(outcome) = runs.next().await {
        outcomes.push(outcome.map_err(|error| complaint(&error))?);
        progress.done += 1;
        progress.elapsed = start.elapsed();
        line.show(&progress);
    }
    line.finish(&describe(&progress));
    Ok(outcomes)
}

/// What the official script writes: the message of the error without its kind. It knows no other end without a verdict than lateness.
fn official(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => "passed".to_owned(),
        Outcome::Failed(detail) => {
            let message = detail.split_once(": ").map_or(detail.as_str(), |(_, message)| message);
            format!("failed: {message}")
        }
        Outcome::TimedOut | Outcome::Died => "timed out".to_owned(),
    }
}

/// The official name: the samples' own with an ending.
fn results_path(samples: &Path) -> PathBuf {
    let mut name: OsString = samples.as_os_str().to_owned();
    name.push("_results.jsonl");
    PathBuf::from(name)
}

fn summary(samples: &[Sample], passed: &[bool]) -> Result<SamplesScore, EvalError> {
    let mut of_problems: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (sample, passed) in samples.iter().zip(passed) {
        let (all, right) = of_problems.entry(&sample.task_id).or_default();
        *all += 1;
        *right += usize::from(*passed);
    }
    let mut pass = BTreeMap::new();
    for k in K {
        let chances: Option<Vec<f64>> =
            of_problems.values().map(|(all, right)| pass_at_k(*all, *right, k)).collect();
        let Some(chances) = chances else { continue };
        let estimate = Bootstrap::default().mean(chances.chunks(1))?;
        pass.insert(format!("pass@{k}"), PassAt { value: estimate.mean, interval: estimate.interval });
    }
    let passed = passed.iter().filter(|passed| **passed).count();
    Ok(SamplesScore { samples: samples.len(), passed, problems: of_problems.len(), pass })
}

fn show(score: &SamplesScore, format: TableFormat) -> Result<(), Complaint> {
    match format {
        TableFormat::Json => print_json(score),
        TableFormat::Csv => {
            let mut rows =
                vec![["measure", "value", "low", "high", "problems", "samples"].map(str::to_owned).to_vec()];
            for (name, of) in &score.pass {
                let numbers = [of.value, of.interval.low, of.interval.high].map(|value| value.to_string());
                let counts = [score.problems, score.samples].map(|count| count.to_string());
                rows.push(std::iter::once(name.clone()).chain(numbers).chain(counts).collect());
            }
            print(&csv(rows)?)
        }
        TableFormat::Text => {
            let mut table =
                Columns::new(["measure", "value", "95 % interval", "problems", "samples", "passed"]);
            for (name, of) in &score.pass {
                let counts = [score.problems, score.samples, score.passed].map(|count| count.to_string());
                let cells = [name.clone(), number(Some(of.value)), interval(Some(of.interval))];
                table.row(cells.into_iter().chain(counts).collect());
            }
            print(&table.to_string())
        }
    }
}
