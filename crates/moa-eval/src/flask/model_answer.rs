//! A model's answers to an evaluation set.

use serde::{Deserialize, Serialize};

use crate::{EvalError, json};

const WHAT: &str = "the file of answers";

/// A line of a file of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelAnswer {
    /// The number of the item (`idx` of the evaluation set).
    pub question_id: u64,
    /// The answer.
    pub text: String,
    /// The model.
    #[serde(default)]
    pub model_id: String,
}

/// Reads answers.
///
/// # Errors
///
/// Where a line is no answer.
pub fn read_model_answers(text: &[u8]) -> Result<Vec<ModelAnswer>, EvalError> {
    json::read_lines(WHAT, text)
}

/// Writes answers that the official script reads.
///
/// # Errors
///
/// Never: what an answer holds can always be written.
pub fn write_model_answers(answers: &[ModelAnswer]) -> Result<String, EvalError> {
    json::write_lines(WHAT, answers)
}
