//! `moa eval alpaca-eval generate`: an answer to each of the baseline's instructions.

use std::path::{Path, PathBuf};

use clap::Args;
use moa_core::Conversation;
use moa_eval::alpaca::{ModelOutput, read_outputs, write_outputs};
use moa_eval::runner::{Answer, read_journal};

use super::files::{BASELINE, BENCHMARK, Results};
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
pub(crate) struct AlpacaGenerateArgs {
    #[command(flatten)]
    generate: GenerateArgs,

    /// Folder of the benchmark's own files, in place of the fetched ones
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

pub(crate) async fn execute(workspace: &Workspace, arguments: &AlpacaGenerateArgs) -> Result<(), Complaint> {
    let data = DataFolder::new(BENCHMARK, arguments.data.as_deref())?;
    let baseline = data.read(&BASELINE)?.parse(read_outputs)?;
    let wanted = GenerateArgs {
        temperature: arguments.generate.temperature.or(Some(TEMPERATURE)),
        max_tokens: arguments.generate.max_tokens.or(Some(MAX_TOKENS)),
        ..arguments.generate.clone()
    };
    let questions = baseline.iter().enumerate().map(|(row, output)| Question {
        id: row.to_string(),
        conversation: Conversation::ask(&output.instruction),
    });
    // Free text has no majority: the first sample stands for a vote.
    let questions = Questions { benchmark: BENCHMARK, questions: questions.collect(), choose: &|_, _| 0 };
    let done = generate(workspace, &wanted, questions).await;
    for contender in &wanted.contenders {
        // What there is goes to the official file, however the work ended.
        if let Some(path) = write_official(&wanted.output, contender, &baseline)? {
            crate::commands::print(&format!("{}\n", path.display()))?;
        }
    }
    done
}

/// Writes a contender's answers in the order of the instructions; nothing where there is no journal of them.
fn write_official(output: &Path, name: &str, baseline: &[ModelOutput]) -> Result<Option<PathBuf>, Complaint> {
    let journal = ResultsFolder::new(output).answers(BENCHMARK, name);
    if !journal.exists() {
        return Ok(None);
    }
    let stored = read_journal::<Answer>(&journal).map_err(|error| runner_complaint(&error))?;
    let mut answered: Vec<(usize, String)> = stored
        .records
        .into_iter()
        .filter_map(|record| Some((record.item.parse().ok()?, record.result.text)))
        .collect();
    answered.sort_by_key(|(row, _)| *row);
    let outputs: Vec<ModelOutput> = answered
        .into_iter()
        .filter_map(|(row, text)| {
            let asked = baseline.get(row)?;
            let (dataset, instruction) = (asked.dataset.clone(), asked.instruction.clone());
            Some(ModelOutput { dataset, instruction, output: text, generator: name.to_owned() })
        })
        .collect();
    let path = Results::new(output).outputs(name);
    write_whole(&path, write_outputs(&outputs).map_err(|error| eval_complaint(&error))?)?;
    Ok(Some(path))
}
