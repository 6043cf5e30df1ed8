//! The answer in a text, and whether it is right.

use moa_core::extraction::{choice, final_text, normalized, number};
use serde::{Deserialize, Serialize};

use super::{Task, TaskKind};

/// Whether an answer is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is one of the right answers.
    Correct,
    /// It is another one.
    Incorrect,
    /// There is no answer in the text.
    Invalid,
}

impl Verdict {
    /// 1 or 0, or nothing for an invalid answer.
    #[must_use]
    pub fn score(self) -> Option<f64> {
        match self {
            Self::Correct => Some(1.0),
            Self::Incorrect => Some(0.0),
            Self::Invalid => None,
        }
    }
}

/// A marked answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Marked {
    /// Whether it is right.
    pub verdict: Verdict,
    /// What was taken for the answer.
    pub extracted: Option<String>,
}

/// Marks a text by the rule of this module's head.
#[must_use]
pub fn mark(task: &Task, text: &str) -> Marked {
    let (found, is_right) = match task.kind {
        TaskKind::Number => {
            let found = number(text);
            let is_right = found.as_ref().is_some_and(|found| {
                task.answers.iter().any(|answer| number(answer).is_some_and(|answer| answer == *found))
            });
            (found.map(|number| number.to_string()), is_right)
        }
        TaskKind::Choice => {
            let found = choice(text);
            let is_right = found.is_some() && task.answers.iter().any(|answer| choice(answer) == found);
            (found.map(String::from), is_right)
        }
        TaskKind::Text => {
            let found = final_text(text);
            let is_equal = |expected: &str, found: &str| !expected.is_empty() && expected == found;
            let is_right = task.answers.iter().any(|answer| {
                let expected = normalized(answer);
                is_equal(&expected, &normalized(text))
                    || found.as_ref().is_some_and(|found| is_equal(&expected, found))
            });
            (found, is_right)
        }
    };
    let verdict = match (&found, is_right) {
        (None, _) => Verdict::Invalid,
        (Some(_), true) => Verdict::Correct,
        (Some(_), false) => Verdict::Incorrect,
    };
    Marked { verdict, extracted: found }
}

/// What counts as the answer in a text, as [`mark`] finds it.
#[must_use]
pub fn extract(kind: TaskKind, text: &str) -> Option<String> {
    match kind {
        TaskKind::Number => number(text).map(|number| number.to_string()),
        TaskKind::Choice => choice(text).map(String::from),
        TaskKind::Text => final_text(text),
    }
}
