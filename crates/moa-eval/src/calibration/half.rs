//! The two halves of the items: one to search on, one to confirm on.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Half of the items. Which one an item belongs to follows from its name alone, so that it never changes sides, whatever else is measured
/// with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Half {
    /// Candidates are compared and thrown out on these items.
    Search,
    /// The few that are left are measured on these, which nothing was chosen by.
    Confirmation,
}

impl Half {
    /// The half of an item of a task.
    #[must_use]
    pub fn of(task: &str, id: &str) -> Self {
        if hash(task, id) & 1 == 0 { Self::Search } else { Self::Confirmation }
    }
}

/// A number by which items are put into an order that is as good as chance and always the same. Its lowest bit is the half.
pub(super) fn hash(task: &str, id: &str) -> u64 {
    let sum = Sha256::new().chain_update(task).chain_update([0]).chain_update(id).finalize();
    sum.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
#[path = "half_tests.rs"]
mod tests;
