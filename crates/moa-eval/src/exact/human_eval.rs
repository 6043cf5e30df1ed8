//! `HumanEval`'s formats. Candidate programs are not run here.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The problem.
    pub task_id: String,
    /// What follows the prompt.
    pub completion: String,
    /// Whatever else the line holds; the results repeat it.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// A line of a file of results.
#[derive(Serialize)]
struct SampleResult<'a> {
    #[serde(flatten)]
    sample: &'a Sample,
    result: &'a str,
    passed: bool,
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

/// More than this is no file of problems or samples, whatever a compressed one says.
const MOST_BYTES: u64 = 64 << 20;

/// Reads problems, from the plain file or from the compressed one that the package `human-eval` ships.
///
/// # Errors
///
/// Where a line is no problem, or what is compressed is damaged.
pub fn read_problems(text: &[u8]) -> Result<Vec<Problem>, EvalError> {
    const WHAT: &str = "the file of problems";
    json::read_lines(WHAT, &plain(WHAT, text)?)
}

/// What is in a file that may be compressed.
fn plain<'a>(what: &'static str, text: &'a [u8]) -> Result<Cow<'a, [u8]>, EvalError> {
    const GZIP: &[u8] = &[0x1f, 0x8b];
    if !text.starts_with(GZIP) {
        return Ok(Cow::Borrowed(text));
    }
    let mut plain = Vec::new();
    let read = MultiGzDecoder::new(text).take(MOST_BYTES).read_to_end(&mut plain);
    read.map_err(|error| EvalError::invalid_file(what, None, error))?;
    Ok(Cow::Owned(plain))
}

/// Reads samples, plain or compressed.
///
/// # Errors
///
/// Where a line is no sample, or there is none.
pub fn read_samples(text: &[u8]) -> Result<Vec<Sample>, EvalError> {
    const WHAT: &str = "the file of samples";
    let mut samples: Vec<Sample> = json::read_lines(WHAT, &plain(WHAT, text)?)?;
    // A file of results is one of samples too; what it says of them is said anew.
    for sample in &mut samples {
        sample.others.retain(|name, _| !["result", "passed"].contains(&name.as_str()));
    }
    if samples.is_empty() {
        return Err(EvalError::NothingToScore { what: "the samples" });
    }
    Ok(samples)
}

/// Writes what became of samples as the official script does: each line with its result and whether it passed.
///
/// # Errors
///
/// Never: texts can always be written.
pub fn write_results<'a>(
    results: impl Iterator<Item = (&'a Sample, &'a str, bool)>,
) -> Result<String, EvalError> {
    let result = |(sample, result, passed)| SampleResult { sample, result, passed };
    json::write_lines("the file of results", &results.map(result).collect::<Vec<_>>())
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
