//! How difficult each instruction is: the `g` of the length-controlled model.

use std::collections::HashMap;

use crate::EvalError;
use crate::table::Table;

const WHAT: &str = "the table of difficulties";

/// How the difficulty of a row is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DifficultyOf {
    /// By the number of the row in the file of annotations, as the official package does it, also where the file lacks rows and all
    /// later ones get the difficulty of another instruction. The leaderboard's numbers are of this kind.
    #[default]
    RowNumber,
    /// By the instruction, which is what was meant.
    Instruction,
}

/// The difficulties of the 805 instructions, in the baseline's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Difficulty {
    values: Vec<f64>,
    rows: HashMap<String, usize>,
}

impl Difficulty {
    /// Reads `instruction_difficulty.csv`: columns `index` (or a nameless first one) and `instruction_difficulty`.
    ///
    /// # Errors
    ///
    /// Where a column or an index is missing, or a cell is no number.
    pub fn read(text: &[u8]) -> Result<Self, EvalError> {
        let mut table = Table::open(WHAT, text)?;
        let index = match table.optional_column("index").or(table.optional_column("")) {
            Some(column) => column,
            None => table.column("index")?,
        };
        let value = table.column("instruction_difficulty")?;
        let mut rows = Vec::new();
        table.each(|row| {
            rows.push((row.index(index)?, row.number(value)?));
            Ok(())
        })?;
        Self::from_rows(rows)
    }

    /// Difficulties out of pairs of index and value, in any order.
    pub(crate) fn from_rows(mut rows: Vec<(usize, f64)>) -> Result<Self, EvalError> {
        rows.sort_by_key(|(index, _)| *index);
        if let Some(place) = rows.iter().enumerate().position(|(place, (index, _))| place != *index) {
            let reason = format!("the index {place} is missing or there twice");
            return Err(EvalError::invalid_file(WHAT, None, reason));
        }
        Ok(Self { values: rows.into_iter().map(|(_, value)| value).collect(), rows: HashMap::new() })
    }

    /// Says which instructions these are, in the baseline's order, so that they can be looked up by instruction.
    #[must_use]
    pub fn with_instructions<'a>(mut self, instructions: impl IntoIterator<Item = &'a str>) -> Self {
        let rows = instructions.into_iter().enumerate();
        self.rows = rows.map(|(row, instruction)| (instruction.to_owned(), row)).collect();
        self
    }

    /// All difficulties, in the baseline's order.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The difficulty of one row of a file of annotations.
    ///
    /// # Errors
    ///
    /// Where it is not known.
    pub fn of(&self, row: usize, instruction: &str, how: DifficultyOf) -> Result<f64, EvalError> {
        let place = match how {
            DifficultyOf::RowNumber => Some(row),
            DifficultyOf::Instruction => self.rows.get(instruction).copied(),
        };
        place.and_then(|place| self.values.get(place)).copied().ok_or_else(|| EvalError::UnknownDifficulty {
            instruction: match how {
                DifficultyOf::RowNumber => format!("row {} of the annotations", row + 1),
                DifficultyOf::Instruction => format!("the instruction {:?}", shortened(instruction)),
            },
        })
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}
