//! Answers `scripts/check_eval.py`, which knows what Python says: one JSON object a line in, one value a line out.

use std::error::Error;
use std::io::{BufRead as _, Write as _};

use moa_eval::statistics::{Bootstrap, mcnemar, wilson};
use moa_eval::{alpaca, flask, mt_bench};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Question {
    /// Is the order of this instruction's answers switched?
    Coin(String),
    /// The first of so many instructions that a limit leaves.
    Limit(usize),
    /// The scores in this review.
    Review(String),
    /// The grade in this judgment.
    Grade(String),
    /// The test's p-value.
    Mcnemar(usize, usize),
    /// Successes, trials and confidence.
    Wilson(usize, usize, f64),
    /// The mean of groups of values.
    Bootstrap(Vec<Vec<f64>>),
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        writeln!(out, "{}", answer(serde_json::from_str(&line?)?)?)?;
    }
    Ok(())
}

fn answer(question: Question) -> Result<Value, Box<dyn Error>> {
    Ok(match question {
        Question::Coin(instruction) => alpaca::is_switched(&instruction).into(),
        Question::Limit(rows) => {
            let output = |row: usize| alpaca::ModelOutput {
                dataset: String::new(),
                instruction: row.to_string(),
                output: String::new(),
                generator: String::new(),
            };
            let outputs: Vec<_> = (0..rows).map(output).collect();
            let pairs = alpaca::Pairing::of(&outputs, &outputs, Some(rows))?.pairs;
            pairs.into_iter().map(|pair| pair.instruction).collect()
        }
        Question::Review(review) => {
            // The order of the keys counts, so they travel as pairs.
            let scores = flask::parse_scores(&review);
            scores.iter().map(|(key, value)| json!([key, value])).collect()
        }
        Question::Grade(judgment) => json!(mt_bench::extract_score(&judgment)),
        Question::Mcnemar(first, second) => mcnemar(first, second).p_value.into(),
        Question::Wilson(successes, trials, confidence) => json!(wilson(successes, trials, confidence)?),
        Question::Bootstrap(groups) => json!(Bootstrap::default().mean(groups.iter().map(Vec::as_slice))?),
    })
}
