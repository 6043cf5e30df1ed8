//! Tasks whose answers are right or wrong: GSM8K, and people's own questions.

use std::path::Path;

use moa_core::Conversation;
use moa_eval::exact::{Task, read_gsm8k, read_tasks, vote};

use super::arguments::{GenerateArgs, TaskCommand};
use super::generation::{Question, Questions, generate};
use super::{eval_complaint, folder};
use crate::complaint::Complaint;
use crate::workspace::Workspace;

/// The file of GSM8K's cases.
const GSM8K_FILE: &str = "cases.jsonl";

/// `moa eval gsm8k ...`
pub(super) async fn gsm8k(workspace: &Workspace, command: TaskCommand) -> Result<(), Complaint> {
    let path = folder::data_folder("gsm8k")?.join(GSM8K_FILE);
    let bytes = folder::read(&path, "`moa eval gsm8k fetch` gets it")?;
    let tasks = read_gsm8k(&bytes).map_err(|error| eval_complaint(&error))?;
    execute(workspace, "gsm8k", tasks, command).await
}

/// `moa eval tasks FILE ...`
pub(super) async fn own(workspace: &Workspace, file: &Path, command: TaskCommand) -> Result<(), Complaint> {
    let bytes = folder::read(file, "docs/evaluation.md describes the format")?;
    let tasks = read_tasks(&bytes).map_err(|error| eval_complaint(&error))?;
    let name = file.file_stem().map_or_else(|| "tasks".to_owned(), |stem| stem.to_string_lossy().into_owned());
    execute(workspace, &name, tasks, command).await
}

async fn execute(
    workspace: &Workspace,
    benchmark: &str,
    tasks: Vec<Task>,
    command: TaskCommand,
) -> Result<(), Complaint> {
    match command {
        TaskCommand::Generate(arguments) => answers(workspace, benchmark, &tasks, &arguments).await,
    }
}

async fn answers(
    workspace: &Workspace,
    benchmark: &str,
    tasks: &[Task],
    arguments: &GenerateArgs,
) -> Result<(), Complaint> {
    let questions = tasks.iter().map(|task| Question {
        id: task.id.clone(),
        conversation: Conversation::ask(&task.prompt),
    });
    let choose = |id: &str, samples: &[&str]| {
        tasks.iter().find(|task| task.id == id).map_or(0, |task| vote(task.kind, samples))
    };
    let questions = Questions { benchmark, questions: questions.collect(), choose: &choose };
    generate(workspace, arguments, questions).await
}
