//! Scores by skill.

use std::collections::HashMap;

use serde::{Serialize, Serializer};

use super::scores::{is_not_applicable, to_number};
use super::skills::{SKILLS, first_word, is_logical, named_skill};
use super::tally::printed;
use super::{Review, Tally};
use crate::{EvalError, table};

/// The mean score of each skill that was seen, in the order of [`SKILLS`].
#[derive(Debug, Clone, PartialEq)]
pub struct SkillTable(Vec<(&'static str, Tally)>);

impl SkillTable {
    /// Adds the scores up.
    ///
    /// # Source
    ///
    /// `aggregate_skill.py`.
    #[must_use]
    pub fn of(reviews: &[Review]) -> Self {
        let mut seen: SeenSkills<Tally> = SeenSkills::default();
        for review in reviews {
            seen.add(review, Tally::add);
        }
        Self(seen.in_order())
    }

    /// The skills and their sums.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Tally)> {
        self.0.iter().copied()
    }

    /// Writes the table as the script does.
    ///
    /// # Errors
    ///
    /// Never: numbers can always be written.
    pub fn to_csv(&self) -> Result<String, EvalError> {
        let rows = self.iter().map(|(skill, tally)| {
            let [sum, count] = tally.cells();
            vec![skill.to_owned(), sum, count, printed(tally.average())]
        });
        let header = ["skill", "score", "count", "avg"].map(str::to_owned).to_vec();
        let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
        table::write("the table of skills", csv::Terminator::CRLF, &rows)
    }
}

/// The single scores behind a [`SkillTable`], in the order of the reviews: what its means are spread over.
#[must_use]
pub fn scores_by_skill(reviews: &[Review]) -> Vec<(&'static str, Vec<f64>)> {
    let mut seen: SeenSkills<Vec<f64>> = SeenSkills::default();
    for review in reviews {
        seen.add(review, Vec::push);
    }
    seen.in_order()
}

impl Serialize for SkillTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// Sums by skill, with the scripts' way of getting from a judge's key to a skill, quirks included: a key registers a skill only if its
/// first word is no skill yet, and a score for an unregistered skill is lost.
#[derive(Debug, Default)]
pub(crate) struct SeenSkills<T>(HashMap<String, T>);

impl<T: Default> SeenSkills<T> {
    pub(crate) fn add(&mut self, review: &Review, mut add: impl FnMut(&mut T, f64)) {
        for (key, value) in review.scores.iter() {
            let Some(skill) = named_skill(key) else { continue };
            let is_new = first_word(key).is_some_and(|word| !self.0.contains_key(word));
            if is_new && !(is_logical(key) && self.0.contains_key(skill)) {
                self.0.insert(skill.to_owned(), T::default());
            }
            if is_not_applicable(value) {
                continue;
            }
            if let (Some(sum), Some(score)) = (self.0.get_mut(skill), to_number(value)) {
                add(sum, score);
            }
        }
    }

    pub(crate) fn in_order(mut self) -> Vec<(&'static str, T)> {
        SKILLS.into_iter().filter_map(|skill| self.0.remove(skill).map(|sum| (skill, sum))).collect()
    }
}
