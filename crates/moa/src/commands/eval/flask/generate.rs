//! `moa eval flask generate`: an answer to each instruction of an evaluation set.

use std::path::{Path, PathBuf};

use clap::Args;
use moa_core::Conversation;
use moa_eval::flask::{ModelAnswer, read_items, write_model_answers};
use moa_eval::runner::{Answer, read_journal};

use super::files::{Results, Set};
use crate::commands::eval::arguments::GenerateArgs;
use crate::commands::eval::data::{DataFolder, write_whole};
use crate::commands::eval::folder::ResultsFolder;
use crate::commands::eval::generation::{Question, Questions, generate};
use crate::commands::eval::{eval_complaint, runner_complaint};
use crate::complaint::Complaint;
use crate::workspace::Workspace;

/// What the paper's answers were made with.
const TEMPERATURE: f64 = 0.7;
const MAX_TOKENS: u32 = 2048;

#[derive(Debug, Args)]
pub(crate) struct FlaskGenerateArgs {
    #[command(flatten)]
    generate: GenerateArgs,

    /// Answer the 89 hard instructions instead of all 1740
    #[arg(long)]
    hard: bool,

    /// Folder of the benchmark's own files, in place of the fetched ones
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

pub(crate) async fn execute(workspace: &Workspace, arguments: &FlaskGenerateArgs) -> Result<(), Complaint> {
    let set = Set::new(arguments.hard);
    let items = DataFolder::new("flask", arguments.data.as_deref())?.read(set.file())?.parse(read_items)?;
    let wanted = GenerateArgs {
        temperature: arguments.generate.temperature.or(Some(TEMPERATURE)),
        max_tokens: arguments.generate.max_tokens.or(Some(MAX_TOKENS)),
        ..arguments.generate.clone()
    };
    let questions = items
        .iter()
        .map(|item| Question { id: item.id.to_string(), conversation: Conversation::ask(&item.instruction) });
    // Free text has no majority: the first sample stands for a vote.
    let questions = Questions { benchmark: set.name(), questions: questions.collect(), choose: &|_, _| 0 };
    let done = generate(workspace, &wanted, questions).await;
    for contender in &wanted.contenders {
        // What there is goes to the file that the official script reads, however the work ended.
        if let Some(path) = write_official(&wanted.output, contender, set)? {
            crate::commands::print(&format!("{}\n", path.display()))?;
        }
    }
    done
}

/// Writes a contender's answers, sorted by item; nothing where there is no journal of them.
fn write_official(output: &Path, name: &str, set: Set) -> Result<Option<PathBuf>, Complaint> {
    let journal = ResultsFolder::new(output).answers(set.name(), name);
    if !journal.exists() {
        return Ok(None);
    }
    let stored = read_journal::<Answer>(&journal).map_err(|error| runner_complaint(&error))?;
    let answers = stored.records.into_iter().filter_map(|record| {
        let (question_id, text) = (record.item.parse().ok()?, record.result.text);
        Some(ModelAnswer { question_id, text, model_id: name.to_owned() })
    });
    let mut answers: Vec<ModelAnswer> = answers.collect();
    answers.sort_by_key(|answer| answer.question_id);
    let path = Results::new(output, set).answers(name);
    write_whole(&path, write_model_answers(&answers).map_err(|error| eval_complaint(&error))?)?;
    Ok(Some(path))
}
