mod files;
mod hostile;
mod leaderboard;
mod prompts;
mod reproduction;
mod scoring;

use super::*;
use crate::EvalError;

/// Scores annotations.
fn score(
    annotations: &[Annotation],
    references: &References<'_>,
    options: &Options,
) -> Result<AlpacaScore, EvalError> {
    let rows: Vec<Comparison> = annotations.iter().map(Comparison::from).collect();
    super::score(&rows, references, options)
}

/// A row whose judge gave this preference; the model's answer is longer by `more` characters.
fn row(preference: Option<f64>, more: usize) -> Annotation {
    Annotation {
        instruction: format!("instruction {more}"),
        output_1: "x".repeat(50),
        output_2: "y".repeat(50 + more),
        generator_1: "baseline".to_owned(),
        generator_2: "model".to_owned(),
        preference,
        ..Annotation::default()
    }
}

/// Forty rows in which longer answers are liked better.
fn rows() -> Vec<Annotation> {
    (0..40_u8).map(|index| row(Some(1.2 + 0.015 * f64::from(index % 37)), usize::from(index) * 3)).collect()
}

fn minimal() -> Options {
    Options { variant: Variant::Minimal, ..Options::default() }
}
