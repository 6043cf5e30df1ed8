//! `model_outputs.json`: a model's answers.

use serde::{Deserialize, Serialize};

use crate::{EvalError, json};

const WHAT: &str = "the file of outputs";

/// One answer of a model. Other keys of the file are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelOutput {
    /// The collection that the instruction is from (`helpful_base`, `koala`, `oasst`, `selfinstruct`, `vicuna`).
    #[serde(default)]
    pub dataset: String,
    /// The instruction; no two rows of a file have the same.
    pub instruction: String,
    /// The answer.
    pub output: String,
    /// The model.
    #[serde(default)]
    pub generator: String,
}

/// Reads a file of outputs.
///
/// # Errors
///
/// Where the text is not an array of objects with an instruction and an output.
pub fn read_outputs(text: &[u8]) -> Result<Vec<ModelOutput>, EvalError> {
    json::read(WHAT, text)
}

/// Writes a file of outputs that the official tool reads.
///
/// # Errors
///
/// Never: texts can always be written.
pub fn write_outputs(outputs: &[ModelOutput]) -> Result<String, EvalError> {
    json::write(WHAT, outputs)
}

/// The name under which the leaderboard lists the model: the rows' generator, or "Current model" where they disagree.
#[must_use]
pub fn generator_name(outputs: &[ModelOutput]) -> &str {
    match outputs {
        [first, rest @ ..] if rest.iter().all(|row| row.generator == first.generator) => &first.generator,
        _ => "Current model",
    }
}

/// The mean number of Unicode code points of the answers, truncated, as the leaderboard shows it; nothing for no answers.
#[must_use]
pub fn average_length(outputs: &[ModelOutput]) -> Option<u64> {
    mean_length(outputs.iter().map(|row| code_points(&row.output)))
}

pub(crate) fn mean_length(lengths: impl Iterator<Item = usize>) -> Option<u64> {
    let (mut characters, mut rows) = (0_u64, 0_u64);
    for length in lengths {
        characters += length as u64;
        rows += 1;
    }
    characters.checked_div(rows)
}

/// The length of a text in code points.
pub(crate) fn code_points(text: &str) -> usize {
    text.chars().count()
}
