//! Scores by domain.

use std::collections::HashMap;

use serde::{Serialize, Serializer};

use super::scores::to_number;
use super::tally::printed;
use super::{Review, Tally};
use crate::{EvalError, table};

/// The domains, in the table's order.
pub const DOMAINS: [&str; 10] = [
    "Humanities",
    "Language",
    "Social Science",
    "History",
    "Culture",
    "Technology",
    "Coding",
    "Math",
    "Natural Science",
    "Health",
];

/// The mean score of each domain that was seen, in the order of [`DOMAINS`].
#[derive(Debug, Clone, PartialEq)]
pub struct DomainTable(Vec<(&'static str, Tally)>);

impl DomainTable {
    /// Adds the scores up: each counts once for every domain of its item, whatever the skill.
    ///
    /// # Source
    ///
    /// `aggregate_domain.py`.
    #[must_use]
    pub fn of(reviews: &[Review]) -> Self {
        let mut seen: HashMap<&str, Tally> = HashMap::new();
        for review in reviews {
            for domain in &review.item.domains {
                let tally = seen.entry(domain).or_default();
                review
                    .scores
                    .iter()
                    .filter_map(|(_, value)| to_number(value))
                    .for_each(|score| tally.add(score));
            }
        }
        Self(
            DOMAINS.into_iter().filter_map(|domain| seen.get(domain).map(|tally| (domain, *tally))).collect(),
        )
    }

    /// The domains and their sums.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Tally)> {
        self.0.iter().copied()
    }

    /// Writes the table as the script does: with the first word of each name.
    ///
    /// # Errors
    ///
    /// Never: numbers can always be written.
    pub fn to_csv(&self) -> Result<String, EvalError> {
        let rows = self.iter().map(|(domain, tally)| {
            let [sum, count] = tally.cells();
            let word = domain.split(' ').next().unwrap_or_default().to_owned();
            vec![word, sum, count, printed(tally.average())]
        });
        let header = ["domain", "sum", "count", "avg"].map(str::to_owned).to_vec();
        let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
        table::write("the table of domains", csv::Terminator::CRLF, &rows)
    }
}

impl Serialize for DomainTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
