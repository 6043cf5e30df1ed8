//! The questions.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{EvalError, json};

/// The categories, in the order of the questions: ten of each.
pub const CATEGORIES: [&str; 8] =
    ["writing", "roleplay", "reasoning", "math", "coding", "extraction", "stem", "humanities"];

/// The name of a category.
pub type Category = String;

/// The number of a question; other benchmarks in the same format use texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum QuestionId {
    /// MT-Bench: 81 to 160.
    Number(i64),
    /// Arena-Hard: a hash.
    Text(String),
}

impl fmt::Display for QuestionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Its number.
    pub question_id: QuestionId,
    /// Its category.
    #[serde(default)]
    pub category: Category,
    /// What is asked, turn by turn.
    pub turns: Vec<String>,
    /// Notes of the authors, which no script uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Value>,
    /// A temperature that wins over the category's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_temperature: Option<f64>,
}

/// Reads `question.jsonl`.
///
/// # Errors
///
/// Where a line is no question.
pub fn read_questions(text: &[u8]) -> Result<Vec<Question>, EvalError> {
    json::read_lines("the file of questions", text)
}

/// Whether the judge gets a reference answer (`NEED_REF_CATS`).
#[must_use]
pub fn needs_reference(category: &str) -> bool {
    matches!(category, "math" | "reasoning" | "coding" | "arena-hard-200")
}

/// The temperature at which a question is answered: a forced one, or the question's own, or its category's.
///
/// # Errors
///
/// Where a temperature is forced upon a question that requires one.
pub fn temperature(question: &Question, forced: Option<f64>) -> Result<f64, EvalError> {
    match (forced, question.required_temperature) {
        (Some(_), Some(required)) => Err(EvalError::InvalidOption {
            name: "the forced temperature",
            reason: format!("question {} requires {required}", question.question_id),
        }),
        (Some(temperature), None) | (None, Some(temperature)) => Ok(temperature),
        (None, None) => Ok(match question.category.as_str() {
            "extraction" | "math" | "coding" | "reasoning" | "arena-hard-200" => 0.0,
            "stem" | "humanities" => 0.1,
            _ => 0.7,
        }),
    }
}
