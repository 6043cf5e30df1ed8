//! Ways to combine the answers of a layer, and how it is decided between them.
//!
//! Everything here is a function of the proposals alone: nobody is asked. What must ask a model, such as a ranking, is asked by the
//! engine and read here, and so is what came of programs that were run.

mod agreement;
mod ballot;
mod candidate;
mod certainty;
mod choosing;
mod consistency;
mod decision;
mod diversity;
mod early_stop;
mod folding;
mod kind;
mod mux;
mod rank;
mod run_candidates;
mod vote;

pub(crate) use agreement::{agreement, likeness};
pub use ballot::Ballot;
pub(crate) use candidate::{Candidate, Standings};
pub use certainty::CertaintyMeasure;
#[cfg(test)]
pub(crate) use choosing::choose;
pub use choosing::{Choosing, ChoosingKind};
pub(crate) use choosing::{Reply, choose_by, choose_by_running, shortlist};
pub use decision::{Decision, Judged};
pub use early_stop::{AgreedAnswer, AgreementMeasure, EarlyStop, Saved};
pub(crate) use folding::windows;
pub use kind::Aggregation;
pub use rank::RankMethod;
pub(crate) use rank::{MOST_RANKED, Shown};
pub(crate) use run_candidates::{Tried, TriedPrograms};

#[cfg(test)]
mod tests;
