//! The answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::QuestionId;
use crate::{EvalError, json};

const WHAT: &str = "the file of answers";

/// A model's answer to a question, or the reference answer to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The question.
    pub question_id: QuestionId,
    /// A short random name.
    #[serde(default)]
    pub answer_id: String,
    /// The model.
    #[serde(default)]
    pub model_id: String,
    /// The answers; only the first is judged.
    pub choices: Vec<Choice>,
    /// When it was made, in seconds since 1970.
    #[serde(default)]
    pub tstamp: f64,
}

/// One conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Its place among the choices.
    #[serde(default)]
    pub index: u32,
    /// The answers, turn by turn.
    pub turns: Vec<String>,
}

impl Answer {
    /// The judged answer of a turn, counted from 0.
    pub(crate) fn turn(&self, turn: usize) -> Option<&str> {
        self.choices.first()?.turns.get(turn).map(String::as_str)
    }
}

/// Reads a file of answers or of reference answers.
///
/// # Errors
///
/// Where a line is no answer.
pub fn read_answers(text: &[u8]) -> Result<Vec<Answer>, EvalError> {
    json::read_lines(WHAT, text)
}

/// Sorts answers by question and keeps the last one of each, as the official script does after a run (`reorg_answer_file`).
#[must_use]
pub fn latest_by_question(answers: Vec<Answer>) -> Vec<Answer> {
    let latest: BTreeMap<QuestionId, Answer> =
        answers.into_iter().map(|answer| (answer.question_id.clone(), answer)).collect();
    latest.into_values().collect()
}

/// Writes answers that the official scripts read.
///
/// # Errors
///
/// Never: what an answer holds can always be written.
pub fn write_answers(answers: &[Answer]) -> Result<String, EvalError> {
    json::write_lines(WHAT, answers)
}
