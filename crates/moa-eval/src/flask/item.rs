//! The evaluation set.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{EvalError, json};

const WHAT: &str = "the evaluation set";

/// The levels of difficulty, easy to hard.
pub const LEVELS: [Level; 5] = [Level::Simple, Level::Advanced, Level::Formal, Level::Major, Level::Expert];

/// A level of difficulty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Level {
    /// Simple lifestyle knowledge.
    #[serde(rename = "simple lifestyle knowledge")]
    Simple,
    /// Advanced lifestyle knowledge.
    #[serde(rename = "advanced lifestyle knowledge")]
    Advanced,
    /// Formal education knowledge.
    #[serde(rename = "formal education knowledge")]
    Formal,
    /// Major level knowledge.
    #[serde(rename = "major level knowledge")]
    Major,
    /// Expert level knowledge.
    #[serde(rename = "expert level knowledge")]
    Expert,
}

impl Level {
    /// As the files write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple lifestyle knowledge",
            Self::Advanced => "advanced lifestyle knowledge",
            Self::Formal => "formal education knowledge",
            Self::Major => "major level knowledge",
            Self::Expert => "expert level knowledge",
        }
    }

    pub(crate) fn place(self) -> usize {
        match self {
            Self::Simple => 0,
            Self::Advanced => 1,
            Self::Formal => 2,
            Self::Major => 3,
            Self::Expert => 4,
        }
    }
}

/// A row of `flask_evaluation.jsonl` or `flask_hard_evaluation.jsonl`, in the published spelling (`idx`, `instruction`, `skill`, `domain`,
/// `difficulty`) or the scripts' (`question_id`, `text`, `metrics`, `domain_labeled`, `difficulty_labeled`).
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluationItem {
    /// Its number, from 1.
    pub id: u64,
    /// The instruction.
    pub instruction: String,
    /// The reference answer.
    pub answer: String,
    /// The names of the skills that are graded, mostly three.
    pub skills: Vec<String>,
    /// Its domains; "-1" stands for none.
    pub domains: Vec<String>,
    /// Its level; nothing for the two items without one.
    pub level: Option<Level>,
    fields: Map<String, Value>,
}

impl EvaluationItem {
    /// All fields of the row, as a review repeats them.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    pub(crate) fn from_fields(
        what: &'static str,
        line: usize,
        fields: Map<String, Value>,
    ) -> Result<Self, EvalError> {
        let either = |names: [&str; 2]| names.into_iter().find_map(|name| fields.get(name));
        let invalid = |reason: String| EvalError::invalid_file(what, Some(line), reason);
        let id = either(["idx", "question_id"]).and_then(Value::as_u64);
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let texts = |names: [&str; 2]| match either(names) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text.clone()]),
            Some(Value::Array(values)) => {
                let texts = values.iter().map(|value| value.as_str().map(str::to_owned));
                texts
                    .collect::<Option<Vec<String>>>()
                    .ok_or_else(|| invalid(format!("{} is no list of texts", names[0])))
            }
            Some(_) => Err(invalid(format!("{} is no list of texts", names[0]))),
        };
        let level = either(["difficulty", "difficulty_labeled"]).and_then(Value::as_str);
        Ok(Self {
            id: id.ok_or_else(|| invalid("there is no idx".to_owned()))?,
            instruction: text(either(["instruction", "text"])),
            answer: text(fields.get("answer")),
            skills: texts(["skill", "metrics"])?,
            domains: texts(["domain", "domain_labeled"])?,
            level: level.and_then(|name| LEVELS.into_iter().find(|level| level.name() == name)),
            fields,
        })
    }
}

/// Reads an evaluation set.
///
/// # Errors
///
/// Where a line has no number, or skills or domains that are no lists.
pub fn read_items(text: &[u8]) -> Result<Vec<EvaluationItem>, EvalError> {
    let rows: Vec<Map<String, Value>> = json::read_lines(WHAT, text)?;
    let item = |(index, fields)| EvaluationItem::from_fields(WHAT, index + 1, fields);
    rows.into_iter().enumerate().map(item).collect()
}
