//! The leaderboard's table.

use serde::Serialize;

use super::AlpacaScore;
use crate::EvalError;
use crate::python::repr;
use crate::table::{self, Row, Table};

const WHAT: &str = "the leaderboard";
const COLUMNS: [&str; 11] = [
    "win_rate",
    "standard_error",
    "n_wins",
    "n_wins_base",
    "n_draws",
    "n_total",
    "discrete_win_rate",
    "mode",
    "avg_length",
    "length_controlled_winrate",
    "lc_standard_error",
];

/// One model's row. Rates are percentages.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the columns are those of AlpacaScore")]
pub struct LeaderboardRow {
    pub model: String,
    pub win_rate: Option<f64>,
    pub standard_error: Option<f64>,
    pub n_wins: Option<usize>,
    pub n_wins_base: Option<usize>,
    pub n_draws: Option<usize>,
    pub n_total: Option<usize>,
    pub discrete_win_rate: Option<f64>,
    /// Who vouches for the row: `minimal`, `verified`, `community`, `dev`.
    pub mode: String,
    pub avg_length: Option<usize>,
    pub length_controlled_winrate: Option<f64>,
    pub lc_standard_error: Option<f64>,
}

impl LeaderboardRow {
    /// The row of a score.
    #[must_use]
    pub fn new(score: &AlpacaScore, mode: &str) -> Self {
        Self {
            model: score.model.clone(),
            win_rate: Some(score.win_rate.win_rate),
            standard_error: Some(score.win_rate.standard_error),
            n_wins: Some(score.win_rate.n_wins),
            n_wins_base: Some(score.win_rate.n_wins_base),
            n_draws: Some(score.win_rate.n_draws),
            n_total: Some(score.win_rate.n_total),
            discrete_win_rate: Some(score.win_rate.discrete_win_rate),
            mode: mode.to_owned(),
            avg_length: usize::try_from(score.avg_length).ok(),
            length_controlled_winrate: score.length_controlled_winrate,
            lc_standard_error: score.lc_standard_error,
        }
    }

    fn cells(&self) -> Vec<String> {
        let number = |value: Option<f64>| value.filter(|value| !value.is_nan()).map(repr).unwrap_or_default();
        let count = |value: Option<usize>| value.map(|value| value.to_string()).unwrap_or_default();
        vec![
            self.model.clone(),
            number(self.win_rate),
            number(self.standard_error),
            count(self.n_wins),
            count(self.n_wins_base),
            count(self.n_draws),
            count(self.n_total),
            number(self.discrete_win_rate),
            self.mode.clone(),
            count(self.avg_length),
            number(self.length_controlled_winrate),
            number(self.lc_standard_error),
        ]
    }
}

/// All rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Leaderboard {
    /// The models, in the order of the file.
    pub rows: Vec<LeaderboardRow>,
}

impl Leaderboard {
    /// Reads `weighted_alpaca_eval_gpt4_turbo_leaderboard.csv`; columns are found by name, and all but the model's may be missing.
    ///
    /// # Errors
    ///
    /// Where a cell is no number.
    pub fn read(text: &[u8]) -> Result<Self, EvalError> {
        let mut table = Table::open(WHAT, text)?;
        let places = COLUMNS.map(|column| table.optional_column(column));
        let mut rows = Vec::new();
        table.each(|row| {
            rows.push(read_row(&row, &places)?);
            Ok(())
        })?;
        Ok(Self { rows })
    }

    /// A model's row.
    ///
    /// # Errors
    ///
    /// Where it is not there.
    pub fn of(&self, model: &str) -> Result<&LeaderboardRow, EvalError> {
        let found = self.rows.iter().find(|row| row.model == model);
        found.ok_or_else(|| EvalError::UnknownEntry { what: WHAT, name: model.to_owned() })
    }

    /// Adds a row, in place of an older one of that name, where its length-controlled win rate puts it.
    pub fn insert(&mut self, row: LeaderboardRow) {
        self.rows.retain(|other| other.model != row.model);
        let rate = |row: &LeaderboardRow| {
            row.length_controlled_winrate.or(row.win_rate).unwrap_or(f64::NEG_INFINITY)
        };
        let place = self.rows.iter().position(|other| rate(other) < rate(&row)).unwrap_or(self.rows.len());
        self.rows.insert(place, row);
    }

    /// Writes the table as pandas does.
    ///
    /// # Errors
    ///
    /// Never: names and numbers can always be written.
    pub fn write(&self) -> Result<String, EvalError> {
        let header = std::iter::once("").chain(COLUMNS).map(str::to_owned).collect();
        let rows: Vec<Vec<String>> =
            std::iter::once(header).chain(self.rows.iter().map(LeaderboardRow::cells)).collect();
        table::write(WHAT, csv::Terminator::Any(b'\n'), &rows)
    }
}

fn read_row(row: &Row<'_>, places: &[Option<usize>; 11]) -> Result<LeaderboardRow, EvalError> {
    let number = |column: usize| places[column].map_or(Ok(None), |place| row.optional_number(place));
    let count = |column: usize| match places[column] {
        Some(place) if !row.text(place).trim().is_empty() => row.index(place).map(Some),
        _ => Ok(None),
    };
    Ok(LeaderboardRow {
        model: row.text(0).to_owned(),
        win_rate: number(0)?,
        standard_error: number(1)?,
        n_wins: count(2)?,
        n_wins_base: count(3)?,
        n_draws: count(4)?,
        n_total: count(5)?,
        discrete_win_rate: number(6)?,
        mode: places[7].map(|place| row.text(place).to_owned()).unwrap_or_default(),
        avg_length: count(8)?,
        length_controlled_winrate: number(9)?,
        lc_standard_error: number(10)?,
    })
}
