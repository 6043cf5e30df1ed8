//! Which answers are compared.

use std::collections::{HashMap, HashSet};

use super::ModelOutput;
use crate::EvalError;
use crate::python::permutation;

/// The seed with which both lists are shuffled before they are cut to a limit.
const SHUFFLE_SEED: u32 = 123;

/// The answers of the baseline and of the model to one instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The instruction.
    pub instruction: String,
    /// The collection that it is from.
    pub dataset: String,
    /// The baseline's answer.
    pub output_1: String,
    /// The baseline.
    pub generator_1: String,
    /// The model's answer.
    pub output_2: String,
    /// The model.
    pub generator_2: String,
}

impl Pair {
    /// Whether the answers are equal, so that the judge is not asked.
    #[must_use]
    pub fn is_draw(&self) -> bool {
        self.output_1 == self.output_2
    }
}

/// The inner join of a baseline's and a model's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairing {
    /// The pairs, in the order of the baseline's rows.
    pub pairs: Vec<Pair>,
    /// What was left out, for people to read.
    pub warnings: Vec<String>,
}

impl Pairing {
    /// Joins the answers by instruction. With a `limit`, both lists are first shuffled alike (if they are equally long) and cut.
    ///
    /// # Errors
    ///
    /// Where one side answers an instruction twice: the official tool would then compare every combination.
    pub fn of(
        baseline: &[ModelOutput],
        model: &[ModelOutput],
        limit: Option<usize>,
    ) -> Result<Self, EvalError> {
        let mut warnings = Vec::new();
        let (baseline, model) = match limit {
            Some(limit) => {
                let shuffled = baseline.len() == model.len();
                if !shuffled {
                    warnings
                        .push("the two lists are not equally long, so they are cut unshuffled".to_owned());
                }
                (cut(baseline, limit, shuffled), cut(model, limit, shuffled))
            }
            None => (baseline.iter().collect(), model.iter().collect()),
        };
        let by_instruction = by_instruction("the model's outputs", &model)?;
        let asked: HashSet<&str> =
            self::by_instruction("the baseline's outputs", &baseline)?.into_keys().collect();
        let pairs: Vec<Pair> = baseline
            .iter()
            .filter_map(|row| by_instruction.get(row.instruction.as_str()).map(|answer| pair(row, answer)))
            .collect();
        let unanswered = baseline.len() - pairs.len();
        if unanswered > 0 {
            warnings.push(format!("{unanswered} instructions of the baseline have no answer of the model"));
        }
        let unasked = model.iter().filter(|row| !asked.contains(row.instruction.as_str())).count();
        if unasked > 0 {
            warnings.push(format!("{unasked} answers of the model have no counterpart of the baseline"));
        }
        Ok(Self { pairs, warnings })
    }
}

fn cut(rows: &[ModelOutput], limit: usize, shuffled: bool) -> Vec<&ModelOutput> {
    if !shuffled {
        return rows.iter().take(limit).collect();
    }
    permutation(rows.len(), SHUFFLE_SEED).into_iter().take(limit).filter_map(|row| rows.get(row)).collect()
}

fn by_instruction<'a>(
    what: &'static str,
    rows: &[&'a ModelOutput],
) -> Result<HashMap<&'a str, &'a ModelOutput>, EvalError> {
    let mut map = HashMap::with_capacity(rows.len());
    for row in rows {
        if map.insert(row.instruction.as_str(), *row).is_some() {
            return Err(EvalError::Duplicate { what, key: row.instruction.clone() });
        }
    }
    Ok(map)
}

fn pair(baseline: &ModelOutput, model: &ModelOutput) -> Pair {
    Pair {
        instruction: baseline.instruction.clone(),
        dataset: baseline.dataset.clone(),
        output_1: baseline.output.clone(),
        generator_1: baseline.generator.clone(),
        output_2: model.output.clone(),
        generator_2: model.generator.clone(),
    }
}
