//! The judge's files.

use serde::{Deserialize, Serialize};

use super::verdict::extract_pair_winner;
use super::{GameWinner, OutputFormat, PairWinner, QuestionId, Score};
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
    /// What a reader has to know of the judge; no official script writes this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A line of `model_judgment/gpt-4_pair.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "PairRow")]
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
    pub judge: (String, String),
    /// What the judge was asked in the first game.
    pub g1_user_prompt: String,
    /// What it wrote.
    pub g1_judgment: String,
    /// What the judge was asked in the second game.
    pub g2_user_prompt: String,
    /// What it wrote.
    pub g2_judgment: String,
    /// The turn; missing where two single grades were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<i64>,
    /// When, in seconds since 1970.
    pub tstamp: f64,
    /// What a reader has to know of the judge; no official script writes this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A line as it may stand in a file: the winners may be left to what the judge wrote.
#[derive(Deserialize)]
struct PairRow {
    question_id: QuestionId,
    model_1: String,
    model_2: String,
    g1_winner: Option<GameWinner>,
    g2_winner: Option<GameWinner>,
    #[serde(default)]
    judge: (String, String),
    #[serde(default)]
    g1_user_prompt: String,
    #[serde(default)]
    g1_judgment: String,
    #[serde(default)]
    g2_user_prompt: String,
    #[serde(default)]
    g2_judgment: String,
    #[serde(default)]
    turn: Option<i64>,
    #[serde(default)]
    tstamp: f64,
    #[serde(default)]
    note: Option<String>,
}

impl From<PairRow> for PairJudgment {
    fn from(row: PairRow) -> Self {
        Self {
            g1_winner: row.g1_winner.unwrap_or_else(|| winner(&row.g1_judgment, false)),
            g2_winner: row.g2_winner.unwrap_or_else(|| winner(&row.g2_judgment, true)),
            question_id: row.question_id,
            model_1: row.model_1,
            model_2: row.model_2,
            judge: row.judge,
            g1_user_prompt: row.g1_user_prompt,
            g1_judgment: row.g1_judgment,
            g2_user_prompt: row.g2_user_prompt,
            g2_judgment: row.g2_judgment,
            turn: row.turn,
            tstamp: row.tstamp,
            note: row.note,
        }
    }
}

/// The winner in a judgment of either format: a letter, or two ratings.
fn winner(judgment: &str, exchanged: bool) -> GameWinner {
    let formats = [OutputFormat::Letter, OutputFormat::TwoRatings];
    let verdicts = formats.map(|format| extract_pair_winner(judgment, format));
    let found = verdicts.into_iter().find(|winner| *winner != PairWinner::Error);
    found.unwrap_or(PairWinner::Error).model(exchanged)
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
