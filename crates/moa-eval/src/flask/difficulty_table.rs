//! Scores by skill and level of difficulty.

use serde::{Serialize, Serializer};

use super::item::{EvaluationItem, LEVELS, Level};
use super::skill_table::SeenSkills;
use super::tally::printed;
use super::{Review, Tally};
use crate::{EvalError, count, table};

/// The scores of one skill at one level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LevelScore {
    /// The level.
    pub level: Level,
    /// The scores.
    #[serde(flatten)]
    pub tally: Tally,
    /// The mean over this and all easier levels; nothing of nothing.
    pub cumulative: Option<f64>,
}

/// The scores of each skill that was seen, at all five levels.
#[derive(Debug, Clone, PartialEq)]
pub struct DifficultyTable(Vec<(&'static str, [LevelScore; 5])>);

impl DifficultyTable {
    /// Adds the scores up. The level is that of the item in the same line as the review, not of the same number, as in the script: a
    /// missing review shifts all later ones. Scores without a level are left out.
    ///
    /// # Errors
    ///
    /// Where there are more reviews than items.
    ///
    /// # Source
    ///
    /// `aggregate_difficulty_skill.py`.
    pub fn of(reviews: &[Review], items: &[EvaluationItem]) -> Result<Self, EvalError> {
        if reviews.len() > items.len() {
            let reason = format!("it has {} rows for {} reviews", items.len(), reviews.len());
            return Err(EvalError::invalid_file("the evaluation set", None, reason));
        }
        let mut seen: SeenSkills<[Tally; 5]> = SeenSkills::default();
        for (review, item) in reviews.iter().zip(items) {
            seen.add(review, |tallies, score| {
                if let Some(level) = item.level {
                    tallies[level.place()].add(score);
                }
            });
        }
        let rows = seen.in_order().into_iter();
        Ok(Self(rows.map(|(skill, tallies)| (skill, levels(tallies))).collect()))
    }

    /// The skills and their levels.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &[LevelScore; 5])> {
        self.0.iter().map(|(skill, levels)| (*skill, levels))
    }

    /// Writes the table as the script does.
    ///
    /// # Errors
    ///
    /// Never: numbers can always be written.
    pub fn to_csv(&self) -> Result<String, EvalError> {
        let header = ["skill", "difficulty", "score", "count", "avg", "cumu"].map(str::to_owned).to_vec();
        let mut rows = vec![header];
        for (skill, levels) in self.iter() {
            for of in levels {
                let [sum, count] = of.tally.cells();
                let averages = [printed(of.tally.average()), printed(of.cumulative)];
                let cells = [skill.to_owned(), of.level.name().to_owned(), sum, count];
                rows.push(cells.into_iter().chain(averages).collect());
            }
        }
        table::write("the table of levels", csv::Terminator::CRLF, &rows)
    }
}

impl Serialize for DifficultyTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

fn levels(tallies: [Tally; 5]) -> [LevelScore; 5] {
    let (mut sum, mut rows) = (0.0, 0);
    LEVELS.map(|level| {
        let tally = tallies[level.place()];
        sum += tally.sum;
        rows += tally.count;
        let cumulative = (rows > 0).then(|| sum / count::as_f64(rows));
        LevelScore { level, tally, cumulative }
    })
}
