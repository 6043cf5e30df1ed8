//! Why nothing could be recommended.

use moa_core::Failure;

use crate::EvalError;
use crate::runner::RunnerError;

/// Why a calibration ended without a result. What was answered until then is kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// One of the halves has no item.
    #[error("of {items} items none is in the half to {half} on: each half needs one at least")]
    EmptyHalf {
        /// How many items there are.
        items: usize,
        /// What the half is for.
        half: &'static str,
    },
    /// There is no model.
    #[error("there is no model to measure")]
    NoModels,
    /// The budget does not even suffice to measure each model alone.
    #[error("the budget of {given} does not suffice to measure each model alone, which takes about {needed}")]
    BudgetTooSmall {
        /// What was given: a time, or an amount of money.
        given: String,
        /// What it takes to measure each model alone.
        needed: String,
        /// The smallest budget that leaves something to search with, as it is written on the command line.
        smallest: String,
    },
    /// Somebody stopped it.
    #[error("stopped")]
    Stopped,
    /// Every other call would fail for the same reason.
    #[error("{0}")]
    GivenUp(Failure),
    /// Some calls failed that may succeed when they are made again.
    #[error("{failed} of {total} answers failed, the first of them that of {first}: {failure}")]
    Failures {
        /// How many.
        failed: usize,
        /// Of how many.
        total: usize,
        /// Which one was the first.
        first: String,
        /// Why.
        failure: Failure,
    },
    /// What was measured cannot be evaluated.
    #[error(transparent)]
    Statistics(#[from] EvalError),
    /// Answers cannot be kept.
    #[error(transparent)]
    Storage(#[from] RunnerError),
}

impl CalibrationError {
    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::EmptyHalf { .. } => {
                Some("which half an item belongs to follows from its id: take more items".to_owned())
            }
            Self::NoModels => Some("name some with --models".to_owned()),
            Self::BudgetTooSmall { smallest, .. } => Some(format!(
                "--budget {smallest} is about the smallest that leaves something to search with; --limit takes fewer items, --models fewer models"
            )),
            Self::GivenUp(failure) => failure.hint.clone(),
            Self::Failures { .. } => Some("run the same command again: only these are asked".to_owned()),
            Self::Statistics(error) => error.hint(),
            Self::Storage(error) => error.hint(),
            Self::Stopped => None,
        }
    }
}
