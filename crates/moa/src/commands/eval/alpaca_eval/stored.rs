//! Length-controlled win rates out of stored weights, where there are no annotations.

use moa_eval::alpaca::{Coefficients, Difficulty, Leaderboard, Predicted, StoredWeights};
use serde::Serialize;

use crate::commands::eval::arguments::TableFormat;
use crate::commands::eval::columns::{Columns, csv, number};
use crate::commands::eval::input;
use crate::commands::{print, print_json};
use crate::complaint::Complaint;

/// What is looked up.
pub(crate) struct Lookup<'a> {
    pub(crate) weights: &'a StoredWeights,
    pub(crate) difficulty: &'a Difficulty,
    /// Nothing for all models.
    pub(crate) model: Option<&'a str>,
    /// Nothing for the baseline of the weights.
    pub(crate) against: Option<&'a str>,
    pub(crate) rows: Option<usize>,
    pub(crate) leaderboard: Option<&'a Leaderboard>,
}

/// What is found for one model.
#[derive(Serialize)]
struct Found<'a> {
    model: &'a str,
    against: Option<&'a str>,
    length_controlled_winrate: f64,
    lc_standard_error: f64,
    n_total: usize,
    coefficients: Coefficients,
    /// What the leaderboard says, if there is one and the model is on it.
    leaderboard_winrate: Option<f64>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn print(&self, format: TableFormat) -> Result<(), Complaint> {
        let found = match self.model {
            Some(model) => vec![self.of(model)?],
            None => {
                let mut found =
                    self.weights.models().map(|model| self.of(model)).collect::<Result<Vec<_>, _>>()?;
                found.sort_by(|left, right| {
                    right.length_controlled_winrate.total_cmp(&left.length_controlled_winrate)
                });
                found
            }
        };
        match (format, found.as_slice()) {
            (TableFormat::Json, [one]) => print_json(one),
            (TableFormat::Json, all) => print_json(&all),
            (TableFormat::Csv, all) => {
                let header = ["model", "length_controlled_winrate", "lc_standard_error", "n_total"];
                let rows = all.iter().map(|of| {
                    let rates =
                        [of.length_controlled_winrate, of.lc_standard_error].map(|rate| rate.to_string());
                    let [rate, error] = rates;
                    vec![of.model.to_owned(), rate, error, of.n_total.to_string()]
                });
                print(&csv(std::iter::once(header.map(str::to_owned).to_vec()).chain(rows))?)
            }
            (TableFormat::Text, all) => print(&self.text(all)),
        }
    }

    fn of(&self, model: &'a str) -> Result<Found<'a>, Complaint> {
        let rows = self.rows.unwrap_or(self.difficulty.values().len());
        let predicted: Predicted = match self.against {
            Some(opponent) => self.weights.head_to_head(model, opponent, self.difficulty),
            None => self.weights.length_controlled(model, self.difficulty, rows),
        }
        .map_err(|error| input::complaint(&error))?;
        let coefficients = self.weights.of(model).map_err(|error| input::complaint(&error))?;
        let listed =
            self.leaderboard.filter(|_| self.against.is_none()).and_then(|board| board.of(model).ok());
        Ok(Found {
            model,
            against: self.against,
            length_controlled_winrate: predicted.win_rate,
            lc_standard_error: predicted.standard_error,
            n_total: rows,
            coefficients,
            leaderboard_winrate: listed.and_then(|row| row.length_controlled_winrate),
        })
    }

    fn text(&self, all: &[Found<'_>]) -> String {
        let opponent = self.against.unwrap_or("the baseline of the weights");
        // An interval out of this error would be too narrow: it knows how predictions are spread, and nothing of the judge.
        let mut table = Columns::new(["model", "LC win rate", "error", "n", "leaderboard"]);
        for of in all {
            let (rate, error) = (of.length_controlled_winrate, of.lc_standard_error);
            table.row(vec![
                of.model.to_owned(),
                number(Some(rate)),
                number(Some(error)),
                of.n_total.to_string(),
                number(of.leaderboard_winrate),
            ]);
        }
        format!("against {opponent}, from stored weights, per cent\n\n{table}")
    }
}
