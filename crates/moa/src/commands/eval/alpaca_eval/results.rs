//! What a folder of results holds of `AlpacaEval`, for the report.

use std::path::{Path, PathBuf};

use moa_eval::alpaca::{Difficulty, GamedRows, Leaderboard, ModelOutput, read_annotations, read_outputs};
use moa_report::{AlpacaFile, AnswerSet};

use super::files::{BENCHMARK, DIFFICULTY, GAMED, LEADERBOARD, Results};
use crate::commands::eval::data::{BenchmarkFile, DataFolder};
use crate::commands::eval::report;
use crate::complaint::Complaint;

pub(crate) fn leaderboard(
    named: Option<&Path>,
    data: Option<&Path>,
) -> Result<Option<Leaderboard>, Complaint> {
    report::optional(place(named, data, &LEADERBOARD)?, Leaderboard::read)
}

pub(crate) fn gamed(named: Option<&Path>, data: Option<&Path>) -> Result<Option<GamedRows>, Complaint> {
    report::optional(place(named, data, &GAMED)?, GamedRows::read)
}

pub(crate) fn difficulty(data: Option<&Path>) -> Result<Option<Difficulty>, Complaint> {
    report::optional(place(None, data, &DIFFICULTY)?, Difficulty::read)
}

fn place(
    named: Option<&Path>,
    data: Option<&Path>,
    file: &BenchmarkFile,
) -> Result<Option<PathBuf>, Complaint> {
    match named {
        Some(path) => Ok(Some(path.to_owned())),
        None => Ok(DataFolder::new(BENCHMARK, data)?.find(file)),
    }
}

/// Adds the judges' preferences, and names answers by their instruction, as the preferences do.
pub(crate) fn read_results(output: &Path, found: &mut report::Results) {
    let results = Results::new(output);
    for model in results.models() {
        let contender = found.name_of(&model);
        let outputs = found.file(&results.outputs(&model), read_outputs).unwrap_or_default();
        let answers =
            found.answers.iter_mut().find(|set| set.benchmark == BENCHMARK && set.contender == contender);
        if let Some(answers) = answers {
            name_by_instruction(answers, &outputs);
        }
        for path in results.all_annotations(&model) {
            let Some(annotations) = found.file(&path, read_annotations) else { continue };
            // A model alone in its folder may have been named by somebody else's tool.
            let named =
                annotations.first().map(|row| row.generator_2.clone()).filter(|name| !name.is_empty());
            let contender =
                if contender == model { named.unwrap_or(contender.clone()) } else { contender.clone() };
            found.alpaca.files.push(AlpacaFile { contender, annotations });
        }
    }
}

/// A journal knows the baseline's rows, the file of outputs beside it the instructions in the same order.
fn name_by_instruction(answers: &mut AnswerSet, outputs: &[ModelOutput]) {
    answers.items.sort_by_key(|item| item.id.parse::<usize>().unwrap_or(usize::MAX));
    let text = |item: &moa_report::AnsweredItem| item.turns.first().map(|turn| turn.text.clone());
    let is_same = answers.items.len() == outputs.len()
        && answers
            .items
            .iter()
            .zip(outputs)
            .all(|(item, output)| text(item).as_ref() == Some(&output.output));
    if is_same {
        for (item, output) in answers.items.iter_mut().zip(outputs) {
            item.id.clone_from(&output.instruction);
        }
    }
}
