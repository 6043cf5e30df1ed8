//! The "gamed" baselines: what the length-controlled model is held to.

use super::Difficulty;
use super::solver::Sample;
use crate::EvalError;
use crate::table::Table;

const WHAT: &str = "the table of gamed rows";

/// `regularize_to_baseline_lambda`.
const LAMBDA: f64 = 0.2;

/// The package divides by two, "because there are two gamed baselines", whatever the table holds.
const BASELINES: f64 = 2.0;

/// The preferences for the baseline that was told to be verbose, and for the one that was told to be concise.
#[derive(Debug, Clone, PartialEq)]
pub struct GamedRows {
    samples: Vec<Sample>,
    difficulty: Difficulty,
}

impl GamedRows {
    /// Reads `df_gamed.csv`; the columns are found by name.
    ///
    /// # Errors
    ///
    /// Where a column is missing or a cell is no number.
    pub fn read(text: &[u8]) -> Result<Self, EvalError> {
        let mut table = Table::open(WHAT, text)?;
        let preference = table.column("preference")?;
        let index = table.column("index")?;
        let length = table.column("std_delta_len")?;
        let difficulty = table.column("instruction_difficulty")?;
        let not_gamed = table.column("not_gamed_baseline")?;
        let (mut samples, mut difficulties) = (Vec::new(), Vec::new());
        let mut seen = std::collections::HashSet::new();
        table.each(|row| {
            let index = row.index(index)?;
            let difficulty = row.number(difficulty)?;
            if seen.insert(index) {
                difficulties.push((index, difficulty));
            }
            let not_gamed = match row.text(not_gamed).trim() {
                "True" | "true" | "1" | "1.0" => true,
                "False" | "false" | "0" | "0.0" => false,
                other => return Err(row.error(format!("{other:?} is neither True nor False"))),
            };
            let features = [row.number(length)?.tanh(), difficulty, if not_gamed { 1.0 } else { 0.0 }];
            if let Some(target) = row.optional_number(preference)? {
                if !(0.0..=1.0).contains(&target) {
                    return Err(row.error(format!("the preference {target} is not within [0, 1]")));
                }
                let weight = if not_gamed { 1.0 } else { LAMBDA / BASELINES };
                samples.push(Sample { features, target, weight });
            }
            Ok(())
        })?;
        Ok(Self { samples, difficulty: Difficulty::from_rows(difficulties)? })
    }

    /// The difficulties of the instructions, which the package takes from this table.
    #[must_use]
    pub fn difficulty(&self) -> &Difficulty {
        &self.difficulty
    }

    pub(crate) fn samples(&self) -> &[Sample] {
        &self.samples
    }
}
