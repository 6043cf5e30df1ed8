//! The judge's files.

use serde::{Deserialize, Serialize};

use super::{GameWinner, QuestionId, Score};
use crate::{EvalError, json};

const WHAT: &str = "the file of judgments";

/// A line of `model_judgment/gpt-4_single.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgment {
    /// The question.
    pub question_id: QuestionId,
    /// The model that answered.
    pub model: String,
    /// The judge's model and the name of the prompt.
    #[serde(default)]
    pub judge: (String, String),
    /// What the judge was asked.
    #[serde(default)]
    pub user_prompt: String,
    /// What it wrote.
    #[serde(default)]
    pub judgment: String,
    /// The grade; nothing where pandas would see no number.
    pub score: Option<Score>,
    /// The turn, 1 or 2.
    pub turn: i64,
    /// When, in seconds since 1970.
    #[serde(default)]
    pub tstamp: f64,
}

/// A line of `model_judgment/gpt-4_pair.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairJudgment {
    /// The question.
    pub question_id: QuestionId,
    /// The first model.
    pub model_1: String,
    /// The second model.
    pub model_2: String,
    /// Who won with the first model shown first.
    pub g1_winner: GameWinner,
    /// Who won with the second model shown first.
    pub g2_winner: GameWinner,
    /// The judge's model and the name of the prompt.
    #[serde(default)]
    pub judge: (String, String),
    /// What the judge was asked in the first game.
    #[serde(default)]
    pub g1_user_prompt: String,
    /// What it wrote.
    #[serde(default)]
    pub g1_judgment: String,
    /// What the judge was asked in the second game.
    #[serde(default)]
    pub g2_user_prompt: String,
    /// What it wrote.
    #[serde(default)]
    pub g2_judgment: String,
    /// The turn; missing where two single grades were compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<i64>,
    /// When, in seconds since 1970.
    #[serde(default)]
    pub tstamp: f64,
}

/// Reads single grades.
///
/// # Errors
///
/// Where a line is no judgment.
pub fn read_judgments(text: &[u8]) -> Result<Vec<Judgment>, EvalError> {
    json::read_lines(WHAT, text)
}

/// Reads games.
///
/// # Errors
///
/// Where a line is no pair of games.
pub fn read_pair_judgments(text: &[u8]) -> Result<Vec<PairJudgment>, EvalError> {
    json::read_lines(WHAT, text)
}

/// Writes single grades that the official scripts read.
///
/// # Errors
///
/// Never: what a judgment holds can always be written.
pub fn write_judgments(judgments: &[Judgment]) -> Result<String, EvalError> {
    json::write_lines(WHAT, judgments)
}

/// Writes games that the official scripts read.
///
/// # Errors
///
/// Never: what a judgment holds can always be written.
pub fn write_pair_judgments(judgments: &[PairJudgment]) -> Result<String, EvalError> {
    json::write_lines(WHAT, judgments)
}
