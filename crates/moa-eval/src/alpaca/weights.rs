//! Stored coefficients of models, from which their length-controlled win rates follow without any annotation.

use serde::Serialize;

use super::Difficulty;
use super::solver::sigmoid;
use crate::table::{self, Table};
use crate::{EvalError, count};

const WHAT: &str = "the table of weights";
const COLUMNS: [&str; 3] =
    ["np.tanh(std_delta_len)", "instruction_difficulty", "not_gamed_baseline.astype(float)"];

/// What the length-controlled model learned of a model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Coefficients {
    /// Of the standardised difference of lengths.
    pub length: f64,
    /// Of the instruction's difficulty.
    pub difficulty: f64,
    /// Of the model itself.
    pub constant: f64,
}

impl Coefficients {
    /// The probability that the model is preferred at equal lengths.
    pub(crate) fn predict(&self, difficulty: f64) -> f64 {
        sigmoid(self.constant + self.difficulty * difficulty)
    }
}

/// A win rate and its standard error, as percentages.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Predicted {
    /// The mean prediction.
    pub win_rate: f64,
    /// Its standard error.
    pub standard_error: f64,
}

impl Predicted {
    /// Sums up predictions in [0, 1].
    pub(crate) fn of(predictions: &[f64]) -> Self {
        let rows = count::as_f64(predictions.len());
        Self {
            win_rate: 100.0 * count::mean(predictions),
            standard_error: 100.0 * count::standard_deviation(predictions) / rows.sqrt(),
        }
    }
}

/// The coefficients of many models against one baseline.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredWeights {
    models: Vec<(String, Coefficients)>,
}

impl StoredWeights {
    /// Reads `baseline_gpt4_1106_preview.csv` of the package; the first column names the model.
    ///
    /// # Errors
    ///
    /// Where a column is missing or a cell is no number.
    pub fn read(text: &[u8]) -> Result<Self, EvalError> {
        let mut table = Table::open(WHAT, text)?;
        let [length, difficulty, constant] = COLUMNS;
        let columns = [table.column(length)?, table.column(difficulty)?, table.column(constant)?];
        let mut weights = Self::default();
        table.each(|row| {
            let [length, difficulty, constant] = columns;
            let coefficients = Coefficients {
                length: row.number(length)?,
                difficulty: row.number(difficulty)?,
                constant: row.number(constant)?,
            };
            weights.models.push((row.text(0).to_owned(), coefficients));
            Ok(())
        })?;
        Ok(weights)
    }

    /// The names of the models.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.models.iter().map(|(name, _)| name.as_str())
    }

    /// The coefficients of a model; the last row counts where there are two.
    ///
    /// # Errors
    ///
    /// Where the model is not there.
    pub fn of(&self, model: &str) -> Result<Coefficients, EvalError> {
        let found = self.models.iter().rev().find(|(name, _)| name == model);
        found
            .map(|(_, coefficients)| *coefficients)
            .ok_or_else(|| EvalError::UnknownEntry { what: WHAT, name: model.to_owned() })
    }

    /// Adds a model, in place of an older row of that name.
    pub fn insert(&mut self, model: &str, coefficients: Coefficients) {
        self.models.retain(|(name, _)| name != model);
        self.models.push((model.to_owned(), coefficients));
    }

    /// The length-controlled win rate of a model over the first `rows` instructions: 805, or as many as its file of annotations had.
    ///
    /// # Errors
    ///
    /// Where the model is not there, or there are not as many difficulties.
    pub fn length_controlled(
        &self,
        model: &str,
        difficulty: &Difficulty,
        rows: usize,
    ) -> Result<Predicted, EvalError> {
        let coefficients = self.of(model)?;
        let values = difficulty
            .values()
            .get(..rows)
            .ok_or_else(|| EvalError::UnknownDifficulty { instruction: format!("row {rows}") })?;
        let predictions: Vec<f64> = values.iter().map(|value| coefficients.predict(*value)).collect();
        Ok(Predicted::of(&predictions))
    }

    /// The length-controlled win rate of `model` against `opponent`, over all instructions.
    ///
    /// # Errors
    ///
    /// Where one of them is not there.
    ///
    /// # Units
    ///
    /// Per cent; `predict_winrate` of the package gives a fraction.
    pub fn head_to_head(
        &self,
        model: &str,
        opponent: &str,
        difficulty: &Difficulty,
    ) -> Result<Predicted, EvalError> {
        let (model, opponent) = (self.of(model)?, self.of(opponent)?);
        let between = Coefficients {
            length: 0.0,
            difficulty: model.difficulty - opponent.difficulty,
            constant: model.constant - opponent.constant,
        };
        let predictions: Vec<f64> = difficulty.values().iter().map(|value| between.predict(*value)).collect();
        Ok(Predicted::of(&predictions))
    }

    /// Writes the table with sixteen decimals, as the package does.
    ///
    /// # Errors
    ///
    /// Never: names and numbers can always be written.
    pub fn write(&self) -> Result<String, EvalError> {
        let header = std::iter::once("").chain(COLUMNS).map(str::to_owned).collect();
        let rows = self.models.iter().map(|(name, of)| {
            let numbers = [of.length, of.difficulty, of.constant].map(|value| format!("{value:.16}"));
            std::iter::once(name.clone()).chain(numbers).collect()
        });
        let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
        table::write(WHAT, csv::Terminator::Any(b'\n'), &rows)
    }
}
