//! Finds out which mixture of some models is best, and whether any of them is worth more than the best model alone.
//!
//! ```text
//! Item (task, id, conversation) ─ Half: by the hash of its name
//! Roster (models, temperatures) ─ pools ─ kinds: Candidates (alone, chosen, written; early_stops: escalated, sampled on)
//!   │
//!   └─ calibrate ── Workbench: every candidate through the engine of moa-core, its calls out of the CallBook where they are known
//!        each model alone, its samples ─ mixtures that choose: no call ─ mixtures that ask: successive halving      on one half
//!        └─ the finalists beside the best single model                                                               on the other half
//!             └─ Calibration: roles, correlations, reliability, every candidate, what is recommended and why
//! ```
//!
//! There is no second implementation of any kind of combination: a candidate is a [`moa_core::Mixture`], and what is measured is what will
//! run. Calls are kept by all that they depend on, so that candidates share their proposals and a run that was stopped goes on.

mod candidate;
mod confirming;
mod correlation;
mod document;
mod documenting;
mod early_stops;
mod equal_tokens;
mod error;
mod expense;
mod forecast;
mod forecasting;
mod half;
mod halving;
mod item;
mod kinds;
mod measuring;
mod pools;
mod ranking;
mod reliability;
mod roles;
mod roster;
mod rounds;
mod scoreboard;
mod search;
mod settings;
mod verdict;
mod workbench;

pub use candidate::Candidate;
pub use correlation::{effective, phi};
pub use document::{Alternative, Calibration, CandidateRow, Correlation, Measurement, TaskRow};
pub use equal_tokens::{EqualTokens, Weighed};
pub use error::CalibrationError;
pub use expense::{Currency, Expense};
pub use forecast::{Forecast, Part};
pub use half::Half;
pub use halving::{rounds, runs, survivors};
pub use item::{Item, ask_for_programs, forms};
pub use kinds::candidates;
pub use measuring::{Mark, Watch};
pub use reliability::{Bin, CertaintyFigure, Reliability, bins};
pub use roles::{ModelRow, SampledRow};
pub use roster::Roster;
pub use scoreboard::Share;
pub use search::{calibrate, forecast};
pub use settings::{Settings, Told};
pub use verdict::{Confirmed, Finding, TaskDifference, confidence, recommended};
pub use workbench::{Ran, Workbench};

#[cfg(test)]
mod tests;
